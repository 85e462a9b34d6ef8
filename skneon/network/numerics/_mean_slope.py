# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""By how much a Gaussian kernel falls per unit of squared distance, from 0 to h.

.. math:: \gamma \int_0^1 e^{-s \gamma h} ds = \frac{1 - e^{-\gamma h}}{h}
"""

import numpy as np

from skneon.network.numerics._types import Array


def mean_slope(H: Array, gamma: float, out: Array | None = None) -> Array:
    """(1 - exp(-gamma h)) / h, gamma where h is 0; of the shape of H.

    No digits cancel near 0, and a product that overflows stands for infinity.

    Parameters
    ----------
    H : ndarray
        Not negative.
    gamma : float
    out : ndarray, or None
        Where the result goes; not H itself.

    Examples
    --------
    >>> import numpy as np
    >>> mean_slope(np.array([0.0, 1e-20, 2.0]), 0.5).round(4)
    array([0.5   , 0.5   , 0.3161])
    """
    with np.errstate(over="ignore"):
        slope = np.multiply(H, -gamma, out=out)
    near = slope > -np.finfo(slope.dtype).tiny
    np.negative(np.expm1(slope, out=slope), out=slope)
    with np.errstate(under="ignore"):
        np.divide(slope, H, out=slope, where=~near)
    slope[near] = gamma
    return np.asarray(slope)
