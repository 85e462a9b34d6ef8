# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Log-densities and log-odds of mixtures, integrated over how far columns take part.

.. math:: R_i = \frac12 \int_0^1 \sum_k r_k(s) m_{ki}(s)^2
          + (r_k(s) - \pi_k(s)) g_{ki}(s) \, ds
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp, softmax

from skneon.network.numerics._mixture_components import (
    Components,
    Odds,
    mixture_values,
)
from skneon.network.numerics._players import Floats, Players, player_sums, players_of

# nodes of a panel
N_NODES = 8
# a panel is halved where its shares miss its part of the value by this, in nats and
# in parts of the shares
TOLERANCE = 1e-10
# rounding of values, in parts of the distances that they are made of
ROUNDING = 1e-13
# so many panels at most are taken for a block of rows; what they miss is spread
MAX_PANELS = 400
# numbers in a block of components x rows x columns
BLOCK = 2**17


@dataclass(frozen=True)
class MixturePath:
    """Principal axes of the components in common units, of `mixture_path`.

    Attributes
    ----------
    components : Components
    players : tuple of ndarray of int
    scale : ndarray of shape (d,)
        Root mean square within standard deviations.
    eigenvalues : ndarray of shape (K, d)
    axes : ndarray of shape (K, d, d), or None for diagonal covariances
    """

    components: Components
    players: Players
    scale: Floats
    eigenvalues: Floats
    axes: Floats | None

    def shares(self, X: Floats, odds: Odds | None = None) -> Floats:
        """Shares of rows, shape (n, p); of their odds where these are given."""
        out = np.empty(X.shape)
        size = max(1, BLOCK // self.components.means.size)
        for start in range(0, len(X), size):
            rows = slice(start, start + size)
            Y = (X[rows] - self.components.means[:, None]) / self.scale
            U = Y if self.axes is None else Y @ self.axes
            out[rows] = self._integral(U, odds and odds.at(rows))
        return player_sums(out, self.players)

    def _integral(self, U: Floats, odds: Odds | None) -> Floats:
        """The integral over [0, 1], panels halved where that is needed."""
        out = np.zeros(U.shape[1:])
        ends = self._value(U, 1.0, odds)
        rounding = ROUNDING * (self._near_distance(U, odds) + np.abs(ends))
        # the oldest first, so that a limit of panels leaves the smallest ones
        waiting = deque([(0.0, 1.0, np.arange(len(out)), np.zeros(len(out)), ends)])
        n_panels = 0
        while waiting:
            n_panels += 1
            low, high, rows, v_low, v_high = waiting.popleft()
            asked = None if odds is None else Odds(odds.own[rows], odds.rivals[rows])
            u = U[:, rows]
            panel = self._panel(u, low, high, asked)
            missed = v_high - v_low - panel.sum(axis=1)
            size = np.abs(panel).sum(axis=1)
            fine = np.abs(missed) <= TOLERANCE * (1 + size) + rounding[rows]
            fine |= n_panels + len(waiting) >= MAX_PANELS
            out[rows[fine]] += _spread(panel[fine], missed[fine], size[fine])
            if fine.all():
                continue
            rest = np.flatnonzero(~fine)
            middle = (low + high) / 2
            some = None if asked is None else Odds(asked.own[rest], asked.rivals[rest])
            v = self._value(u[:, rest], middle, some)
            rows, v_low, v_high = rows[rest], v_low[rest], v_high[rest]
            waiting.append((low, middle, rows, v_low, v))
            waiting.append((middle, high, rows, v, v_high))
        return out

    def _near_distance(self, U: Floats, odds: Odds | None) -> Floats:
        """Distance of the nearest component, and of the own one; shape (n,)."""
        distances = np.einsum("kna,ka->kn", U**2, 1 / self.eigenvalues)
        nearest: Floats = distances.min(axis=0)
        if odds is None:
            return nearest
        # the nearest rival, where there is one
        far = np.where(odds.rivals.T, distances, np.inf).min(axis=0)
        own = distances[odds.own, np.arange(len(nearest))]
        both: Floats = own + np.where(np.isfinite(far), far, 0.0)
        return both

    def _panel(self, U: Floats, low: float, high: float, odds: Odds | None) -> Floats:
        """Gauss-Legendre quadrature of a panel, shape (n, d)."""
        nodes, weights = np.polynomial.legendre.leggauss(N_NODES)
        total = np.zeros(U.shape[1:])
        for node, weight in zip(nodes, weights, strict=True):
            s = low + (high - low) * (node + 1) / 2
            total += weight * (high - low) / 2 * self._rate(U, s, odds)
        return total

    def _logs(self, U: Floats, s: float) -> tuple[Floats, Floats]:
        """L_k(s), shape (K, n), and what it is without distances, shape (K,)."""
        spread = (1 - s) + s * self.eigenvalues
        without = self.components.logs - np.log(spread).sum(axis=1) / 2
        distance = s * np.einsum("kna,ka->kn", U**2, 1 / spread)
        return without[:, None] - distance / 2, without

    def _value(self, U: Floats, s: float, odds: Odds | None) -> Floats:
        """The value where all columns take part to the degree s, shape (n,)."""
        L, without = self._logs(U, s)
        values = mixture_values(L[:, :, None], without[:, None], self.components, odds)
        return values[:, 0]

    def _rate(self, U: Floats, s: float, odds: Odds | None) -> Floats:
        """The integrand: derivatives of the value by each column's degree, (n, d)."""
        L, without = self._logs(U, s)
        spread = (1 - s) + s * self.eigenvalues
        ratio = (self.eigenvalues - 1) / spread
        M = U / spread[:, None]
        if self.axes is None:
            g = ratio
        else:
            M = np.matmul(M, np.swapaxes(self.axes, 1, 2))
            g = np.einsum("kia,ka->ki", self.axes**2, ratio)
        falls = M**2
        weighs = self.components.weighs
        if odds is None:
            without = np.where(weighs, without, -np.inf)
            r = softmax(np.where(weighs[:, None], L, -np.inf), axis=0)
            slopes: Floats = np.einsum("kn,kni->ni", r, falls)
            both: Floats = slopes + (r.T - softmax(without)) @ g
            return both / 2
        falls += g[:, None]
        r = _posterior(L, np.logical_and(odds.rivals, weighs).T)
        own = falls[odds.own, np.arange(len(odds.own))]
        slopes = np.einsum("kn,kni->ni", r, falls) - own
        slopes[r.sum(axis=0) == 0] = 0.0
        return slopes / 2


def mixture_path(
    components: Components, groups: ArrayLike | None = None
) -> MixturePath:
    r"""Principal axes by which rows have Aumann-Shapley values of a mixture.

    A column takes part to the degree t if it is observed with noise of the variance
    :math:`(1/t - 1) D_i`, D the mean variance within components; all take part to the
    same degree s, from 0 to 1. With :math:`C_k = D^{-1/2} \Sigma_k D^{-1/2}`,
    :math:`M_k(s) = (1 - s) I + s C_k`, :math:`m_k = M_k^{-1} y_k` and
    :math:`g_{ki} = [(C_k - I) M_k^{-1}]_{ii}`,

    .. math:: R_i = \frac12 \int_0^1 \sum_k r_k(s) m_{ki}(s)^2
              + (r_k(s) - \pi_k(s)) g_{ki}(s) \, ds

    for minus the log-density, where r_k are the components' posterior weights at s and
    pi_k those of rows at the means; and for log-odds of component c

    .. math:: R_i = \frac12 \int_0^1 \sum_{k \in \text{rivals}} r_k(s)
              (m_{ki}^2 + g_{ki}) - (m_{ci}^2 + g_{ci}) \, ds

    with the rivals' posterior among themselves. The games and their sums are those of
    `mixture_values`. For a single component it is half of `integrated_forms`; for
    equal spherical components the integrated soft argmin of a kernel density.

    The path's value is known in closed form at each s, so that panels are halved until
    their shares sum to what they must; rounding that remains is spread in proportion.

    Parameters
    ----------
    components : Components
    groups : array-like of int of shape (d,), default=None
        Columns with the same label are one player, whose share is the sum.

    Returns
    -------
    path : MixturePath

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.network.numerics._mixture_components import gaussian_components
    >>> components = gaussian_components(
    ...     np.array([0.5, 0.5]), np.array([[0.0, 0.0], [4.0, 0.0]]), np.eye(2), "tied"
    ... )
    >>> mixture_path(components).shares(np.array([[0.0, 2.0]])).round(4)
    array([[0.6928, 2.    ]])
    """
    players = players_of(groups, components.n_columns)
    covariances = components.covariances
    weights = softmax(components.log_weights)
    if components.diagonal:
        mean = weights @ covariances
        return MixturePath(components, players, np.sqrt(mean), covariances / mean, None)
    mean = weights @ np.diagonal(covariances, axis1=1, axis2=2)
    scale = np.sqrt(mean)
    values, axes = np.linalg.eigh(covariances / np.outer(scale, scale))
    return MixturePath(components, players, scale, values, axes)


def _posterior(L: Floats, takes: NDArray[np.bool_]) -> Floats:
    """Shares of exp(L_k) among those that take part; 0 where none does. (K, n)."""
    logs = np.where(takes, L, -np.inf)
    logs[:, ~takes.any(axis=0)] = 0.0
    shares: Floats = np.exp(logs - logsumexp(logs, axis=0))
    return np.where(takes, shares, 0.0)


def _spread(shares: Floats, missed: Floats, size: Floats) -> Floats:
    """Shares and what they miss of their sum, in proportion to their sizes."""
    part = np.divide(missed, size, out=np.zeros_like(missed), where=size > 0)
    whole: Floats = shares + np.abs(shares) * part[:, None]
    return whole
