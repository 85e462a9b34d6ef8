# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of linear models behind features of a Gaussian kernel."""

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.kernel_approximation import Nystroem
from sklearn.utils.validation import check_is_fitted

from skneon._compat import nystroem_gamma
from skneon._validation import check_magnitude
from skneon.network import (
    CosineFeatures,
    IntegratedSoftArgmin,
    KernelSum,
    Network,
    RandomFeatures,
    Scales,
    Shapley,
    Sum,
)
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._options import chosen_rule
from skneon.neuralization.models._linear_score import (
    LinearOptions,
    NeuralizedLinear,
    training_in_folds,
    weights_of,
)
from skneon.neuralization.steps._feature_maps import KernelExpansion


@neuralize.register
def neuralize_kernel_expansion(
    model: KernelExpansion, **options: Any
) -> NeuralizedLinear:
    r"""The network of an `SGDOneClassSVM` behind `Nystroem` or `RBFSampler`.

    Behind `Nystroem` with landmarks u_k and its normalization N

    .. math:: o(x) = \rho - \sum_k a_k e^{-\gamma \|x - u_k\|^2}, \qquad a = N^\top w

    a sum of kernels of any sign, each a product over the columns. The rule "shapley"
    is exact for the game in which a column that is left out is integrated out of the
    kernels; "integrated" is its Aumann-Shapley value, and the default behind linear
    steps. The residual is what the score is where all kernels are 1.

    Behind `RBFSampler`

    .. math:: o(x) = \rho - \sum_j c_j \cos(\omega_j^\top x + b_j)

    whose columns share each feature by their squared frequencies, as in the chapter's
    section 3.3; the residual is :math:`\rho`.
    """
    check_is_fitted(model)
    chosen = LinearOptions.of(model.linear_, options)
    training = training_in_folds(model, chosen.X_train)
    slopes, offset = weights_of(model.linear_)
    name = type(model.features_).__name__
    kernels = isinstance(model.features_, Nystroem)
    default, kind = (
        (Shapley(), "kernel-sum") if kernels else (RandomFeatures(), "feature-sum")
    )
    what = f"an SGDOneClassSVM behind {name}"
    rule = chosen_rule(chosen.rule, default, kind, what)
    of_features = _kernels if kernels else _cosines
    units, pooling, meta = of_features(model.features_, slopes, offset)
    instead = IntegratedSoftArgmin() if kernels and chosen.rule is None else None
    network = Network(
        units,
        pooling,
        rule.bound(Scales(gamma=meta.get("gamma"))),
        instead=instead,
        n_jobs=chosen.n_jobs,
    )
    meta |= {"last_step": type(model.linear_).__name__, "features": name}
    return NeuralizedLinear(model, network, "outlier", meta, training)


def _kernels(
    features: Nystroem, slopes: Array, offset: float
) -> tuple[KernelSum, Sum, dict[str, Any]]:
    """Kernels of the landmarks, their sum, and what they are.

    Raises
    ------
    TypeError
        For another kernel.
    """
    if features.kernel != "rbf":
        raise TypeError(
            f"Nystroem(kernel={features.kernel!r}) is not supported in front of an "
            'SGDOneClassSVM, whose network is one of rbf kernels: take kernel="rbf".'
        )
    support = dense(features.components_).astype(float)
    check_magnitude(support)
    gamma = nystroem_gamma(features)
    # the score falls with the decision function
    weights = -(slopes @ features.normalization_.astype(float))
    units = KernelSum(support, gamma, weights, offset)
    meta = {"gamma": gamma, "n_support": len(support)}
    return units, Sum(offset, weights), meta


def _cosines(
    features: Any, slopes: Array, offset: float
) -> tuple[CosineFeatures, Sum, dict[str, Any]]:
    """Cosines, their sum, and what they are."""
    omega = features.random_weights_.T.astype(float)
    units = CosineFeatures(omega, features.random_offset_.astype(float))
    weights = -slopes * np.sqrt(2.0 / len(omega))
    # these are the model's own, and not drawn by the rule
    seed = features.random_state
    seed = int(seed) if isinstance(seed, Integral) else None
    meta = {"n_components": len(omega), "random_state": seed}
    return units, Sum(offset, weights, index="j"), meta
