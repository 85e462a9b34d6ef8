# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of Gaussian mixtures and of a single robust Gaussian (ours)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.covariance import EllipticEnvelope
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.utils.validation import check_is_fitted

from skneon._compat import StrOptions, log_weights
from skneon._validation import check_magnitude
from skneon.network import (
    IntegratedSoftArgmin,
    LogMeanExp,
    LogSumExp,
    LogWeights,
    MahalanobisDistance,
    MahalanobisPairs,
    Min,
    Network,
    Pooling,
    RivalWeights,
    Rule,
    Scales,
    Shapley,
    SupportWeights,
)
from skneon.network.numerics._types import Array
from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel
from skneon.neuralization._options import RULE, Options, chosen_rule


@dataclass(frozen=True, kw_only=True)
class MixtureOptions(Options):
    """Options of mixtures, as in `neuralize`."""

    target: str = "cluster"
    rule: str | Rule | None = None

    constraints: ClassVar[dict[str, list[Any]]] = {
        **Options.constraints,
        "target": [StrOptions({"cluster", "outlier"})],
        "rule": RULE,
    }


class NeuralizedMixture(NeuralizedClusters):
    r"""A mixture and the network of its log-odds; made by `neuralize`.

    With the log weight a_k of component k, its log density at its own mean included,
    and :math:`h_k = m_k - m_c` the difference of halved squared Mahalanobis distances,

    .. math:: f_c(x) = \log \frac{p(c | x)}{1 - p(c | x)}
              = -\log \sum_{k \ne c} e^{(a_k - a_c) - h_k} .
    """


@neuralize.register(GaussianMixture)
@neuralize.register(BayesianGaussianMixture)
def neuralize_mixture(model: Any, **options: Any) -> NeuralizedModel:
    """The network of scikit-learn's Gaussian mixtures, of all covariance types.

    ``target="cluster"``: the log-odds of a component, `NeuralizedMixture`.
    ``target="outlier"``: minus ``score_samples``, the soft-min of the halved squared
    Mahalanobis distances. What the density is where all distances are 0 is no
    feature's and stays as the residual.
    """
    check_is_fitted(model)
    chosen = MixtureOptions.of(model, options)
    means = np.asarray(model.means_, dtype=float)
    check_magnitude(means)
    factors = _factors(model) / np.sqrt(2)
    logs = np.asarray(log_weights(model), dtype=float)
    if chosen.target == "cluster":
        return _log_odds(model, means, factors, logs, chosen)
    own = (IntegratedSoftArgmin,)
    rule = chosen_rule(chosen.rule, own[0](), own, 'target="outlier" of a mixture')
    network = Network(
        MahalanobisDistance(means, factors),
        LogSumExp(LogWeights(logs)),
        rule.bound(Scales(gamma=1.0)),
        n_jobs=chosen.n_jobs,
    )
    meta = {"n_components": len(means)}
    return NeuralizedModel(model, network, "outlier", meta)


def _log_odds(
    model: Any, means: Array, factors: Array, logs: Array, options: MixtureOptions
) -> NeuralizedMixture:
    """The network of a mixture's log-odds."""
    rule = chosen_rule(
        options.rule,
        Shapley(),
        (Shapley, IntegratedSoftArgmin),
        "log-odds of a mixture",
    )
    weights = RivalWeights(logs)
    pooling: Pooling = LogSumExp(weights)
    if len(means) == 1:
        # a single component has no rivals: evidence +inf
        pooling, rule = Min(), Shapley()
    units = MahalanobisPairs(means, factors, weights)
    rule = rule.bound(Scales(gamma=1.0))
    network = Network(units, pooling, rule, n_jobs=options.n_jobs)
    return NeuralizedMixture(model, network, len(means))


def _factors(model: Any) -> Array:
    """Cholesky factors of the precisions: (K, d, d), or (K, d) for diagonal ones."""
    factors, (K, d) = np.asarray(model.precisions_cholesky_, float), model.means_.shape
    shapes: dict[str, tuple[int, ...]] = {"tied": (K, d, d), "spherical": (K, d)}
    if model.covariance_type == "spherical":
        factors = factors[:, None]
    shape = shapes.get(model.covariance_type, factors.shape)
    return np.broadcast_to(factors, shape)


@neuralize.register
def neuralize_elliptic_envelope(
    model: EllipticEnvelope, **options: Any
) -> NeuralizedModel:
    """The network of scikit-learn's `EllipticEnvelope`: its ``mahalanobis`` distance.

    Squared, and equal to minus ``score_samples``.
    """
    check_is_fitted(model)
    chosen = Options.of(model, options)
    # a factor of the precision matrix, also where that is singular
    values, vectors = np.linalg.eigh(model.get_precision())
    factor = vectors * np.sqrt(np.maximum(values, 0.0))
    network = Network(
        MahalanobisDistance(model.location_[None], factor[None]),
        LogMeanExp(1.0, SupportWeights(np.ones(1))),
        IntegratedSoftArgmin(),
        n_jobs=chosen.n_jobs,
    )
    return NeuralizedModel(model, network, "outlier")
