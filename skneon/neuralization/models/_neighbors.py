# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of outlier scores by nearest neighbours (ours)."""

from copy import copy
from dataclasses import dataclass, replace
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
    NearestNeighborsPooling,
    Network,
    Query,
    Rule,
    SquaredDistance,
    SupportWeights,
)
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel, TrainingRows
from skneon.neuralization._options import Options
from skneon.neuralization._support_groups import support_groups
from skneon.neuralization.models._given_rows import compared_with
from skneon.neuralization.models._metrics import refuse_metric


@dataclass(frozen=True, kw_only=True)
class NeighborOptions(Options):
    """Options of scores by neighbours, as in `neuralize`."""

    target: str = "mean_distance"
    groups: Any = None
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {
        **Options.constraints,
        "target": [StrOptions({"mean_distance", "kth_distance"})],
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
    def n_neighbors(self) -> int:
        """How many neighbours count."""
        pooling = self.network.pooling
        assert isinstance(pooling, NearestNeighborsPooling)
        return pooling.n_neighbors

    def check_rest(self, numbers: Array, absent: Array) -> None:
        """Refuse a model that has too few neighbours."""
        pooling = self.network.pooling
        assert isinstance(pooling, NearestNeighborsPooling)
        some, first = np.unique(absent, return_index=True)
        present = pooling.support_weights(Query(absent=some)) > 0
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
        own = X is None and not asked
        return data, replace(query, neighbors=self._found(None if own else data))

    def training_rows(self, numbers: Array) -> tuple[Any, Query]:
        """Some of the rows that X=None stands for, and their query as with X=None."""
        data, query = super().training_rows(numbers)
        return data, replace(query, neighbors=self._found(data))

    def _found(self, data: Any) -> Array:
        """The neighbours that the model finds; of None its own rows'."""
        # it is asked about plain arrays
        finder = copy(self.model)
        vars(finder).pop("feature_names_in_", None)
        k = self.n_neighbors
        return np.asarray(finder.kneighbors(data, k, return_distance=False))


@neuralize.register
def neuralize_nearest_neighbors(
    model: NearestNeighbors, **options: Any
) -> NeuralizedNeighbors:
    """The network of scikit-learn's `NearestNeighbors`: distances to the neighbours.

    ``target="mean_distance"``: the mean of the squared distances that ``kneighbors``
    finds; ``"kth_distance"``: the last of them, squared.
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
    statistic = chosen.target.removesuffix("_distance")
    network = Network(
        SquaredDistance(support),
        NearestNeighborsPooling(k, statistic, weights),
        Rule(),
        n_jobs=chosen.n_jobs,
    )
    meta = {"n_neighbors": k, "tail": neighbors_tail(support, chosen.target, k)}
    return NeuralizedNeighbors(model, network, chosen.target, meta, training)


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
