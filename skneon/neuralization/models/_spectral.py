# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of spectral clusterings (ours)."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.cluster import SpectralClustering
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import NearestNeighbors, kneighbors_graph
from sklearn.utils.validation import check_is_fitted

from skneon._compat import StrOptions
from skneon._warn import warn_user
from skneon.network import (
    IntegratedSoftArgmin,
    LogRatio,
    NeighborGraph,
    Network,
    Query,
    Rule,
    Shapley,
    SupportWeights,
    VoteMean,
    VoterDistance,
)
from skneon.network.numerics._types import Array
from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._options import RULE, Options, chosen_rule
from skneon.neuralization._rows_needed import rows_needed
from skneon.neuralization.models._given_rows import rows_as_given
from skneon.neuralization.models._rows_of_fit import refuse_rows
from skneon.neuralization.models._spectral_votes import votes_of

# affinities that are computed again may differ by rounding
SAME = 1e-6
# below this eigenvalue new rows are carried far beyond the training rows
FAR = 0.05


@dataclass(frozen=True, kw_only=True)
class SpectralOptions(Options):
    """Options of spectral clusterings, as in `neuralize`."""

    target: str = "cluster"
    rule: str | Rule | None = None
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {
        **Options.constraints,
        "target": [StrOptions({"cluster"})],
        "rule": RULE,
    }


class NeuralizedSpectral(NeuralizedClusters):
    """A spectral clustering and its network; made by `neuralize`.

    New rows are embedded as the training rows are, by their affinities to these.
    """

    takes_training_rows = True

    def rows(
        self, X: Any, cluster: Any = None, rival: Any = None, **asked: Any
    ) -> tuple[Any, Query]:
        """Clean rows and their query; flat affinities have no place for new rows."""
        data, query = super().rows(X, cluster, rival, **asked)
        if query.absent is None or (query.absent < 0).any():
            self._check_new(self.meta["least_eigenvalue"])
        return data, query

    def _check_new(self, eigenvalue: float) -> None:
        if eigenvalue <= 0:
            raise ValueError(
                f"The least eigenvalue that the embedding uses is {eigenvalue:.3g}: "
                "the affinity is so flat that new rows have no place in it, training "
                "rows alone have (X=None). Fit SpectralClustering with a larger gamma, "
                "fewer n_neighbors or a smaller n_components."
            )
        if eigenvalue < FAR:
            warn_user(
                f"The least eigenvalue that the embedding uses is {eigenvalue:.3g}: "
                "the affinity is so flat that small changes of new rows move them from "
                "one cluster to another. A larger gamma, or fewer n_neighbors, is "
                "steadier."
            )

    def check_rest(self, numbers: Array, absent: Array) -> None:
        """Something is left: a clustering has two rows at least."""


@neuralize.register
def neuralize_spectral_clustering(
    model: SpectralClustering, **options: Any
) -> NeuralizedSpectral:
    r"""The network of scikit-learn's `SpectralClustering`, which gives its ``labels_``.

    The embedding of a row is a mean of those of the others by its affinities, see
    `votes_of`; so the evidence for a cluster, how much nearer its mean is than that of
    the strongest rival, is a mean of votes :math:`A_{nk} = B_{nk} - B_{nc}`, and its
    sign the one of

    .. math:: s_k = \frac1\gamma \log
              \frac{\sum_{A_{nk} > 0} A_{nk} \, e^{-\gamma h_n}}
                   {\sum_{A_{nk} < 0} |A_{nk}| \, e^{-\gamma h_n}}, \qquad
              f_c = \min_{k \ne c} s_k

    (see `skneon.network.LogRatio`), which is in units of squared distances.

    ``X_train`` are the rows of the fit: they are what X=None stands for, each left out
    of its own sum, and their clusters ``labels_``. The share of these that the sign of
    the evidence gives is ``meta["labels_reproduced"]``.

    ``affinity="nearest_neighbors"`` is a step function of the row. By rule "integrated"
    it is explained with its own votes and a Gaussian, :math:`\gamma = 1 / \text{median
    } r^2`, r the distance to the last neighbour. By rule "shapley" the graph itself is,
    built for every set of columns (see `skneon.network.NeighborGraph`), and the score
    is the evidence in the embedding.
    """
    check_is_fitted(model)
    chosen = SpectralOptions.of(model, options)
    _check_affinity(model)
    training = rows_as_given(model, chosen.X_train)
    if training is None:
        raise rows_needed(model)
    X = training.rows
    _check_training(model, X)
    classes, members = np.unique(model.labels_, return_inverse=True)
    n_components = model.n_components or model.n_clusters
    votes = votes_of(model.affinity_matrix_, members, n_components)
    rule = chosen_rule(
        chosen.rule, IntegratedSoftArgmin(), "log-ratio", "SpectralClustering"
    )
    weights = SupportWeights(np.full(len(X), 1 / len(X)))
    units: VoterDistance | NeighborGraph
    if model.affinity == "nearest_neighbors" and isinstance(rule, Shapley):
        mean, k = VoteMean(votes.values, weights, members), model.n_neighbors - 1
        units, width = NeighborGraph(X, k, mean), {"n_neighbors": model.n_neighbors}
    else:
        gamma = _gamma(model, X)
        ratio = LogRatio(gamma, votes.values, weights, members)
        units, width = VoterDistance(X, ratio), {"gamma": gamma}
    network = Network(units, units.pooling, rule, n_jobs=chosen.n_jobs)
    own = np.arange(len(X))
    evidence = network.activate(X, Query(absent=own, cluster=members))
    return NeuralizedSpectral(
        model,
        network,
        len(classes),
        meta={
            **width,
            "n_support": len(X),
            "labels_reproduced": float(np.mean(evidence > 0)),
            "least_eigenvalue": votes.least_eigenvalue,
        },
        classes=classes,
        training=replace(training, clusters=members, absent=own),
    )


