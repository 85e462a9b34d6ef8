# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a kernel density consists of, whatever is explained."""

from dataclasses import dataclass

from skneon.network.numerics._types import Array


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
