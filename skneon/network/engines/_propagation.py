# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What one pass through a network gives."""

from dataclasses import dataclass

from skneon.network.numerics._types import Array


@dataclass
class Propagation:
    """What one backward pass through a network gives; rows as in the input.

    Attributes
    ----------
    relevance : ndarray of shape (n, d)
    score : ndarray of shape (n,)
    reference : ndarray of shape (n, d)
        None where it was not asked for, see `Query`.
    rival : ndarray of int, shape (n,), or None
    standard_error : ndarray of shape (n, d), or None
    cluster : ndarray of int, shape (n,), or None
        The cluster whose evidence this is.
    """

    relevance: Array
    score: Array
    reference: Array
    rival: Array | None = None
    standard_error: Array | None = None
    cluster: Array | None = None
