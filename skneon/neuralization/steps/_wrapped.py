# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What wrappers stand for, and which steps of a Pipeline act on rows after the fit."""

from collections.abc import Iterable
from typing import Any

from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from skneon._compat import BaseSearchCV


def unwrapped(model: Any) -> Any:
    """The fitted model that a `FrozenEstimator` or a search stands for, itself neither.

    Raises
    ------
    TypeError
        For a search that keeps no fitted model.
    NotFittedError
        For one that is not fitted.
    """
    while isinstance(model, FrozenEstimator | BaseSearchCV):
        check_is_fitted(model)
        if isinstance(model, FrozenEstimator):
            model = model.estimator
        elif hasattr(model, "best_estimator_"):
            model = model.best_estimator_
        else:
            raise TypeError(
                f"{type(model).__name__}(refit=False) keeps no fitted model: pass "
                "refit=True."
            )
    return model


def is_sampler(step: Any) -> bool:
    """Whether a step chooses or makes rows in a fit, and does nothing afterwards."""
    return hasattr(step, "fit_resample") and not hasattr(step, "transform")


def acting(steps: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Named steps that transform rows, without their wrappers."""
    return [
        (name, unwrapped(step))
        for name, step in steps
        if step is not None and not isinstance(step, str) and not is_sampler(step)
    ]


def samplers(steps: Iterable[tuple[str, Any]]) -> list[str]:
    """Names of the samplers among steps, and in Pipelines among them."""
    names = []
    for name, step in steps:
        if is_sampler(step):
            names.append(name)
        names += samplers(getattr(step, "steps", []))
    return names
