# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of outlier scores by nearest neighbours (ours)."""

from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.utils.validation import check_is_fitted

from skneon._compat import StrOptions, training_rows
from skneon._normal_tail import neighbors_tail
from skneon._validation import check_magnitude
from skneon.network import (
    Distance,
    LocalOutlierFactorPooling,
    Mean,
    NearestDistances,
    NearestNeighborsPooling,
    NeighborsMean,
    Network,
    Pooling,
    Query,
    Rule,
    Shapley,
    SquaredDistance,
    SupportWeights,
    Units,
    rule_named,
)
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel, TrainingRows
from skneon.neuralization._options import RULE, Options
from skneon.neuralization._own_rows import without
from skneon.neuralization._support_groups import support_groups
from skneon.neuralization.models._given_rows import compared_with
from skneon.neuralization.models._metrics import refuse_metric

# how far the cells of one row may be apart by rounding, relative to a column's largest
SAME = 1e-9


@dataclass(frozen=True, kw_only=True)
class NeighborOptions(Options):
    """Options of scores by neighbours, as in `neuralize`."""

    target: str = "mean_distance"
    squared: bool = True
    rule: str | Rule | None = None
    groups: Any = None
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {
        **Options.constraints,
        "target": [StrOptions({"mean_distance", "kth_distance", "mean_vector"})],
        "squared": ["boolean"],
        "rule": RULE,
    }


@dataclass(frozen=True, kw_only=True)
class OutlierFactorOptions(Options):
    """Options of the local outlier factor, as in `neuralize`."""

    X_train: Any = None


class NeuralizedNeighbors(NeuralizedModel):
    """A score by nearest neighbours and its network; made by `neuralize`.

    Where distances tie, the neighbours are those that the model finds.

    Parameters
    ----------
    model, network, target, meta, training
        As in `NeuralizedModel`. The units' support are the training rows.
    """

    accept_sparse = "csr"

    @property
    def search(self) -> NearestNeighborsPooling:
        """The layer that finds the neighbours."""
        found = getattr(self.network.units, "search", self.network.pooling)
        assert isinstance(found, NearestNeighborsPooling)
        return found

    @property
    def n_neighbors(self) -> int:
        """How many neighbours count."""
        return self.search.n_neighbors

    def check_rest(self, numbers: Array, absent: Array) -> None:
        """Refuse a model that has too few neighbours."""
        some, first = np.unique(absent, return_index=True)
        present = self.search.support_weights(Query(absent=some)) > 0
        n_present = np.count_nonzero(present, axis=1)
        fewest = n_present.argmin()
        if n_present[fewest] < self.n_neighbors:
            raise ValueError(
                f"Without training row {numbers[first[fewest]]}, and its group, "
                f"{n_present[fewest]} training rows are left, fewer than "
                f"n_neighbors={self.n_neighbors}: X=None needs more. "
                "Pass X, or fit with fewer neighbours."
            )

    def rows(self, X: Any, **asked: Any) -> tuple[Any, Query]:
        """Clean rows and their query."""
        data, query = super().rows(X, **asked)
        assert self.training is not None
        numbers = without(X is None, data.shape[0], len(self.training.rows), **asked)
        return data, replace(query, neighbors=self._found(data, numbers))

    def training_rows(self, numbers: Array) -> tuple[Any, Query]:
        """Some of the rows that X=None stands for, and their query as with X=None."""
        data, query = super().training_rows(numbers)
        return data, replace(query, neighbors=self._found(data, numbers))

    def _found(self, data: Any, numbers: Array) -> Array:
        """The neighbours that the model finds, (n, k).

        Of rows without a training row, by its number, that they are: those of this row
        among the others. So ties are settled alike, however that is asked.
        """
        # it is asked about plain arrays
        finder = copy(self.model)
        vars(finder).pop("feature_names_in_", None)
        asked = partial(finder.kneighbors, return_distance=False)
        k, own = self.n_neighbors, np.flatnonzero(numbers >= 0)
        if len(own):
            own = own[self._are_training_rows(data[own], numbers[own])]
        found = np.empty((data.shape[0], k), dtype=np.intp)
        if len(own):
            rows = training_rows(finder)[numbers[own]]
            found[own] = _others(asked(rows, n_neighbors=k + 1), numbers[own])
        rest = np.setdiff1d(np.arange(data.shape[0]), own)
        if len(rest):
            found[rest] = asked(data[rest], n_neighbors=k)
        return found

    def _are_training_rows(self, rows: Any, numbers: Array) -> Array:
        """Whether rows are the training rows of these numbers, but for rounding."""
        assert self.training is not None
        kept = self.training.rows
        slack = SAME * np.abs(kept).max(axis=0)
        gap = np.abs(dense(rows) - kept[numbers])
        return np.asarray((gap <= slack).all(axis=1))


def _others(found: Array, numbers: Array) -> Array:
    """Neighbours without the row itself, or the first where equal ones hide it.

    That is how scikit-learn finds those of its own rows.
    """
    kept = found != numbers[:, None]
    kept[kept.all(axis=1), 0] = False
    return np.asarray(found[kept]).reshape(len(found), found.shape[1] - 1)


