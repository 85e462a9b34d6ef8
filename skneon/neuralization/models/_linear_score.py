# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The network of linear one-class support vector machines."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
from sklearn.linear_model import SGDOneClassSVM
from sklearn.utils.validation import check_is_fitted

from skneon.network import (
    Interventional,
    LinearScore,
    Min,
    Network,
    Rule,
    Scales,
    Shapley,
)
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel, TrainingRows
from skneon.neuralization._options import RULE, Options, chosen_rule
from skneon.neuralization.models._given_rows import rows_as_given, scores_in_folds

# points beyond it are no numbers to compare with
FAR = 1e140


@dataclass(frozen=True, kw_only=True)
class LinearOptions(Options):
    """Options of linear scores, as in `neuralize`."""

    rule: str | Rule | None = None
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {**Options.constraints, "rule": RULE}


class NeuralizedLinear(NeuralizedModel):
    """A linear one-class support vector machine and its network; by `neuralize`."""

    accept_sparse = "csr"
    takes_training_rows = True


@neuralize.register
def neuralize_sgd_one_class_svm(
    model: SGDOneClassSVM, **options: Any
) -> NeuralizedLinear:
    r"""The network of scikit-learn's `SGDOneClassSVM`: minus ``decision_function``.

    .. math:: o(x) = \rho - w^\top x, \qquad
              C_i = -w_i (x_i - m_i), \quad m = \rho \, w / \|w\|^2

    above 0 where ``predict`` gives -1. The model separates the rows from the origin.
    The point m is where the boundary is nearest to it, so that the shares sum to o(x),
    and nothing is left over. They are the Shapley values of the game in which columns
    that are left out are those of m, and, up to a factor, of the evidence of k-means
    with two centroids, the origin and its mirror image 2m, see `LinearScore`. Rules:
    "shapley"; "w-square", for which the point of the boundary nearest to x counts; and
    "interventional" against the mean of ``X_train``, whose score is the residual.

    With ``X_train``, the rows of the fit, these are what X=None stands for, none of
    them left out. The scores beside which new rows have p-values are those of models
    fitted in folds.
    """
    check_is_fitted(model)
    chosen = LinearOptions.of(model, options)
    rule = chosen_rule(chosen.rule, Shapley(), "linear", "an SGDOneClassSVM")
    training = training_in_folds(model, chosen.X_train)
    slopes, offset = weights_of(model)
    if isinstance(rule, Interventional):
        if training is None:
            raise ValueError(
                'rule="interventional" compares with the training rows, which '
                "SGDOneClassSVM does not keep: pass them as X_train."
            )
        mean = dense(training.rows.mean(axis=0)).ravel()
        units = LinearScore(slopes, mean, float(offset - slopes @ mean), True)
    else:
        units = LinearScore(slopes, *_nearest_on_boundary(slopes, offset))
        # a single unit counts alike at any stiffness
        rule = rule.bound(Scales(auto_beta=lambda: 0.0))
    network = Network(units, Min(), rule, n_jobs=chosen.n_jobs)
    return NeuralizedLinear(model, network, "outlier", training=training)


def weights_of(model: SGDOneClassSVM) -> tuple[Array, float]:
    """The w and the offset rho of a fitted model."""
    slopes = dense(model.coef_).astype(float).ravel()
    return slopes, float(np.ravel(model.offset_)[0])


def training_in_folds(model: Any, X_train: Any) -> TrainingRows | None:
    """The rows that X=None stands for, and their scores by models fitted in folds."""
    training = rows_as_given(model, X_train, "csr")
    if training is None:
        return None
    return replace(training, in_folds=partial(scores_in_folds, model, training.rows))


def _nearest_on_boundary(slopes: Array, offset: float) -> tuple[Array, float]:
    """The point of the boundary nearest to the origin, and the score there: 0.

    The origin and its score where there is no boundary, or none within reach.
    """
    largest = np.abs(slopes).max(initial=0.0)
    if largest > 0:
        unit = slopes / largest
        with np.errstate(over="ignore", invalid="ignore"):
            point = offset / largest * unit / (unit @ unit)
        if np.abs(point).max() < FAR:
            return point, 0.0
    return np.zeros_like(slopes), offset
