# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Weights of the support points that are kept."""

from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._weights import SupportWeights
from skneon.network.numerics._types import Array


class KeptWeights(SupportWeights):
    """`SupportWeights` of some points; what they sum to is that of all points.

    Parameters
    ----------
    support_weights : SupportWeights
        Of all points, each a group of its own.
    k : ndarray of int, shape (K,)
        Numbers of those that are kept.
    query : Query
        Of the rows that they are kept for, in terms of all points.

    Attributes
    ----------
    query : Query
        The same in terms of those that are kept.
    missing : ndarray of shape (n,)
        Weights of points that count but are not kept.
    """

    def __init__(self, support_weights: SupportWeights, k: Array, query: Query) -> None:
        super().__init__(support_weights.weights[k])
        self._all = support_weights.total(query)
        self._constant = support_weights.offset(query)
        self.query = Query()
        kept, n_kept = self.weights.sum(), len(k)
        if query.absent is not None:
            equal = query.absent[:, None] == k
            place = np.where(equal.any(axis=1), equal.argmax(axis=1), -1)
            self.query = Query(absent=place)
            kept = kept - np.where(place >= 0, self.weights[place], 0.0)
            n_kept = n_kept - (place >= 0)
        n_present = present(support_weights, query)
        self.missing = missing_mass(self._all, kept, n_kept == n_present)

    def total(self, query: Query) -> Any:
        """Sum of the weights of all points that are there."""
        return self._all

    def offset(self, query: Query) -> Any:
        """The constant."""
        return self._constant


def present(support_weights: SupportWeights, query: Query) -> Any:
    """How many support points each row's model has: (n,), or one number."""
    n = len(support_weights.weights)
    return n if query.absent is None else n - (query.absent >= 0)


def missing_mass(total: Any, kept: Any, complete: Any) -> Array:
    """Weights of points that count but are not kept: (n,).

    Parameters
    ----------
    total, kept : ndarray of shape (n,), or float
        Sum of the weights of all, and of those that are kept.
    complete : ndarray of bool, shape (n,), or bool
        Whether all are kept: then nothing is missing but rounded digits.
    """
    return np.where(complete, 0.0, np.maximum(total - kept, 0.0))
