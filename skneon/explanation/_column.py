# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What is typical of a column, and where in it a value stands."""

from collections import Counter
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from skneon.explanation._text import is_missing
from skneon.network.numerics._types import Array

# values that are looked for one by one rather than in a sorted column
FEW = 8
# of numbers that were computed, relative to themselves and to the largest
ROUNDING, SMALLEST = 1e-9, 1e-14


def typical_value(column: Array) -> Any:
    """The median of numbers, the most frequent of categories; NaN of nothing.

    Missing cells do not count. Booleans among objects are categories. Of categories
    that are equally frequent the first in sorted order is taken.

    Parameters
    ----------
    column : ndarray of shape (N,)

    Examples
    --------
    >>> import numpy as np
    >>> float(typical_value(np.array([1.0, 2.0, np.nan, 9.0])))
    2.0
    >>> typical_value(np.array(["b", "a", "b", None], dtype=object))
    'b'
    """
    numbers = as_numbers(column)
    if numbers is not None:
        return np.median(numbers) if len(numbers) else np.nan
    counts = Counter(known(column))
    return min(counts, key=lambda value: (-counts[value], str(value)))


def percentiles(column: Array, values: Array, rounded: bool = False) -> Array:
    """The percentage of a column that lies below each value, equal ones by half.

    Parameters
    ----------
    column : ndarray of shape (N,)
    values : ndarray of shape (n,)
    rounded : bool, default=False
        Whether the column was computed, so that equal values differ by rounding.

    Returns
    -------
    percentiles : ndarray of shape (n,)
        From 0 to 100; NaN for missing values, and for categories, which have no order.

    Examples
    --------
    >>> import numpy as np
    >>> percentiles(np.array([1.0, 2.0, 3.0, 4.0]), np.array([4.0, 9.0, 2.0]))
    array([ 87.5, 100. ,  37.5])
    """
    return np.asarray(standings(column, values, rounded).mean(axis=1))


def standings(column: Array, values: Array, rounded: bool = False) -> Array:
    """The percentages of a column that lie below each value, and up to it.

    Parameters
    ----------
    column : ndarray of shape (N,)
    values : ndarray of shape (n,)
    rounded : bool, default=False
        As in `percentiles`.

    Returns
    -------
    standings : ndarray of shape (n, 2)
        NaN where there is no percentile.

    Examples
    --------
    >>> import numpy as np
    >>> standings(np.array([1.0, 4.0, 4.0, 5.0]), np.array([4.0, 9.0]))
    array([[ 25.,  75.],
           [100., 100.]])
    """
    found = np.full((len(values), 2), np.nan)
    numbers = as_numbers(column)
    asked = [not is_missing(value) and _is_number(value) for value in values.tolist()]
    if numbers is None or not len(numbers) or not any(asked):
        return found
    wanted = values[asked].astype(float)
    slack = np.zeros(len(wanted))
    if rounded:
        slack = ROUNDING * np.abs(wanted) + SMALLEST * np.abs(numbers).max()
    low, high = wanted - slack, wanted + slack
    if len(wanted) <= FEW:
        below = np.array([np.count_nonzero(numbers < value) for value in low])
        upto = np.array([np.count_nonzero(numbers <= value) for value in high])
    else:
        ordered = np.sort(numbers)
        below = np.searchsorted(ordered, low, "left")
        upto = np.searchsorted(ordered, high, "right")
    found[asked] = 100 * np.column_stack([below, upto]) / len(numbers)
    return found


def as_numbers(column: Array) -> Array | None:
    """The cells that are not missing as floats; None where they are categories."""
    if column.dtype.kind in "fiub":
        numbers: Array = column.astype(float, copy=False)
        return np.asarray(numbers[~np.isnan(numbers)])
    present = known(column)
    return np.array(present, float) if all(map(_is_number, present)) else None


def known(column: Array) -> Sequence[Any]:
    """The cells that are not missing."""
    return [value for value in column.tolist() if not is_missing(value)]


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)