@neuralize.register
def neuralize_nearest_neighbors(
    model: NearestNeighbors, **options: Any
) -> NeuralizedNeighbors:
    """The network of scikit-learn's `NearestNeighbors`: distances to the neighbours.

    ``target="mean_distance"``: the mean of the squared distances that ``kneighbors``
    finds; ``"kth_distance"``: the last of them, squared; ``"mean_vector"``: the squared
    distance to the mean of the neighbours. With ``squared=False`` the distances
    themselves: the indices gamma, kappa and delta of Harmeling, Dornhege, Tax, Meinecke
    and Müller (From outliers to prototypes: ordering data. Neurocomputing, 2006).

    Rules: "proportional", the default, shares the distances to the neighbours as they
    are found with all columns; "shapley" (not for "mean_vector") looks for them among
    the columns of each subset.
    """
    check_is_fitted(model)
    chosen = NeighborOptions.of(model, options)
    support, k = support_of(model), model.n_neighbors
    if k > len(support):
        raise ValueError(
            f"n_neighbors={k} is more than the {len(support)} training rows."
        )
    weights, training = equal_training(support, chosen.groups)
    training = compared_with(training, model, chosen.X_train, "csr")
    rule = _rule(chosen)
    units, pooling = _layers(support, k, weights, chosen, type(rule) is Shapley)
    network = Network(units, pooling, rule, n_jobs=chosen.n_jobs)
    meta = {"n_neighbors": k, "squared": chosen.squared}
    if chosen.squared and chosen.target != "mean_vector":
        meta["tail"] = neighbors_tail(support, chosen.target, k)
    return NeuralizedNeighbors(model, network, chosen.target, meta, training)


def _rule(chosen: NeighborOptions) -> Rule:
    """The rule that is asked for.

    Raises
    ------
    ValueError
        For one that does not explain this index.
    """
    if chosen.rule in (None, Rule.name):
        return Rule()
    found = rule_named(chosen.rule)
    known = (Rule,) if chosen.target == "mean_vector" else (Rule, Shapley)
    if type(found) not in known:
        names = ", ".join(repr(kind.name) for kind in known)
        raise ValueError(
            f"rule={found.name!r} does not explain target={chosen.target!r}: take "
            f"{names}."
        )
    return found


def _layers(
    support: Array,
    k: int,
    weights: SupportWeights,
    chosen: NeighborOptions,
    as_game: bool,
) -> tuple[Units, Pooling]:
    """Units and pooling of an index of outliers by neighbours."""
    if chosen.target == "mean_vector":
        search = NearestNeighborsPooling(k, "mean", weights)
        return NeighborsMean(support, search, chosen.squared), Mean(symbol="o")
    units = SquaredDistance(support) if chosen.squared else Distance(support)
    statistic = chosen.target.removesuffix("_distance")
    kind = NearestDistances if as_game else NearestNeighborsPooling
    return units, kind(k, statistic, weights)


@neuralize.register
def neuralize_local_outlier_factor(
    model: LocalOutlierFactor, **options: Any
) -> NeuralizedNeighbors:
    """The network of scikit-learn's `LocalOutlierFactor`, minus ``score_samples``.

    For X=None minus ``negative_outlier_factor_``. What it leaves as the residual is
    said in `skneon.network.LocalOutlierFactorPooling`.
    """
    check_is_fitted(model)
    chosen = OutlierFactorOptions.of(model, options)
    if not model.novelty:
        raise ValueError(
            "LocalOutlierFactor(novelty=False) predicts no rows but its own: fit it "
            "with novelty=True."
        )
    support, k = support_of(model), model.n_neighbors_
    distances, neighbors = model.kneighbors(n_neighbors=k)
    k_distance = distances[:, -1]
    reach = np.maximum(distances, k_distance[neighbors])
    # as in scikit-learn, no division by 0 among duplicates
    density = 1 / (reach.mean(axis=1) + 1e-10)
    weights, training = equal_training(support, None)
    training = replace(training, scores=-model.negative_outlier_factor_)
    training = compared_with(training, model, chosen.X_train, "csr")
    network = Network(
        Distance(support),
        LocalOutlierFactorPooling(k_distance, density, k, weights),
        Rule(),
        n_jobs=chosen.n_jobs,
    )
    meta = {"n_neighbors": k}
    return NeuralizedNeighbors(model, network, "outlier", meta, training)


def equal_training(support: Array, groups: Any) -> tuple[SupportWeights, TrainingRows]:
    """Equal weights of the training rows, and how each is left out."""
    n = len(support)
    absent, numbers = support_groups(groups, np.ones(n, dtype=bool))
    weights = SupportWeights(np.full(n, 1 / n), groups=numbers)
    return weights, TrainingRows(support, absent=absent)


def support_of(model: Any) -> Array:
    """The rows that the model was fitted to, if its metric is euclidean."""
    if model.effective_metric_ not in ("euclidean", "l2"):
        settings = {"p": model.p, "metric_params": model.metric_params}
        refuse_metric(model, model.metric, **settings)
    support = dense(training_rows(model)).astype(float)
    check_magnitude(support)
    return support
