# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of outlier scores by nearest neighbours (ours)."""

from copy import copy
from numbers import Integral

import numpy as np
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.utils.validation import check_is_fitted

from skneon import network
from skneon._compat import StrOptions, training_rows
from skneon._validation import check_magnitude
from skneon.network import Query, dense
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel, check_options, override

CONSTRAINTS = {
    "target": [StrOptions({"mean_distance", "kth_distance"})],
    "n_jobs": [Integral, None],
}


class NeuralizedNeighbors(NeuralizedModel):
    """Network of a score by nearest neighbours; made by `neuralize`.

    Where distances tie, the neighbours are those that the model finds.

    Parameters
    ----------
    model, layers, target, n_jobs, meta
        As in `NeuralizedModel`. The units' support are the training rows.
    """

    accept_sparse = "csr"

    @property
    def keeps_rows(self):
        """Whether X=None stands for the training rows."""
        return True

    def rows(self, X):
        """Clean rows and their query."""
        k = self.layers[-1].n_neighbors
        # it is asked about plain arrays
        finder = copy(self.model)
        vars(finder).pop("feature_names_in_", None)
        if X is not None:
            data = self.validated(X)
            neighbors = finder.kneighbors(data, k, return_distance=False)
            return data, Query(neighbors=neighbors)
        support = self.layers[-2].support
        n = len(support)
        if n <= k:
            raise ValueError(
                "Leave-one-out (X=None) needs more training rows than "
                f"n_neighbors={k}, got {n}. Pass X."
            )
        neighbors = finder.kneighbors(None, k, return_distance=False)
        return support, Query(leave_out=np.arange(n), neighbors=neighbors)


@neuralize.register
def neuralize_nearest_neighbors(model: NearestNeighbors, **options):
    """The network of scikit-learn's `NearestNeighbors`: distances to the neighbours.

    ``target="mean_distance"``: the mean of the squared distances that ``kneighbors``
    finds; ``"kth_distance"``: the last of them, squared.
    """
    check_is_fitted(model)
    options = override({"target": "mean_distance", "n_jobs": None}, options, model)
    check_options(CONSTRAINTS, options, model)
    support, k = _support(model), model.n_neighbors
    if k > len(support):
        raise ValueError(
            f"n_neighbors={k} is more than the {len(support)} training rows."
        )
    statistic = options["target"].removesuffix("_distance")
    layers = [
        network.SquaredDistance(support),
        network.NearestNeighbors(k, statistic),
    ]
    meta = {"n_neighbors": k}
    return NeuralizedNeighbors(model, layers, meta=meta, **options)


@neuralize.register
def neuralize_local_outlier_factor(model: LocalOutlierFactor, **options):
    """The network of scikit-learn's `LocalOutlierFactor`, minus ``score_samples``.

    For X=None minus ``negative_outlier_factor_``. What it leaves as the residual is
    said in `skneon.network.LocalOutlierFactor`.
    """
    check_is_fitted(model)
    options = override({"n_jobs": None}, options, model)
    check_options({"n_jobs": [Integral, None]}, options, model)
    if not model.novelty:
        raise ValueError(
            "LocalOutlierFactor(novelty=False) predicts no rows but its own: fit it "
            "with novelty=True."
        )
    support, k = _support(model), model.n_neighbors_
    distances, neighbors = model.kneighbors(n_neighbors=k)
    k_distance = distances[:, -1]
    reach = np.maximum(distances, k_distance[neighbors])
    # as in scikit-learn, no division by 0 among duplicates
    density = 1 / (reach.mean(axis=1) + 1e-10)
    layers = [
        network.Distance(support),
        network.LocalOutlierFactor(k_distance, density, k),
    ]
    meta = {"n_neighbors": k}
    return NeuralizedNeighbors(model, layers, "outlier", meta=meta, **options)


def _support(model):
    """The rows that the model was fitted to, if its metric is euclidean."""
    if model.effective_metric_ not in ("euclidean", "l2"):
        raise ValueError(
            "Only the euclidean metric has this network, got "
            f"metric={model.metric!r}, p={model.p!r}, "
            f"metric_params={model.metric_params!r}. Fit {type(model).__name__} with "
            'metric="euclidean".'
        )
    support = dense(training_rows(model)).astype(float)
    check_magnitude(support)
    return support
