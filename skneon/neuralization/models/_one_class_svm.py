# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The network of one-class support vector machines."""

import numpy as np
from sklearn.svm import OneClassSVM
from sklearn.utils.validation import check_is_fitted

from skneon._compat import kernel_coefficient
from skneon._validation import check_magnitude
from skneon.network import LogMeanExp, SquaredDistance, SupportWeights, dense
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel, check_options, override
from skneon.neuralization.models._kernel_density import RULE_CONSTRAINTS

DEFAULTS = {"beta": "integrated", "n_jobs": None}


class NeuralizedSupportVectors(NeuralizedModel):
    """Network of a one-class support vector machine; made by `neuralize`."""

    accept_sparse = "csr"


@neuralize.register
def neuralize_one_class_svm(model: OneClassSVM, **options):
    r"""The network of scikit-learn's `OneClassSVM` with an rbf kernel.

    With the dual coefficients :math:`\alpha_k`, normalised to the sum 1, the outlier
    score falls as ``score_samples`` grows,

    .. math:: o(x) = -\frac1\gamma \log \sum_k \alpha_k e^{-\gamma h_k}
              = -\frac1\gamma \log \frac{\text{score\_samples}(x)}{\sum_k \alpha_k} .

    (Kauffmann, Müller, Montavon: Towards explaining anomalies, 2020.) Rules, by
    `beta`: "integrated", as in `LogMeanExp`, which shares all of o(x); or a stiffness,
    "gamma" for that of the kernel: there the units are as in the paper
    :math:`h_k + b_k`, with the biases :math:`b_k = -\log(\alpha_k) / \gamma \ge 0`
    whose shares :math:`b_k / (h_k + b_k)` are dissipated, so that a feature never gets
    more than the unit's relevance.
    """
    check_is_fitted(model)
    if model.kernel != "rbf":
        raise ValueError(
            f"Only the rbf kernel has this network, got kernel={model.kernel!r}. Fit "
            'OneClassSVM with kernel="rbf".'
        )
    options = override(DEFAULTS, options, model)
    known = {name: RULE_CONSTRAINTS[name] for name in DEFAULTS}
    check_options(known, options, model)
    beta, n_jobs = options["beta"], options["n_jobs"]
    gamma = kernel_coefficient(model)
    beta = gamma if beta == "gamma" else beta
    alpha = dense(model.dual_coef_).ravel()
    support = dense(model.support_vectors_).astype(float)
    check_magnitude(support)
    weights = alpha / alpha.sum()
    bias = 0.0 if beta == "integrated" else -np.log(weights) / gamma
    layers = [
        SquaredDistance(support, bias),
        LogMeanExp(gamma, SupportWeights(weights), beta),
    ]
    meta = {"gamma": gamma, "n_support": len(support), "beta": beta}
    return NeuralizedSupportVectors(model, layers, "outlier", n_jobs, meta)
