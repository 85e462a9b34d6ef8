# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Steps whose outputs each depend on all columns: known in front of a linear model.

Neither has a layer of its own. A map to features of a kernel and the linear model
behind it are one model of the columns, an expansion.
"""

from collections.abc import Sequence
from typing import Any, NoReturn, Self

from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import RandomTreesEmbedding
from sklearn.kernel_approximation import (
    AdditiveChi2Sampler,
    Nystroem,
    PolynomialCountSketch,
    RBFSampler,
    SkewedChi2Sampler,
)
from sklearn.linear_model import SGDOneClassSVM
from sklearn.pipeline import Pipeline

from skneon.neuralization._neuralize import neuralize
from skneon.neuralization.steps._wrapped import acting, unwrapped

KNOWN = (Nystroem, RBFSampler)
ON_OUTPUTS = (
    " Or explain the model on transformed rows instead, "
    "explain(pipeline[-1], pipeline[:-1].transform(X))."
)


class KernelExpansion(BaseEstimator):  # type: ignore[misc]
    """Features of a kernel and the linear model behind them, as one model.

    Parameters
    ----------
    features : Nystroem or RBFSampler
    linear : SGDOneClassSVM

    Attributes
    ----------
    features_, linear_
        The same, fitted.
    """

    def __init__(self, features: Any, linear: Any) -> None:
        self.features = features
        self.linear = linear

    @classmethod
    def of(cls, features: Any, linear: Any) -> Self:
        """Of parts that are fitted."""
        expansion = cls(features, linear)
        expansion.features_, expansion.linear_ = features, linear
        return expansion

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit both."""
        self.features_ = clone(self.features).fit(X)
        self.linear_ = clone(self.linear).fit(self.features_.transform(X))
        return self

    @property
    def n_features_in_(self) -> int:
        """Number of columns."""
        return int(self.features_.n_features_in_)

    @property
    def feature_names_in_(self) -> Any:
        """Names of the columns, where they have any."""
        return self.features_.feature_names_in_


def with_expansion(
    transformers: Sequence[tuple[str, Any]], last: Any
) -> tuple[list[tuple[str, Any]], Any]:
    """Steps and model, where the last step and the model may be an expansion."""
    steps = list(transformers)
    if not isinstance(last, SGDOneClassSVM):
        return steps, last
    while steps and isinstance(unwrapped(steps[-1][1]), Pipeline):
        name, inner = steps.pop()
        parts = acting(unwrapped(inner).steps)
        steps += [(f"{name}__{part}", step) for part, step in parts]
    if steps and isinstance(unwrapped(steps[-1][1]), KNOWN):
        return steps[:-1], KernelExpansion.of(unwrapped(steps[-1][1]), last)
    return steps, last


@neuralize.register(Nystroem)
@neuralize.register(RBFSampler)
def refuse_kernel_features(model: Any) -> NoReturn:
    """Refused but in front of a linear model: a feature depends on all columns."""
    raise TypeError(
        f"{type(model).__name__} is not supported here, as its features depend on all "
        "columns: it is explained directly in front of an SGDOneClassSVM. For another "
        "model leave it out, and take one that has the kernel itself, such as "
        "OneClassSVM or KernelDensity." + ON_OUTPUTS
    )


@neuralize.register(AdditiveChi2Sampler)
@neuralize.register(PolynomialCountSketch)
@neuralize.register(SkewedChi2Sampler)
def refuse_other_features(model: Any) -> NoReturn:
    """Refused: features of kernels that have no network."""
    raise TypeError(
        f"{type(model).__name__} gives features of a kernel that has no network. In "
        'front of an SGDOneClassSVM take Nystroem(kernel="rbf") or RBFSampler, which '
        "are explained." + ON_OUTPUTS
    )


@neuralize.register
def refuse_leaves(model: RandomTreesEmbedding) -> NoReturn:
    """Refused: a leaf depends on several columns."""
    raise TypeError(
        "RandomTreesEmbedding gives the leaves of trees, and a leaf depends on several "
        "columns. Leave it out; for outliers take an IsolationForest, whose trees are "
        "explained." + ON_OUTPUTS
    )
