# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""The Aumann-Shapley value of a squared Mahalanobis distance, in closed form.

.. math:: R_i = \int_0^1 \left[((1 - s) I + s C)^{-1} y\right]_i^2 ds
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from skneon.network.numerics._players import Floats, Players, player_sums, players_of
from skneon.network.numerics._submatrices import Inverse, cutoff_of, is_ignored

# factors below this part of the largest are left out; the sum keeps 15 digits
NEGLIGIBLE = 1e-16


@dataclass(frozen=True)
class IntegratedForms:
    """Factors of `integrated_forms`.

    Attributes
    ----------
    whiten : ndarray of shape (d, r)
        Rows less the mean to whitened principal coordinates.
    mix : ndarray of shape (r, m)
        Factors of the kernel in pairs of principal coordinates.
    back : ndarray of shape (r, d)
    players : tuple of ndarray of int
    """

    whiten: Floats
    mix: Floats
    back: Floats
    players: Players

    def shares(self, Z: Floats) -> Floats:
        """Shares of rows, shape (n, p), for rows less the mean, shape (n, d)."""
        U = Z @ self.whiten
        out = np.zeros((len(Z), self.back.shape[1]))
        for factor in self.mix.T:
            out += ((U * factor) @ self.back) ** 2
        return player_sums(out, self.players)


def integrated_forms(
    covariance: Floats,
    groups: ArrayLike | None = None,
    inverse: Inverse = "pinvh",
) -> IntegratedForms:
    r"""Shares of a squared distance, integrated over how well columns are observed.

    Column i takes part to the degree t_i if it is observed with noise of the variance
    :math:`(1/t_i - 1) \Sigma_{ii}`: 1 is all of it, and towards 0 it is integrated out.
    On the way from no column to all, :math:`t_i = s`, the shares are

    .. math:: R_i = \int_0^1 \left[((1 - s) I + s C)^{-1} y\right]_i^2 ds
              = \sum_{ab} V_{ia} V_{ib} u_a u_b
              \frac{\log \lambda_a - \log \lambda_b}{\lambda_a - \lambda_b}

    with y = z / sd, the correlations :math:`C = V \Lambda V^\top` and u = V' y. They
    sum to the squared distance, are never negative, and agree with the Shapley values
    of `gaussian_shapley_forms` to the first order in the correlations.

    With whitened :math:`u_a / \sqrt{\lambda_a}` the kernel is x / sinh x,
    x half the difference of the logarithms; its few eigenvectors of weight are the
    factors, so that a row takes some 5 to 30 products with a matrix (d, d).

    Singular covariances: a row is moved to the nearest point that keeps the linear
    relations, which leaves the squared distance of the pseudo-inverse as it is. Columns
    whose variance counts as zero, next to that of others, have no share: they have no
    part in that distance.

    Parameters
    ----------
    covariance : ndarray of shape (d, d)
        Symmetric and positive semi-definite.
    groups : array-like of int of shape (d,), default=None
        Columns with the same label are one player, whose share is the sum.
    inverse : {"pinvh", "cholesky"}, default="pinvh"
        How the model inverts its covariance; see `cutoff_of`.

    Returns
    -------
    forms : IntegratedForms

    Examples
    --------
    >>> import numpy as np
    >>> forms = integrated_forms(np.array([[4.0, 2.0], [2.0, 4.0]]))
    >>> forms.shares(np.array([[2.0, 0.0]])).round(4)
    array([[1.216 , 0.1174]])
    """
    players = players_of(groups, len(covariance))
    cutoff = cutoff_of(covariance, inverse)
    takes = ~is_ignored(covariance, cutoff)
    covariance = np.where(np.outer(takes, takes), covariance, 0.0)
    variance = np.diagonal(covariance)
    scale = np.sqrt(np.where(variance > 0, variance, 1.0))
    values, vectors = np.linalg.eigh(covariance)
    kept = values > (-np.inf if cutoff is None else cutoff)
    to_support = None
    if not kept.all():
        to_support = vectors[:, kept] @ vectors[:, kept].T
    lam, V = _correlations(covariance, scale, int(kept.sum()))
    whiten = V / np.sqrt(lam) / scale[:, None]
    if to_support is not None:
        whiten = to_support @ whiten
    weights, factors = np.linalg.eigh(_kernel(lam))
    heavy = weights > NEGLIGIBLE * max(weights[-1], 0.0) if len(lam) else weights > 0
    # the kernel's square roots; its diagonal is 1
    mix = factors[:, heavy] * np.sqrt(weights[heavy])
    mix /= np.sqrt((mix**2).sum(axis=1, keepdims=True))
    return IntegratedForms(whiten, mix, V.T, players)


def _correlations(
    covariance: Floats, scale: Floats, rank: int
) -> tuple[Floats, Floats]:
    """The `rank` largest eigenvalues of the correlations, and their vectors."""
    lam, V = np.linalg.eigh(covariance / np.outer(scale, scale))
    start = len(lam) - rank
    return lam[start:], V[:, start:]


def _kernel(lam: Floats) -> Floats:
    """x / sinh x, for half differences x of logarithms; 1 at 0. Shape (r, r)."""
    half = np.log(lam) / 2
    x = half[:, None] - half
    safe = np.where(x == 0, 1.0, x)
    return np.where(x == 0, 1.0, safe / np.sinh(safe))
