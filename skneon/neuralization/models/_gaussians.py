# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of a single Gaussian: covariance estimators, PCA and factor analysis."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.linalg import pinvh, solve_triangular
from sklearn.covariance import (
    OAS,
    EllipticEnvelope,
    EmpiricalCovariance,
    GraphicalLasso,
    GraphicalLassoCV,
    LedoitWolf,
    MinCovDet,
    ShrunkCovariance,
)
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.utils.validation import check_is_fitted

from skneon._validation import check_magnitude
from skneon.network import (
    GaussianMarginal,
    LinearMap,
    LogMeanExp,
    LogSumExp,
    LogWeights,
    MahalanobisDistance,
    MeanImputation,
    Network,
    Pooling,
    Rule,
    Scales,
    Shapley,
    SupportWeights,
    Units,
)
from skneon.network.numerics._submatrices import (
    half_log_determinants,
    is_positive_definite,
)
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel
from skneon.neuralization._options import RULE, Options, chosen_rule
from skneon.neuralization.models._given_rows import rows_as_given
from skneon.neuralization.steps._linear_maps import factor_analysis_map, pca_map


@dataclass(frozen=True, kw_only=True)
class GaussianOptions(Options):
    """Options of Gaussians, as in `neuralize`."""

    rule: str | Rule | None = None
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {**Options.constraints, "rule": RULE}


class NeuralizedGaussian(NeuralizedModel):
    """A Gaussian or a mixture, and the network of its outlier score; by `neuralize`."""

    takes_training_rows = True


def gaussian_network(
    units: Units,
    pooling: Pooling,
    options: Options,
    rule: str | Rule | None,
    what: str,
    kind: str = "likelihood",
) -> Network:
    """A network by the rule that is asked for.

    By default that is "shapley", and "mean" behind linear steps that leave it open what
    the Gaussian is without a column.
    """
    found = chosen_rule(rule, Shapley(), kind, what).bound(Scales(gamma=1.0))
    instead = MeanImputation() if rule is None else None
    return Network(units, pooling, found, instead=instead, n_jobs=options.n_jobs)


@neuralize.register(EllipticEnvelope)
@neuralize.register(EmpiricalCovariance)
@neuralize.register(GraphicalLasso)
@neuralize.register(GraphicalLassoCV)
@neuralize.register(LedoitWolf)
@neuralize.register(MinCovDet)
@neuralize.register(OAS)
@neuralize.register(ShrunkCovariance)
def neuralize_covariance(model: Any, **options: Any) -> NeuralizedGaussian:
    r"""The network of scikit-learn's covariance estimators: ``mahalanobis``, squared.

    .. math:: o(x) = (x - \mu)^\top \Sigma^{-1} (x - \mu)

    For `EllipticEnvelope` that is minus ``score_samples``.
    """
    check_is_fitted(model)
    chosen = GaussianOptions.of(model, options)
    mean = np.asarray(model.location_, dtype=float)
    check_magnitude(mean)
    precision = np.asarray(model.get_precision(), dtype=float)
    covariance = np.asarray(model.covariance_, dtype=float)
    if isinstance(model, GraphicalLasso | GraphicalLassoCV):
        # its two estimates are inverses of one another but for a tolerance
        covariance = pinvh(precision)
    # a factor of the precision matrix, also where that is singular
    values, vectors = np.linalg.eigh(precision)
    factor = vectors * np.sqrt(np.maximum(values, 0.0))
    marginal = GaussianMarginal(mean, covariance, "pinvh")
    units = MahalanobisDistance(mean[None], factor[None], marginal)
    pooling = LogMeanExp(1.0, SupportWeights(np.ones(1)))
    return _network_of(model, units, pooling, chosen)


@neuralize.register(PCA)
@neuralize.register(FactorAnalysis)
def neuralize_decomposition(
    model: Any, **options: Any
) -> NeuralizedGaussian | LinearMap:
    r"""A linear map as a step; with options or at the end of a Pipeline a Gaussian.

    Its outlier score is minus ``score_samples``. With the squared distance T^2 in the
    plane of a PCA, its q components of variances :math:`\lambda`, and the squared
    distance Q from it,

    .. math:: o(x) = \tfrac12 \left[ \sum_{a \le q} \frac{t_a^2}{\lambda_a}
              + \frac{Q}{\sigma^2} \right] + \text{constant}

    where :math:`\sigma^2` is ``noise_variance_`` (Tipping and Bishop 1999,
    "Probabilistic principal component analysis"): process monitoring's combined index
    of both. The constant is no column's, and stays as the residual.
    """
    check_is_fitted(model)
    if not options:
        return pca_map(model) if isinstance(model, PCA) else factor_analysis_map(model)
    chosen = GaussianOptions.of(model, options)
    mean = np.asarray(model.mean_, dtype=float)
    check_magnitude(mean)
    covariance = np.asarray(model.get_covariance(), dtype=float)
    if not is_positive_definite(covariance):
        raise ValueError(
            f"{type(model).__name__} has a singular covariance, so that there is no "
            "density: fit it to more rows than columns, leave out columns that follow "
            "from others, or take fewer n_components, so that its noise_variance_ is "
            "positive."
        )
    layers = gaussian_density(mean, covariance)
    return _network_of(model, *layers, chosen)


def gaussian_density(
    mean: Array, covariance: Array, log_weight: float | None = None
) -> tuple[MahalanobisDistance, Pooling]:
    """Layers of minus a log-density.

    Parameters
    ----------
    mean : ndarray of shape (d,)
    covariance : ndarray of shape (d, d)
        Positive definite.
    log_weight : float, default=None
        Log-density at the mean; None: that of the Gaussian.
    """
    if log_weight is None:
        log_weight = -len(mean) / 2 * np.log(2 * np.pi)
        log_weight -= float(half_log_determinants(covariance))
    scale = np.sqrt(np.diagonal(covariance))
    L = np.linalg.cholesky(covariance / np.outer(scale, scale))
    factor = solve_triangular(L, np.eye(len(mean)), lower=True).T / scale[:, None]
    marginal = GaussianMarginal(mean, covariance, "cholesky", scale=0.5)
    units = MahalanobisDistance(mean[None], factor[None] / np.sqrt(2), marginal)
    return units, LogSumExp(LogWeights(np.array([log_weight])))


def _network_of(
    model: Any, units: MahalanobisDistance, pooling: Pooling, options: GaussianOptions
) -> NeuralizedGaussian:
    name = type(model).__name__
    network = gaussian_network(units, pooling, options, options.rule, name)
    training = rows_as_given(model, options.X_train)
    return NeuralizedGaussian(model, network, "outlier", training=training)
