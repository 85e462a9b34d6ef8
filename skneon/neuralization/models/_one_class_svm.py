# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The networks of one-class support vector machines."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
from sklearn.svm import OneClassSVM
from sklearn.utils.validation import check_is_fitted

from skneon._compat import StrOptions, kernel_coefficient
from skneon._validation import check_magnitude
from skneon.network import (
    IntegratedSoftArgmin,
    LogMeanExp,
    Network,
    Rule,
    Scales,
    SoftArgmin,
    SquaredDistance,
    SupportWeights,
)
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel
from skneon.neuralization._options import RULE, Options, chosen_rule
from skneon.neuralization.models._given_rows import rows_as_given, scores_in_folds
from skneon.neuralization.models._kernel_terms import KernelTerms, kernel_network


@dataclass(frozen=True, kw_only=True)
class SupportVectorOptions(Options):
    """Options of one-class support vector machines, as in `neuralize`."""

    target: str = "outlier"
    rule: str | Rule | None = None
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {
        **Options.constraints,
        "target": [StrOptions({"outlier", "decision"})],
        "rule": RULE,
    }


class NeuralizedSupportVectors(NeuralizedModel):
    """A one-class support vector machine and its network; made by `neuralize`."""

    accept_sparse = "csr"
    takes_training_rows = True

    def was_fitted_to(self, rows: Any) -> bool:
        """Whether they are as many, with the support vectors at their places."""
        model = self.model
        if rows.shape != model.shape_fit_:
            return False
        found, kept = rows[model.support_], model.support_vectors_
        return bool(np.array_equal(dense(found), dense(kept)))


@neuralize.register
def neuralize_one_class_svm(
    model: OneClassSVM, **options: Any
) -> NeuralizedSupportVectors:
    r"""The network of scikit-learn's `OneClassSVM` with an rbf kernel.

    With the dual coefficients :math:`\alpha_k`, normalised to the sum 1, the outlier
    score falls as ``score_samples`` grows,

    .. math:: o(x) = -\frac1\gamma \log \sum_k \alpha_k e^{-\gamma h_k}
              = -\frac1\gamma \log \frac{\text{score\_samples}(x)}{\sum_k \alpha_k} .

    (Kauffmann, Müller, Montavon: Towards explaining anomalies, 2020.) Rules:
    "integrated", which shares all of o(x); or "soft-argmin", where the units are as in
    the paper :math:`h_k + b_k`, with the biases
    :math:`b_k = -\log(\alpha_k) / \gamma \ge 0` whose shares
    :math:`b_k / (h_k + b_k)` are dissipated, so that a feature never gets more than the
    unit's relevance.

    With ``X_train``, the rows of the fit, these are what X=None stands for, none of
    them left out: those that are support vectors score lower than new rows do. So the
    scores beside which new rows have p-values are those of models fitted in folds.

    ``target="decision"`` is ``decision_function`` itself, a sum of kernels: see
    `kernel_network`. Its residual, what the sum is where all kernels are 1, is far
    above the scores: the outlier score tells more.
    """
    check_is_fitted(model)
    if model.kernel != "rbf":
        raise ValueError(
            f"Only the rbf kernel has this network, got kernel={model.kernel!r}. Fit "
            'OneClassSVM with kernel="rbf".'
        )
    chosen = SupportVectorOptions.of(model, options)
    gamma = kernel_coefficient(model)
    support = dense(model.support_vectors_).astype(float)
    check_magnitude(support)
    alpha = dense(model.dual_coef_).ravel()
    training = rows_as_given(model, chosen.X_train, "csr")
    if chosen.target == "decision":
        offset = float(np.ravel(model.intercept_)[0])
        terms = KernelTerms(support, gamma, alpha, offset)
        network = kernel_network(terms, chosen.rule, "OneClassSVM", chosen.n_jobs)
    else:
        network = _soft_minimum(support, gamma, alpha / alpha.sum(), chosen)
    if training is not None and chosen.target == "outlier":
        scores = partial(scores_in_folds, model, training.rows)
        training = replace(training, in_folds=scores)
    meta = {"gamma": gamma, "n_support": len(support)}
    return NeuralizedSupportVectors(model, network, chosen.target, meta, training)


def _soft_minimum(
    support: Array, gamma: float, weights: Array, options: SupportVectorOptions
) -> Network:
    """The network of the outlier score."""
    rule = chosen_rule(options.rule, IntegratedSoftArgmin(), "outlier", "OneClassSVM")
    biased = isinstance(rule, SoftArgmin)
    return Network(
        SquaredDistance(support, -np.log(weights) / gamma if biased else 0.0),
        LogMeanExp(gamma, SupportWeights(weights)),
        rule.bound(Scales(gamma=gamma)),
        n_jobs=options.n_jobs,
    )
