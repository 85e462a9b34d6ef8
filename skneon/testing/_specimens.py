# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Small networks of all kinds of layers, on which rules and engines are checked.

Their numbers are dyadic, so that moving and scaling rounds nothing, and not negative,
so that they can be activations. The last column is the same everywhere.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from skneon.network import (
    CentroidPairs,
    Cosine,
    Distance,
    GaussianKernel,
    GroupedLogMeanExp,
    Inputs,
    LocalOutlierFactorPooling,
    LogMeanExp,
    LogSumExp,
    LogWeights,
    MahalanobisDistance,
    MahalanobisPairs,
    Mean,
    MemberDistance,
    Min,
    NearestNeighborsPooling,
    Network,
    Pooling,
    Query,
    RivalWeights,
    Rule,
    Scales,
    Search,
    SplitPairs,
    SquaredDistance,
    SupportWeights,
    Units,
)
from skneon.network.numerics._types import Array
from skneon.testing._change import Change
from skneon.testing._forest_specimens import RULES, trees
from skneon.testing._linkage_specimens import ABSENT, LINKAGES, N_FLAT, linkage

N_SUPPORT, N_ROWS, N_COLUMNS, N_CLUSTERS = 14, 23, 4, 4
GRID = 2.0**10
RNG = np.random.default_rng(0)


def _dyadic(n: int, d: int = N_COLUMNS) -> Array:
    """Numbers from 0 to 4, the last column the same everywhere."""
    values = np.round(RNG.uniform(0, 4, size=(n, d)) * GRID) / GRID
    values[:, -1] = 1.5
    return values


ROWS, SUPPORT, CENTROIDS = _dyadic(N_ROWS), _dyadic(N_SUPPORT), _dyadic(N_CLUSTERS)
# one row lies on a support point
ROWS[0] = SUPPORT[0]
REPEATED, MEMBERS = np.arange(N_ROWS) % 5, np.arange(N_SUPPORT) % 3
WEIGHTS = RNG.integers(1, 9, size=N_SUPPORT).astype(float)
MATRIX = RNG.integers(-2, 3, size=(N_COLUMNS, 2)) + np.eye(N_COLUMNS, 2) * 4
OMEGA, PHASE = RNG.normal(size=(30, N_COLUMNS)), RNG.uniform(0, 6, size=30)
FACTORS = RNG.normal(size=(N_CLUSTERS, N_COLUMNS, N_COLUMNS)) / 2
GAMMA = 0.5
Layers = tuple[Units, Pooling]


@dataclass(frozen=True)
class Specimen:
    """A small network of some kind of layers, and how it changes with its data.

    Attributes
    ----------
    name : str
    layers : callable
        Takes a `Change`, and gives units and pooling of the changed data.
    n_clusters : int
        How many clusters can be asked about; 0: none.
    leaves_out : bool
        Whether it knows support points that can be absent.
    agreeing : bool
        Whether a column gets nothing where the row agrees with all points in it. Not
        kernels, whose value is large where a row agrees.
    power : int
        Of the data's scale, by which one over the stiffness grows.
    asks : tuple of str
        Where activations are no functions of sums over the columns: a rule must need
        one of these.
    changes : bool
        Whether `layers` heeds a change.
    options : dict
        Further arguments of `Network`.
    table : ndarray of shape (n, d), or None
        Rows to explain, in the place of the usual ones.
    rtol : float
        To what another way to compute it may differ.
    """

    name: str
    layers: Callable[[Change], Layers] = field(repr=False)
    n_clusters: int = 0
    leaves_out: bool = False
    agreeing: bool = True
    power: int = 2
    asks: tuple[str, ...] = ()
    changes: bool = True
    options: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    table: Array | None = field(default=None, repr=False, compare=False)
    rtol: float = 1e-9

    def network(self, rule: Rule | None, change: Change | None = None) -> Network:
        """The network of changed data, with a rule that is bound to it.

        Raises
        ------
        TypeError, ValueError
            Where the rule does not fit these layers.
        """
        change = change or Change()
        layers = self.layers(change)
        if rule is not None:
            rule = rule.bound(self.scales(change))
        return Network(*layers, rule, **self.options)

    def scales(self, change: Change) -> Scales:
        """What rules may ask of a model."""
        return Scales(
            gamma=GAMMA / change.scale**self.power,
            auto_beta=lambda: 0.25 / change.scale**self.power,
            training_rows=lambda: change(SUPPORT),
        )

    @property
    def rows(self) -> Array:
        """Rows to explain, shape (n, d)."""
        rows = ROWS if self.table is None else np.asarray(self.table)
        return rows.astype(self.options.get("dtype", float))

    def queries(self) -> Iterator[tuple[str, Query]]:
        """Questions about the rows, by their names."""
        numbers = np.arange(len(self.rows))
        yield "all", Query()
        if self.n_clusters:
            cluster = numbers % self.n_clusters
            yield "cluster", Query(cluster=cluster)
            rival = (cluster + 1) % self.n_clusters
            rival[::3] = -1
            yield "rival", Query(cluster=cluster, rival=rival)
        if self.leaves_out:
            yield "absent", Query(absent=numbers % (N_SUPPORT + 1) - 1)


