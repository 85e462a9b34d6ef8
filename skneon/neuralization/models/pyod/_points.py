# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of PyOD's detectors by distances to few points: centres, eigenvectors."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.cluster import KMeans, MeanShift, MiniBatchKMeans

from skneon._validation import check_magnitude
from skneon.network import (
    CentreDistance,
    IntegratedSoftArgmin,
    LargeClusters,
    Mean,
    Network,
    Pooling,
    Rule,
    ScaledDistance,
    Shapley,
    SupportWeights,
    Units,
)
from skneon.neuralization._by_name import named
from skneon.neuralization._neuralized import NeuralizedModel
from skneon.neuralization._options import RULE, Options, chosen_rule
from skneon.neuralization.models._given_rows import rows_as_given
from skneon.neuralization.models.pyod._detector import (
    NeuralizedDetector,
    check_fitted,
    without_names,
)

# clusterings that assign rows to the nearest of their centres
BY_CENTRES = (KMeans, MeanShift, MiniBatchKMeans)


@dataclass(frozen=True, kw_only=True)
class PointOptions(Options):
    """Options of scores by distances to few points, as in `neuralize`."""

    rule: str | Rule | None = None
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {**Options.constraints, "rule": RULE}


class NeuralizedPoints(NeuralizedModel):
    """Distances to a few points, and their network."""

    takes_training_rows = True


@named("pyod.models.cblof.CBLOF")
def neuralize_cblof(model: Any, **options: Any) -> NeuralizedDetector:
    """The network of PyOD's `CBLOF`: the distance to a centre.

    To the own cluster's where that is large, else to the nearest of a large one; with
    ``use_weights`` times the size of the own cluster. The clustering must assign rows
    to the nearest centre: k-means or mean shift. Rules: "shapley", the default, where
    columns are left out of all distances, and "integrated", as for `KNN`.
    """
    check_fitted(model)
    clustering = model.clustering_estimator_
    if not isinstance(clustering, BY_CENTRES):
        raise ValueError(
            "CBLOF has this network where its clustering assigns rows to the nearest "
            f"centre, got clustering_estimator={clustering!r}. Fit CBLOF with KMeans, "
            "MiniBatchKMeans or MeanShift."
        )
    centres = np.array(model.cluster_centers_, dtype=float)
    check_magnitude(centres)
    large = np.isin(np.arange(len(centres)), model.large_cluster_labels_)
    sizes = np.array(model.cluster_sizes_, dtype=float) if model.use_weights else None
    meta = {"n_clusters": len(centres), "n_large": int(large.sum())}
    units, pooling = CentreDistance(centres), LargeClusters(large, sizes)
    return _by_points(model, clustering, units, pooling, meta, options)


@named("pyod.models.pca.PCA")
def neuralize_pca(model: Any, **options: Any) -> NeuralizedDetector:
    r"""The network of PyOD's `PCA`: weighted distances to eigenvectors as points.

    .. math:: o(x) = \sum_j \frac1{w_j} \|z - v_j\|,
              \qquad z_i = (x_i - \mu_i) / \sigma_i,

    with the explained shares w of the variance. It is PyOD's own score: eigenvectors
    are taken as points, and nothing is projected on them. Rules are those of `CBLOF`.
    For the score of a density explain scikit-learn's `PCA`.
    """
    check_fitted(model)
    vectors = np.array(model.selected_components_, dtype=float)
    shares = np.array(model.selected_w_components_, dtype=float)
    if not np.all(shares > 0):
        raise ValueError(
            f"PCA has {np.count_nonzero(shares <= 0)} selected components that explain "
            "no variance, and divides by it: fit it with fewer n_components, or "
            "without columns that are constant or follow from others."
        )
    d = vectors.shape[1]
    mean, spread = np.zeros(d), np.ones(d)
    if model.standardization:
        mean, spread = model.scaler_.mean_, model.scaler_.scale_
    total = np.sum(1 / shares)
    # distances in units in which their weighted mean is the sum
    points = mean + spread * vectors
    check_magnitude(points)
    units = ScaledDistance(points, spread / total)
    pooling = Mean(SupportWeights(1 / shares / total), symbol="o")
    meta = {"n_components": len(vectors)}
    return _by_points(model, model.detector_, units, pooling, meta, options)


def _by_points(
    model: Any,
    part: Any,
    units: Units,
    pooling: Pooling,
    meta: dict[str, Any],
    options: dict[str, Any],
) -> NeuralizedDetector:
    """The network of distances to points; the part of the model knows its columns."""
    chosen = PointOptions.of(model, without_names(model, options))
    network = distance_network(model, units, pooling, chosen, Shapley())
    training = rows_as_given(part, chosen.X_train)
    inside = NeuralizedPoints(part, network, "outlier", meta, training)
    scores = model.decision_scores_
    return NeuralizedDetector(model, inside, options.get("X_train"), scores=scores)


def distance_network(
    model: Any, units: Units, pooling: Pooling, chosen: Any, default: Rule
) -> Network:
    """A network of distances, not squared, by the rule that is asked for.

    "shapley" is that of the game where columns are left out of all distances, and
    "integrated" its Aumann-Shapley value, by which distances are shared as their
    squares. That is taken for very many columns where nobody asked.
    """
    what = f"the distances of {type(model).__name__}"
    rule = chosen_rule(chosen.rule, default, "distance", what)
    wide = IntegratedSoftArgmin() if chosen.rule is None else None
    return Network(units, pooling, rule, wide=wide, n_jobs=chosen.n_jobs)
