# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Linear units that each contrast an own point with a rival point."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse

from skneon.network.layers._inputs import Inputs
from skneon.network.numerics._types import Array


@dataclass(frozen=True)
class Pairs:
    r"""Linear units h_t = |z - s_t|^2 - |z - o_t|^2, an own point o_t, a rival s_t.

    With a base point b near the rows they are :math:`w_t^\top (z - b) + c_t`, which no
    common offset of the data can round off, and their signed shares
    :math:`(z_i - s_{ti})^2 - (z_i - o_{ti})^2`, through inputs z = y A + b,

    .. math:: (y - \hat b) \circ \alpha_t + (z - b) A^\top \circ \beta_t + \kappa_t .

    Attributes
    ----------
    base : ndarray of shape (p,)
    base_preimage : ndarray of shape (m,)
    w : ndarray of shape (T, p)
        2 (o_t - s_t).
    alpha, beta, kappa : ndarray of shape (T, m)
    competes : ndarray of bool, shape (T,)
    """

    base: Array
    base_preimage: Array
    w: Array
    alpha: Array
    beta: Array
    kappa: Array
    competes: Array

    @classmethod
    def of(
        cls, base: Array, own: Array, rivals: Array, competes: Array, inputs: Inputs
    ) -> "Pairs":
        """The units of own points and rivals, (T, p) or broadcast to it."""
        own, rivals = np.broadcast_arrays(own, rivals)
        points = np.concatenate([base[None], own, rivals])
        preimages, T = inputs.pull(points), len(own)
        q, p = base - points, preimages[0] - preimages
        q_own, q_rival = q[1 : T + 1], q[T + 1 :]
        p_own, p_rival = p[1 : T + 1], p[T + 1 :]
        return cls(
            base=base,
            base_preimage=preimages[0],
            w=2 * (own - rivals),
            alpha=inputs.back(q_rival - q_own),
            beta=p_rival - p_own,
            kappa=p_rival * inputs.back(q_rival) - p_own * inputs.back(q_own),
            competes=competes,
        )

    def activations(self, Z: Any) -> Array:
        """h, shape (n, T); +inf where a unit does not compete."""
        constant = self.kappa.sum(axis=1)
        if issparse(Z):
            H = Z @ self.w.T + (constant - self.w @ self.base)
        else:
            H = (Z - self.base) @ self.w.T + constant
        H[:, ~self.competes] = np.inf
        return H

    def shares(self, X: Array, inputs: Inputs) -> Array:
        """Signed shares of every h_t before gathering, shape (T, n, m)."""
        terms = self._terms(X, inputs)
        return sum(x * slope[:, None] for x, slope in terms) + self.kappa[:, None]

    def weighted_shares(self, X: Array, factor: Array, inputs: Inputs) -> Array:
        """sum_t factor_nt times the shares, shape (n, m)."""
        terms = self._terms(X, inputs)
        return sum(x * (factor @ slope) for x, slope in terms) + factor @ self.kappa

    def _terms(self, X: Array, inputs: Inputs) -> list[tuple[Array, Array]]:
        """What the shares are linear in, and the slopes."""
        offset = X - self.base_preimage
        if inputs.matrix is None:
            return [(offset, self.w)]
        back = inputs.back(inputs.project(X) - self.base)
        return [(offset, self.alpha), (back, self.beta)]
