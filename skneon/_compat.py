# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The one place that imports private scikit-learn API."""

from collections.abc import Callable
from copy import copy
from typing import Any, TypeVar

import numpy as np
from sklearn.base import _fit_context
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils._param_validation import (
    Interval,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.validation import _check_sample_weight

from skneon.network.numerics._types import Array

__all__ = [
    "BaseSearchCV",
    "DocumentationLink",
    "Interval",
    "StrOptions",
    "bisecting_tree",
    "check_sample_weight",
    "fit_context",
    "kernel_coefficient",
    "log_weights",
    "training_rows",
    "validate_parameter_constraints",
]


F = TypeVar("F", bound=Callable[..., Any])

DOCUMENTATION = "https://skneon.readthedocs.io/en/latest"


class DocumentationLink:
    """Lets the HTML diagram of an estimator point to its page in our documentation."""

    _doc_link_module = "skneon"
    _doc_link_template = DOCUMENTATION + "/api/{estimator_module}.{estimator_name}.html"


def fit_context(*, prefer_skip_nested_validation: bool) -> Callable[[F], F]:
    """Decorator of ``fit`` by which scikit-learn checks the parameters first."""
    decorator: Callable[[F], F] = _fit_context(
        prefer_skip_nested_validation=prefer_skip_nested_validation
    )
    return decorator


def check_sample_weight(sample_weight: Any, X: Array) -> Array:
    """Sample weights as a float array: finite, not negative, with a positive sum.

    Parameters
    ----------
    sample_weight : array-like of shape (n,), a number, or None
    X : ndarray of shape (n, d)

    Returns
    -------
    sample_weight : ndarray of shape (n,)
    """
    weights: Array = _check_sample_weight(
        sample_weight, X, dtype=float, ensure_non_negative=True
    )
    with np.errstate(over="ignore"):
        total = weights.sum()
    if not 0 < total < np.inf:
        raise ValueError(
            f"The sample weights sum to {total}: give at least one row a positive "
            "weight, and no weights near the limit of floating point numbers."
        )
    return weights


def kernel_coefficient(model: Any) -> float:
    """gamma of a fitted support vector machine, also for "scale" and "auto"."""
    return float(model._gamma)


def log_weights(mixture: Any) -> Array:
    """Log of weight times density of each component at its own mean, shape (K,)."""
    centered = copy(mixture)
    # all means at 0: far ones would be rounded, and hide the light components
    centered.means_ = np.zeros_like(mixture.means_)
    with np.errstate(divide="ignore"):
        logs: Array = centered._estimate_weighted_log_prob(centered.means_[:1])[0]
    return logs


def training_rows(model: Any) -> Any:
    """Rows that a fitted neighbours model keeps."""
    return model._fit_X


def bisecting_tree(model: Any) -> tuple[Array, Array, Array]:
    """Centers, children and cluster labels of the nodes of a `BisectingKMeans`.

    Parameters
    ----------
    model : fitted BisectingKMeans

    Returns
    -------
    centers : ndarray of shape (M, d)
    children : ndarray of int, shape (M, 2)
        Left and right child of each node; -1 for leaves. Node 0 is the root.
    labels : ndarray of int, shape (M,)
        Cluster of each leaf; -1 for other nodes.
    """
    nodes, children = [model._bisecting_tree], []
    for node in nodes:
        both = [] if node.left is None else [node.left, node.right]
        children.append([len(nodes), len(nodes) + 1] if both else [-1, -1])
        nodes += both
    # the root's is a matrix of one row where the model was fitted to sparse rows
    centers = np.stack([np.ravel(node.center) for node in nodes]).astype(float)
    labels = [-1 if node.left is not None else node.label for node in nodes]
    return (
        centers + getattr(model, "_X_mean", 0.0),
        np.array(children),
        np.array(labels),
    )


def nystroem_gamma(model: Any) -> float:
    """gamma of a fitted `Nystroem` of the rbf kernel, None being 1 over the columns."""
    gamma = model._get_kernel_params().get("gamma")
    return float(1 / model.components_.shape[1] if gamma is None else gamma)
