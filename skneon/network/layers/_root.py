# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Roots of sums over the columns as activations: distances that are not squared."""

import numpy as np

from skneon.network.numerics._types import Array


class Root:
    r"""Units with :math:`h_k = \sqrt{T_k}`, where T_k sums the contributions."""

    def activation(self, T: Array) -> Array:
        """Activations of the units, from sums of contributions."""
        # sums of shares can fall below 0 where an affine map is folded in
        return np.sqrt(np.maximum(T, 0.0))

    def sums(self, H: Array) -> Array:
        """Squared distances."""
        return H**2

    def per_sum(self, H: Array) -> Array:
        """1 / h, and 0 where h is 0."""
        return np.divide(1.0, H, out=np.zeros_like(H), where=H > 0)
