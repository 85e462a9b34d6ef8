# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of Gaussian mixtures (ours)."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.utils.validation import check_is_fitted

from skneon._compat import StrOptions, log_weights
from skneon._validation import check_magnitude
from skneon._warn import warn_user
from skneon.network import (
    LogSumExp,
    LogWeights,
    MahalanobisDistance,
    MahalanobisPairs,
    Min,
    MixtureMarginal,
    Pooling,
    RivalWeights,
    Rule,
)
from skneon.network.numerics._mixture_components import (
    Components,
    gaussian_components,
)
from skneon.network.numerics._submatrices import half_log_determinants
from skneon.network.numerics._types import Array
from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel
from skneon.neuralization._options import RULE, Options
from skneon.neuralization.models._gaussians import (
    NeuralizedGaussian,
    gaussian_density,
    gaussian_network,
)
from skneon.neuralization.models._given_rows import rows_as_given, scores_in_folds


@dataclass(frozen=True, kw_only=True)
class MixtureOptions(Options):
    """Options of mixtures, as in `neuralize`."""

    target: str = "cluster"
    rule: str | Rule | None = None
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {
        **Options.constraints,
        "target": [StrOptions({"cluster", "outlier"})],
        "rule": RULE,
    }


class WholeNumbers(NeuralizedModel):
    """Warns where scikit-learn's own scores of these rows may not be those of floats.

    Its mixtures compute in the type of the rows: squared distances of integers lose
    their fractions and those of booleans are 0 or 1, squares of small types overflow,
    and older versions cut the constant of the density, too. Neither the fit nor the
    network is concerned.
    """

    def validated(self, X: Any) -> Any:
        """Rows as float64, checked as by the model."""
        rows = super().validated(X)
        cells = X.dtype if hasattr(X, "dtype") else np.asarray(X).dtype
        if cells.kind in "iub":
            warn_user(
                f"Rows of {cells}: {type(self.model).__name__} itself computes in this "
                "type, where squared distances lose digits, so that its scores and "
                "predictions may differ from the exact ones, which are explained. Pass "
                "X.astype(float) to both."
            )
        return rows


class NeuralizedMixtureDensity(WholeNumbers, NeuralizedGaussian):
    """A mixture and the network of minus its log density; made by `neuralize`."""


class NeuralizedMixture(WholeNumbers, NeuralizedClusters):
    r"""A mixture and the network of its log-odds; made by `neuralize`.

    With the log weight a_k of component k, its log density at its own mean included,
    and :math:`h_k = m_k - m_c` the difference of halved squared Mahalanobis distances,

    .. math:: f_c(x) = \log \frac{p(c | x)}{1 - p(c | x)}
              = -\log \sum_{k \ne c} e^{(a_k - a_c) - h_k} .
    """

    takes_training_rows = True


@neuralize.register(GaussianMixture)
@neuralize.register(BayesianGaussianMixture)
def neuralize_mixture(model: Any, **options: Any) -> NeuralizedModel:
    """The network of scikit-learn's Gaussian mixtures, of all covariance types.

    ``target="cluster"``: the log-odds of a component, `NeuralizedMixture`. By rules
    "shapley" and "integrated" the residual are the prior log-odds.
    ``target="outlier"``: minus ``score_samples``, the soft-min of the halved squared
    Mahalanobis distances. What the density is where all distances are 0 is no
    feature's and stays as the residual.
    """
    check_is_fitted(model)
    chosen = MixtureOptions.of(model, options)
    means = np.asarray(model.means_, dtype=float)
    check_magnitude(means)
    factors = _factors(model)
    logs = np.asarray(log_weights(model), dtype=np.float64)
    components = _components(means, factors, logs)
    if chosen.target == "cluster":
        return _log_odds(model, factors, logs, components, chosen)
    if len(means) == 1:
        units, pooling = _alone(components, logs)
    else:
        marginal = MixtureMarginal(components, odds=False)
        units = MahalanobisDistance(means, factors / np.sqrt(2), marginal)
        pooling = LogSumExp(LogWeights(logs))
    what = 'target="outlier" of a mixture'
    network = gaussian_network(units, pooling, chosen, chosen.rule, what)
    meta = {"n_components": len(means)}
    training = rows_as_given(model, chosen.X_train)
    if training is not None:
        scores = partial(scores_in_folds, model, training.rows, target="outlier")
        training = replace(training, in_folds=scores)
    return NeuralizedMixtureDensity(model, network, "outlier", meta, training)


def _log_odds(
    model: Any,
    factors: Array,
    logs: Array,
    components: Components,
    options: MixtureOptions,
) -> NeuralizedMixture:
    """The network of a mixture's log-odds."""
    weights = RivalWeights(logs)
    # a single component has no rivals: evidence +inf
    pooling: Pooling = LogSumExp(weights) if len(logs) > 1 else Min()
    marginal = MixtureMarginal(components, odds=True)
    units = MahalanobisPairs(components.means, factors / np.sqrt(2), weights, marginal)
    what = "log-odds of a mixture"
    kind = "log-odds"
    network = gaussian_network(units, pooling, options, options.rule, what, kind)
    training = rows_as_given(model, options.X_train)
    return NeuralizedMixture(model, network, len(logs), training=training)


def _alone(components: Components, logs: Array) -> tuple[MahalanobisDistance, Pooling]:
    """Layers of minus the log-density of a single component."""
    covariance = components.covariances[0]
    if components.diagonal:
        covariance = np.diag(covariance)
    return gaussian_density(components.means[0], covariance, float(logs[0]))


def _components(means: Array, factors: Array, logs: Array) -> Components:
    """The components by their covariances, from Cholesky factors of the precisions.

    Their log weights are what makes `logs` of the log-densities at the means: for
    `BayesianGaussianMixture` with the expectations over its precisions.
    """
    if factors.ndim == 2:
        covariances = 1 / factors**2
        half = np.log(covariances).sum(axis=1) / 2
    else:
        inverse = np.linalg.inv(factors)
        covariances = np.swapaxes(inverse, 1, 2) @ inverse
        half = half_log_determinants(covariances)
    kind = "diag" if factors.ndim == 2 else "full"
    components = gaussian_components(np.ones(len(means)), means, covariances, kind)
    return replace(components, log_weights=logs + half)


def _factors(model: Any) -> Array:
    """Cholesky factors of the precisions: (K, d, d), or (K, d) for diagonal ones."""
    factors, (K, d) = np.asarray(model.precisions_cholesky_, float), model.means_.shape
    shapes: dict[str, tuple[int, ...]] = {"tied": (K, d, d), "spherical": (K, d)}
    if model.covariance_type == "spherical":
        factors = factors[:, None]
    shape = shapes.get(model.covariance_type, factors.shape)
    return np.broadcast_to(factors, shape)
