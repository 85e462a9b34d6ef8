# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Checks shared by the public doors."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

# squared distances, and their products with weights, stay clear of overflow
LARGEST_VALUE = 1e140
# the same for work in float32
LARGEST_FLOAT32 = 1e12


def plainly_moderate(X: Any) -> bool:
    """Whether one quick pass finds all values finite, and none above 1e140."""
    values = X.data if hasattr(X, "toarray") else X
    # the sum of squares is no number where any value is none
    return float(np.vdot(values, values)) <= LARGEST_VALUE**2


def largest_magnitude(X: Any) -> float:
    """Largest absolute value of a finite array or sparse matrix."""
    values = X.data if hasattr(X, "toarray") else X
    largest: float = max(np.max(values, initial=0), -np.min(values, initial=0))
    return largest


def check_magnitude(X: Any, limit: float = LARGEST_VALUE) -> None:
    """Refuse values whose squared distances would overflow.

    Parameters
    ----------
    X : ndarray or sparse matrix, finite
    limit : float, default=1e140

    Raises
    ------
    ValueError
        Where an absolute value is above the limit.
    """
    if limit == LARGEST_VALUE and plainly_moderate(X):
        return
    largest = float(largest_magnitude(X))
    if largest > limit:
        also = ", or fit rows of float64" if limit == LARGEST_FLOAT32 else ""
        raise ValueError(
            f"X holds a value of magnitude {largest:.3g}: squared distances overflow "
            f"beyond {limit:.0e}. Rescale the columns, for example with "
            f"StandardScaler{also}."
        )


def plain_array(values: Any) -> Any:
    """An array; one of objects by what these are, such as ints."""
    values = np.asarray(values)
    return np.array(values.tolist()) if values.dtype == object else values


def check_activations(X: Any) -> None:
    """Refuse rows with negative values, which no ReLU gives.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n, d)

    Raises
    ------
    ValueError
        It names the least value, its row and its column.
    """
    least = X.min() if X.shape[0] else 0.0
    if least < 0:
        rows = X.toarray() if hasattr(X, "toarray") else X
        row, column = np.unravel_index(np.argmin(rows), rows.shape)
        raise ValueError(
            'rule="activation" explains activations of a network, which are not '
            f"negative: column {column} of row {row} is {least:.3g}. Take the output "
            "of a ReLU, as it is: scaling that moves 0 leaves no activations."
        )


@contextmanager
def unchanged_on_failure(estimator: Any) -> Iterator[None]:
    """Give an estimator back its attributes where the block raises."""
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


def import_optional(module: str, extra: str) -> Any:
    """Import an optional dependency, or say which extra brings it.

    Parameters
    ----------
    module : str
    extra : str
        Name of the extra in ``pip install "skneon[extra]"``.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f"This needs {module}, which is not installed: "
            f'pip install "skneon[{extra}]" brings it.'
        ) from error