def _check_affinity(model: SpectralClustering) -> None:
    """Refuse affinities that are no function of the rows, or of another kind."""
    if model.affinity in ("rbf", "nearest_neighbors"):
        return
    name = model.affinity if isinstance(model.affinity, str) else "a callable"
    why = (
        "is no function of the columns"
        if str(name).startswith("precomputed")
        else "has no network"
    )
    raise ValueError(
        f"SpectralClustering with affinity={name!r} {why}: fit it with "
        'affinity="rbf" or "nearest_neighbors"; or explain its clusters by a density '
        "of the same rows, explain(KernelDensity().fit(X), members=model.labels_)."
    )


def _check_training(model: SpectralClustering, X: Array) -> None:
    """Refuse rows whose affinities are others than those of the fit."""
    kept = model.affinity_matrix_
    if kept.shape[0] != len(X):
        refuse_rows(model, f"{len(X)} rows, and it was fitted to {kept.shape[0]}")
    wrong = _other_affinities(model, X)
    if wrong.any():
        refuse_rows(model, f"row {wrong.argmax()} has other affinities")


def _other_affinities(model: SpectralClustering, X: Array) -> Array:
    """For each row, how many affinities are others than those that the model keeps."""
    kept = model.affinity_matrix_
    if model.affinity == "rbf":
        same = np.isclose(rbf_kernel(X, gamma=model.gamma), kept, SAME, 1e-12)
        return np.asarray(np.count_nonzero(~same, axis=1))
    graph = kneighbors_graph(X, model.n_neighbors, include_self=True)
    wrong = np.diff((csr_matrix(0.5 * (graph + graph.T)) != kept).indptr)
    # ties may be settled in another way
    return np.asarray(wrong if 2 * np.count_nonzero(wrong) > len(X) else [0])


def _gamma(model: SpectralClustering, X: Array) -> float:
    """Stiffness of the Gaussian: the model's, or 1 / median squared reach."""
    if model.affinity == "rbf":
        if not model.gamma > 0:
            raise ValueError(
                f"SpectralClustering(gamma={model.gamma!r}) finds all rows equally "
                "alike: fit it with a gamma above 0."
            )
        return float(model.gamma)
    reach = _reach(X, model.n_neighbors - 1)
    middle = float(np.median(reach**2))
    if not middle > 0:
        raise ValueError(
            f"Half of the rows have {model.n_neighbors - 1} twins, so that their "
            "neighbours are at no distance: fit SpectralClustering with more "
            "n_neighbors."
        )
    return 1 / middle


def _reach(X: Array, k: int) -> Array:
    """Distance to the k-th nearest other row, (N,)."""
    return np.asarray(NearestNeighbors(n_neighbors=k).fit(X).kneighbors()[0][:, -1])
