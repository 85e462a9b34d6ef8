# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a specimen is, and the numbers that all of them are made of.

They are dyadic, so that moving and scaling rounds nothing, and not negative, so that
they can be activations. The last column is the same everywhere.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skneon.network import (
    Network,
    Pooling,
    Query,
    Rule,
    Scales,
    SupportWeights,
    Units,
)
from skneon.network.numerics._types import Array
from skneon.testing._change import Change

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
REPEATED = np.arange(N_ROWS) % 5
WEIGHTS = RNG.integers(1, 9, size=N_SUPPORT).astype(float)
MEMBERS = np.arange(N_SUPPORT) % 3
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


def weights_of(change: Change, groups: bool = False) -> SupportWeights:
    weights = change.kept(WEIGHTS)
    numbers = np.arange(len(weights)) // 2 if groups else None
    return SupportWeights(weights / weights.sum(), groups=numbers)


def support_of(change: Change) -> Array:
    return np.asarray(change.training(SUPPORT))
