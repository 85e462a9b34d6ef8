# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What kernel densities, and clusters in one, consist of."""

from dataclasses import dataclass
from typing import Any

from skneon.network import SupportWeights
from skneon.network.numerics._types import Array
from skneon.neuralization._own_rows import support_groups


@dataclass(frozen=True)
class KernelPoints:
    """What a kernel density consists of.

    Attributes
    ----------
    support : ndarray of shape (N, d)
        Training rows.
    weights : ndarray of shape (N,)
        Their weights, with the sum 1; rows of weight 0 are no support points.
    gamma : float
    kernel : {"gaussian", "exponential"}
        ``exp(-gamma |x - u|^2)`` or ``exp(-gamma |x - u|)``.
    """

    support: Array
    weights: Array
    gamma: float
    kernel: str = "gaussian"


def kept_points(
    weights: Array, kept: Array, groups: Any
) -> tuple[SupportWeights, Array]:
    """Weights of the training rows that are support points, and how each is left out.

    Parameters
    ----------
    weights : ndarray of shape (N,)
        Those of the support points sum to 1.
    kept : ndarray of bool, shape (N,)
        Which training rows are support points.
    groups : array-like of shape (N,), or None
        Labels of rows that are left out together.

    Returns
    -------
    support_weights : SupportWeights
    absent : ndarray of int, shape (N,)
        As `support_groups` gives it.
    """
    absent, numbers = support_groups(groups, kept)
    return SupportWeights(weights[kept], groups=numbers), absent
