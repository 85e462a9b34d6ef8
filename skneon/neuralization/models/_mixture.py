# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of Gaussian mixtures and of a single robust Gaussian (ours)."""

from numbers import Integral

import numpy as np
from sklearn.covariance import EllipticEnvelope
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.utils.validation import check_is_fitted

from skneon._compat import Interval, StrOptions, log_weights
from skneon._validation import check_magnitude
from skneon.network import (
    LogMeanExp,
    LogSumExp,
    LogWeights,
    MahalanobisDistance,
    MahalanobisPairs,
    Min,
    RivalWeights,
    SupportWeights,
)
from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel, check_options, override

CONSTRAINTS = {
    "target": [StrOptions({"cluster", "outlier"})],
    "rule": [StrOptions({"integrated", "shapley"})],
    "n_subsets": [Interval(Integral, 1, None, closed="left")],
    "n_jobs": [Integral, None],
}
DEFAULTS = {"target": "cluster", "rule": "shapley", "n_subsets": 16, "n_jobs": None}


class NeuralizedMixture(NeuralizedClusters):
    r"""Network of a mixture's log-odds; made by `neuralize`.

    With the log weight a_k of component k, its log density at its own mean included,
    and :math:`h_k = m_k - m_c` the difference of halved squared Mahalanobis distances,

    .. math:: f_c(x) = \log \frac{p(c | x)}{1 - p(c | x)}
              = -\log \sum_{k \ne c} e^{(a_k - a_c) - h_k} .

    Parameters
    ----------
    model : fitted estimator
    means, factors : ndarray
        As in `MahalanobisPairs`.
    log_weights : ndarray of shape (K,)
    rule, n_subsets, n_jobs
        As in `neuralize`.
    """

    def __init__(self, model, means, factors, log_weights, rule, n_subsets, n_jobs):
        weights = RivalWeights(log_weights)
        units = MahalanobisPairs(means, factors, weights, rule, n_subsets)
        # a single component has no rivals: evidence +inf
        pooling = LogSumExp(weights) if len(means) > 1 else Min(0.0)
        meta = {"rule": rule} | ({"n_subsets": n_subsets} if rule == "shapley" else {})
        super().__init__(model, [units, pooling], len(means), n_jobs, meta)

    def nearest(self, data):
        """The most probable component, shape (n,)."""
        units = self.layers[-2]

        def most_probable(X):
            odds = units.rival_weights.log_weights - units.distances(X)
            return odds.argmax(axis=1)

        return self._in_chunks(most_probable, data)


@neuralize.register(GaussianMixture)
@neuralize.register(BayesianGaussianMixture)
def neuralize_mixture(model, **options):
    """The network of scikit-learn's Gaussian mixtures, of all covariance types.

    ``target="cluster"``: the log-odds of a component, `NeuralizedMixture`.
    ``target="outlier"``: minus ``score_samples``, the soft-min of the halved squared
    Mahalanobis distances. What the density is where all distances are 0 is no
    feature's and stays as the residual.
    """
    check_is_fitted(model)
    if options.get("target") == "outlier":
        unused = [name for name in ("n_subsets", "rule") if name in options]
        if unused:
            raise TypeError(
                f'target="outlier" has one rule: it takes no {", ".join(unused)}.'
            )
    options = override(DEFAULTS, options, model)
    check_options(CONSTRAINTS, options, model)
    means = np.asarray(model.means_, dtype=float)
    check_magnitude(means)
    factors = _factors(model) / np.sqrt(2)
    logs = np.asarray(log_weights(model), dtype=float)
    if options.pop("target") == "cluster":
        return NeuralizedMixture(model, means, factors, logs, **options)
    units = MahalanobisDistance(means, factors)
    layers = [units, LogSumExp(LogWeights(logs))]
    meta = {"rule": "integrated", "n_components": len(means)}
    return NeuralizedModel(model, layers, "outlier", options["n_jobs"], meta)


def _factors(model):
    """Cholesky factors of the precisions: (K, d, d), or (K, d) for diagonal ones."""
    factors, (K, d) = np.asarray(model.precisions_cholesky_, float), model.means_.shape
    shapes = {"tied": (K, d, d), "spherical": (K, d)}
    if model.covariance_type == "spherical":
        factors = factors[:, None]
    shape = shapes.get(model.covariance_type, factors.shape)
    return np.broadcast_to(factors, shape)


@neuralize.register
def neuralize_elliptic_envelope(model: EllipticEnvelope, **options):
    """The network of scikit-learn's `EllipticEnvelope`: its ``mahalanobis`` distance.

    Squared, and equal to minus ``score_samples``.
    """
    check_is_fitted(model)
    options = override({"n_jobs": None}, options, model)
    check_options({"n_jobs": [Integral, None]}, options, model)
    # a factor of the precision matrix, also where that is singular
    values, vectors = np.linalg.eigh(model.get_precision())
    factor = vectors * np.sqrt(np.maximum(values, 0.0))
    units = MahalanobisDistance(model.location_[None], factor[None])
    pooling = LogMeanExp(1.0, SupportWeights(np.ones(1)), "integrated")
    meta = {"rule": "shapley"}
    return NeuralizedModel(model, [units, pooling], "outlier", meta=meta, **options)