def _weights(change: Change, groups: bool = False) -> SupportWeights:
    weights = change.kept(WEIGHTS)
    numbers = np.arange(len(weights)) // 2 if groups else None
    return SupportWeights(weights / weights.sum(), groups=numbers)


def _support(change: Change) -> Array:
    return np.asarray(change.training(SUPPORT))


def _distances(change: Change) -> Layers:
    pooling = LogMeanExp(GAMMA / change.scale**2, _weights(change))
    return SquaredDistance(_support(change)), pooling


def _single(change: Change) -> Layers:
    _, pooling = _distances(change)
    return SquaredDistance(_support(change).astype(np.float32)), pooling


def _groups(change: Change) -> Layers:
    pooling = LogMeanExp(GAMMA, _weights(change, groups=True))
    return SquaredDistance(_support(change)), pooling


def _plain_distances(change: Change) -> Layers:
    pooling = LogMeanExp(GAMMA / change.scale, _weights(change))
    return Distance(_support(change)), pooling


def _biased(change: Change) -> Layers:
    weights, gamma = _weights(change), GAMMA / change.scale**2
    units = SquaredDistance(_support(change), -np.log(weights.weights) / gamma)
    return units, LogMeanExp(gamma, weights)


def _kernels(change: Change) -> Layers:
    weights = _weights(change)
    units = GaussianKernel(_support(change), GAMMA / change.scale**2, weights)
    return units, Mean(weights)


def _cosines(change: Change) -> Layers:
    """Random features that move with the data: the phases are about its center."""
    omega = change.ordered(OMEGA) / change.scale
    gamma = GAMMA / change.scale**2
    units = Cosine(_support(change), gamma, _weights(change), omega, PHASE)
    # leaving out moves the center: phases are taken about that of all rows
    moved = (units.points.center - np.asarray(change(SUPPORT)).mean(axis=0)) @ omega.T
    return Cosine(
        _support(change), gamma, _weights(change), omega, PHASE + moved
    ), Mean()


def _nearest(statistic: str) -> Callable[[Change], Layers]:
    def layers(change: Change) -> Layers:
        pooling = NearestNeighborsPooling(4, statistic, _weights(change))
        return SquaredDistance(_support(change)), pooling

    return layers


def _local_outlier_factor(change: Change) -> Layers:
    k_distance = change.kept(np.linspace(0.5, 2.0, N_SUPPORT)) * change.scale
    density = change.kept(np.linspace(1.0, 3.0, N_SUPPORT)) / change.scale
    weights = _weights(change)
    pooling = LocalOutlierFactorPooling(k_distance, density, 4, weights)
    return Distance(_support(change)), pooling


def _centroids(change: Change) -> Layers:
    return CentroidPairs(np.asarray(change(CENTROIDS))), Min()


def _several_centroids(change: Change) -> Layers:
    points = np.asarray(change(SUPPORT[:6]))
    return CentroidPairs(points, np.array([0, 1, 2, 3, 1, 0])), Min()


def _splits(change: Change) -> Layers:
    centers = np.asarray(change(SUPPORT[:7]))
    children = np.array([[1, 2], [3, 4], [5, 6], *[[-1, -1]] * 4])
    return SplitPairs(centers, children, np.array([-1, -1, -1, 0, 1, 2, 3])), Min()


def _metrics(change: Change) -> Array:
    return (
        np.asarray(FACTORS if change.columns is None else FACTORS[:, change.columns])
        / change.scale
    )


def _mixture(change: Change) -> Layers:
    units = MahalanobisDistance(np.asarray(change(CENTROIDS)), _metrics(change))
    return units, LogSumExp(LogWeights(np.log([0.1, 0.2, 0.3, 0.4])))


def _log_odds(change: Change) -> Layers:
    weights = RivalWeights(np.log([0.1, 0.2, 0.3, 0.4]))
    units = MahalanobisPairs(np.asarray(change(CENTROIDS)), _metrics(change), weights)
    return units, LogSumExp(weights)


def _members(change: Change) -> Layers:
    pooling = GroupedLogMeanExp(
        GAMMA / change.scale**2, _weights(change), change.kept(MEMBERS)
    )
    return MemberDistance(_support(change), pooling), pooling


def _behind_a_map(of: Callable[[Change], Layers]) -> Callable[[Change], Layers]:
    """The same layers on two linear combinations of the columns.

    The map follows the change, so that what is behind it stays as it is.
    """

    def layers(change: Change) -> Layers:
        matrix = MATRIX if change.columns is None else MATRIX[change.columns]
        matrix = matrix / change.scale
        shift = np.zeros(N_COLUMNS) if change.shift is None else change.shift
        center = np.asarray(change(SUPPORT.mean(axis=0)[None]))[0]
        inputs = Inputs.identity(N_COLUMNS).mixed(matrix, -shift @ matrix, center)
        units, pooling = of(Change(absent=change.absent))
        return units.through(inputs), pooling

    return layers


