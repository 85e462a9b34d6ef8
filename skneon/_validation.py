# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Checks shared by the public doors."""

from contextlib import contextmanager
from importlib import import_module

import numpy as np

# squared distances, and their products with weights, stay clear of overflow
LARGEST_VALUE = 1e140


def plainly_moderate(X):
    """Whether one quick pass finds all values finite, and none above 1e140."""
    values = X.data if hasattr(X, "toarray") else X
    # the sum of squares is no number where any value is none
    return bool(np.vdot(values, values) <= LARGEST_VALUE**2)


def check_magnitude(X):
    """Refuse values whose squared distances would overflow.

    Parameters
    ----------
    X : ndarray or sparse matrix, finite

    Raises
    ------
    ValueError
        Where an absolute value is above 1e140.
    """
    values = X.data if hasattr(X, "toarray") else X
    if plainly_moderate(X):
        return
    largest = max(np.max(values, initial=0), -np.min(values, initial=0))
    if largest > LARGEST_VALUE:
        raise ValueError(
            f"X holds a value of magnitude {largest:.3g}: squared distances overflow "
            f"beyond {LARGEST_VALUE:.0e}. Rescale the columns, for example with "
            "StandardScaler."
        )


@contextmanager
def unchanged_on_failure(estimator):
    """Give an estimator back its attributes where the block raises."""
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


def import_optional(module, extra):
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
