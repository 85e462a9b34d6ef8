# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of PyOD's detectors by distances to training rows."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from sklearn.neighbors import NearestNeighbors

from skneon._validation import check_magnitude
from skneon.network import (
    Distance,
    IntegratedSoftArgmin,
    NearestDistances,
    Rule,
    Shapley,
    SupportWeights,
)
from skneon.network.numerics._types import Array
from skneon.neuralization._by_name import named
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import TrainingRows
from skneon.neuralization._options import RULE, Options
from skneon.neuralization.models._given_rows import compared_with, rows_as_given
from skneon.neuralization.models._metrics import refuse_metric
from skneon.neuralization.models._neighbors import (
    NeuralizedNeighbors,
    OutlierFactorOptions,
    equal_training,
    support_of,
)
from skneon.neuralization.models.pyod._detector import (
    NeuralizedDetector,
    check_fitted,
    without_names,
)
from skneon.neuralization.models.pyod._points import (
    NeuralizedPoints,
    PointOptions,
    distance_network,
)

# PyOD's methods as statistics of distances
STATISTICS = {"largest": "kth", "mean": "mean", "median": "median"}


@dataclass(frozen=True, kw_only=True)
class DistanceOptions(Options):
    """Options of `KNN`, as in `neuralize`."""

    rule: str | Rule | None = None
    groups: Any = None
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {**Options.constraints, "rule": RULE}


@named("pyod.models.knn.KNN")
def neuralize_knn(model: Any, **options: Any) -> NeuralizedDetector:
    r"""The network of PyOD's `KNN`: the largest, mean or median distance, not squared.

    Rules (ours): "integrated", the default, where a distance is shared as its square,

    .. math:: R_i = \sum_k w_k \frac{(x_i - u_{ki})^2}{h_k},
              \qquad h_k = \|x - u_k\|,

    with the weights w of the neighbours in the statistic. That is the Aumann-Shapley
    value: where all columns take part to the same degree, all distances shrink alike,
    and the neighbours stay. "shapley": v(S) is the score of the detector that is fitted
    to the columns in S alone, which has other neighbours. It takes all training rows
    for each of many subsets.

    Training rows are left out of their own neighbours, as in ``decision_scores_``.
    """
    check_fitted(model)
    chosen = DistanceOptions.of(model, without_names(model, options))
    finder = model.neigh_
    _check_metric(model, finder)
    support = support_of(finder)
    weights, training = equal_training(support, chosen.groups)
    if chosen.groups is None:
        training = replace(training, scores=np.array(model.decision_scores_))
    training = compared_with(training, finder, chosen.X_train)
    statistic = STATISTICS[model.method]
    pooling = NearestDistances(model.n_neighbors, statistic, weights)
    default = IntegratedSoftArgmin()
    network = distance_network(model, Distance(support), pooling, chosen, default)
    meta = {"n_neighbors": model.n_neighbors, "method": model.method}
    inside = NeuralizedNeighbors(finder, network, "outlier", meta, training)
    return NeuralizedDetector(model, inside, options.get("X_train"))


@named("pyod.models.lof.LOF")
def neuralize_lof(model: Any, **options: Any) -> NeuralizedDetector:
    """The network of PyOD's `LOF`, as that of `LocalOutlierFactor` inside."""
    check_fitted(model)
    OutlierFactorOptions.of(model, options)
    if not model.detector_.novelty:
        raise ValueError(
            "LOF(novelty=False) predicts no rows but its own: fit it with novelty=True."
        )
    _check_metric(model, model.detector_)
    inside = neuralize(model.detector_, **without_names(model, options))
    door = NeuralizedDetector(model, inside, options.get("X_train"))
    # as PyOD does
    door.accept_sparse = inside.accept_sparse
    return door


@named("pyod.models.sampling.Sampling")
def neuralize_sampling(model: Any, **options: Any) -> NeuralizedDetector:
    """The network of PyOD's `Sampling`: the distance to the nearest row of a sample.

    Rules are those of `CBLOF`. With ``X_train``, the rows of the fit, each of these
    that was drawn is left out of the sample; PyOD itself gives it the score 0. New rows
    are compared with those that were not drawn.
    """
    check_fitted(model)
    chosen = PointOptions.of(model, without_names(model, options))
    if not type(model.dist).__name__.startswith("Euclidean"):
        refuse_metric(model, model.metric, metric_params=model.metric_params)
    sample = np.array(model.subset, dtype=float)
    check_magnitude(sample)
    finder = NearestNeighbors(n_neighbors=1).fit(sample)
    weights = SupportWeights(np.full(len(sample), 1 / len(sample)))
    pooling = NearestDistances(1, "kth", weights)
    network = distance_network(model, Distance(sample), pooling, chosen, Shapley())
    scores = _not_drawn(model.decision_scores_, len(sample))
    training = rows_as_given(finder, chosen.X_train)
    if training is not None:
        training = _drawn_absent(training, sample, scores)
    meta = {"n_sample": len(sample)}
    inside = NeuralizedPoints(finder, network, "outlier", meta, training)
    return NeuralizedDetector(model, inside, options.get("X_train"), scores=scores)


def _check_metric(model: Any, finder: Any) -> None:
    """Refuse a metric that is not euclidean, in the detector's own words."""
    if finder.effective_metric_ not in ("euclidean", "l2"):
        settings = {"p": model.p, "metric_params": model.metric_params}
        refuse_metric(model, model.metric, **settings)


def _not_drawn(scores: Array, n_drawn: int) -> Array | None:
    """Scores of training rows that are not in the sample, where they are 0; or None."""
    others = np.sort(np.argsort(scores, kind="stable")[n_drawn:])
    return np.asarray(scores)[others] if len(others) else None


def _drawn_absent(
    training: TrainingRows, sample: Array, scores: Array | None
) -> TrainingRows:
    """Training rows, of which those that were drawn are left out of the sample."""
    absent = np.full(len(training.rows), -1)
    for number, point in enumerate(sample):
        same = (training.rows == point).all(axis=1) & (absent < 0)
        if not same.any():
            raise ValueError(
                "X_train does not match the training data of the Sampling, of which "
                f"row {number} of its subset is none of the rows: pass exactly the "
                "rows used in fit."
            )
        absent[same.argmax()] = number
    return replace(training, absent=absent, scores=scores)