def _flat(of: str) -> Callable[[Change], Layers]:
    """Layers in two columns, that a map of four leads to."""

    def layers(change: Change) -> Layers:
        points = np.asarray(change.kept(SUPPORT)) @ MATRIX
        if of == "kernels":
            weights = _weights(change)
            return GaussianKernel(points, GAMMA / 8, weights), Mean(weights)
        if of == "centroids":
            return CentroidPairs(CENTROIDS @ MATRIX), Min()
        return SquaredDistance(points), LogMeanExp(GAMMA / 8, _weights(change))

    return _behind_a_map(layers)


def _of_two_parents(of: Callable[[Change], Layers]) -> Callable[[Change], Layers]:
    """The same layers, whose columns belong to two explained ones."""

    def layers(change: Change) -> Layers:
        units, pooling = of(change)
        inputs = Inputs(np.array([0, 1, 0, 2]), 3, list(range(N_COLUMNS)))
        return units.through(inputs), pooling

    return layers


class Halves:
    """A layer between units and pooling, which passes on half of each."""

    def forward(self, H: Array, query: Query) -> Array:
        """Half of each activation."""
        return H / 2

    def backward(
        self, H: Array, R: Array, weights: Array, query: Query
    ) -> tuple[Array, Array]:
        """Relevance and weights as they come: one unit below each."""
        return R, weights


_PRUNED = {"search": Search("kd_tree", 1e-13)}
_SINGLE = {"dtype": np.float32}
_ALL = [
    Specimen("distances", _distances, leaves_out=True),
    Specimen("distances-behind-a-map", _flat("distances"), leaves_out=True, power=0),
    Specimen("plain-distances", _plain_distances, leaves_out=True, power=1),
    Specimen("biased-distances", _biased),
    Specimen("kernels", _kernels, leaves_out=True, agreeing=False),
    Specimen("kernels-behind-a-map", _flat("kernels"), agreeing=False, power=0),
    Specimen(
        "random-features",
        _cosines,
        leaves_out=True,
        agreeing=False,
        asks=("shares_by_feature", "carried"),
    ),
    Specimen("mean-of-neighbors", _nearest("mean"), leaves_out=True),
    Specimen("kth-neighbor", _nearest("kth"), leaves_out=True),
    Specimen("local-outlier-factor", _local_outlier_factor, leaves_out=True),
    Specimen("centroids", _centroids, N_CLUSTERS),
    Specimen("centroids-behind-a-map", _flat("centroids"), N_CLUSTERS, power=0),
    Specimen("several-centroids", _several_centroids, 4),
    Specimen("splits", _splits, 4),
    Specimen("mixture", _mixture, power=0),
    Specimen("log-odds", _log_odds, N_CLUSTERS, power=0),
    Specimen("members", _members, 3, leaves_out=True),
    *(Specimen(name, linkage(SUPPORT, name), N_FLAT) for name in LINKAGES),
    Specimen("merges", linkage(SUPPORT, "complete-merges"), power=1),
]
_UNCHANGING = [
    Specimen("distances-by-a-tree", _distances, leaves_out=True, options=_PRUNED),
    Specimen("distances-in-groups", _groups),
    Specimen(
        "distances-in-float32", _single, leaves_out=True, options=_SINGLE, rtol=1e-3
    ),
    Specimen("distances-of-parents", _of_two_parents(_distances), leaves_out=True),
    Specimen("kernels-of-parents", _of_two_parents(_kernels), agreeing=False),
    Specimen("centroids-of-parents", _of_two_parents(_centroids), N_CLUSTERS),
    Specimen("distances-with-a-middle", _distances, options={"middle": (Halves(),)}),
    Specimen("centroids-of-repeated-rows", _centroids, 4, table=ROWS[REPEATED]),
    *(Specimen(f"trees-{rule}", trees(SUPPORT, rule)) for rule in RULES),
    *(Specimen(f"{k}-absent", linkage(SUPPORT, k), N_FLAT, True) for k in ABSENT),
    Specimen("centroids-with-a-middle", _centroids, 4, options={"middle": (Halves(),)}),
]

SPECIMENS: dict[str, Specimen] = {
    specimen.name: specimen
    for specimen in [*_ALL, *(replace(s, changes=False) for s in _UNCHANGING)]
}


def specimens_named(networks: Iterable[str | Specimen] | None) -> list[Specimen]:
    """The specimens of these names; a `Specimen` is its own, None stands for all.

    Raises
    ------
    TypeError
        For what is no list of names and specimens.
    ValueError
        For a name that none has.
    """
    if networks is None:
        return [*SPECIMENS.values()]
    if isinstance(networks, str) or not isinstance(networks, Iterable):
        raise TypeError(f"networks must be a list of names, got {networks!r}.")
    chosen = []
    for name in networks:
        if not isinstance(name, str | Specimen):
            raise TypeError(f"networks holds {name!r}: it takes names and Specimens.")
        if isinstance(name, str) and name not in SPECIMENS:
            raise ValueError(
                f"networks holds {name!r}, which is none of {', '.join(SPECIMENS)}."
            )
        chosen.append(SPECIMENS[name] if isinstance(name, str) else name)
    return chosen
