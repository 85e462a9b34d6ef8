# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Shapley values of sums of Gaussian kernels, many rows at once.

.. math:: \phi_i = -\sum_k a_k l_{ki} \int_0^1 \prod_{j \ne i} (1 - q l_{kj}) dq,
          \qquad l_{ki} = 1 - e^{-\gamma d_{ki}^2}
"""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from skneon.network.numerics._players import Floats, Players, players_of

# numbers in a block of players x rows x points, which stays in a core's cache
BLOCK = 2**16
# nodes by the root of the number of players that leave an error of 1e-12
ENOUGH = 3.0


def kernel_shapley(
    X: Floats,
    U: Floats,
    coefficients: Floats,
    gamma: float,
    groups: ArrayLike | None = None,
) -> Floats:
    r"""Shapley values of sum_k a_k exp(-gamma |x - u_k|^2), a_k of any sign.

    Without a column its factor is 1, which integrates it out of a Gaussian kernel:
    :math:`v(S) = \sum_k a_k \prod_{i \in S} e^{-\gamma d_{ki}^2}`; see `of_losses`.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    U : ndarray of shape (N, d)
    coefficients : ndarray of shape (N,) or (n, N)
        One row for all, or one per row of X, where a 0 leaves a point out.
    gamma : float
    groups : array-like of int of shape (d,), default=None
        Columns with the same label are one player; see `players_of`.

    Returns
    -------
    phi : ndarray of shape (n, p)
        The sum is that of the kernels less the sum of the coefficients.

    Examples
    --------
    >>> import numpy as np
    >>> X, U = np.array([[1.0, 0.0]]), np.zeros((1, 2))
    >>> kernel_shapley(X, U, np.ones(1), 0.5).round(4) + 0.0
    array([[-0.3935,  0.    ]])
    """
    players = players_of(groups, X.shape[1])
    phi = np.empty((len(X), len(players)))
    size = max(1, BLOCK // (len(players) * len(U)))
    for start in range(0, len(X), size):
        rows = slice(start, start + size)
        own = coefficients if coefficients.ndim == 1 else coefficients[rows]
        phi[rows] = of_losses(_losses(X[rows], U, gamma, players), own)
    return phi


def of_losses(losses: Floats, coefficients: Floats) -> Floats:
    r"""Shapley values of v(S) = sum_k a_k prod_{i in S} (1 - l_ki).

    Owen's integrand of a product is a product,

    .. math:: \phi_i = -\sum_k a_k l_{ki} \int_0^1 \prod_{j \ne i} (1 - q l_{kj}) dq

    a polynomial of degree p - 1, which ceil(p / 2) Gauss-Legendre nodes integrate
    exactly. Shapley values of product kernels are due to PKeX-Shapley (Mohammadi,
    Chau, Muandet 2025, arXiv 2505.16516), their quadrature to QuadraSHAP (Mohammadi,
    Reznikov, Sinitcyn, Muandet, Chau 2026, arXiv 2605.05870). `quadrature_nodes` says
    when fewer nodes do. For losses in [0, 1] all factors lie in [1 - q, 1], so that
    nothing cancels within a term and dividing a factor out is safe.

    Parameters
    ----------
    losses : ndarray of shape (p, n, N)
        Of the players, for n rows and N products.
    coefficients : ndarray of shape (N,) or (n, N)

    Returns
    -------
    phi : ndarray of shape (n, p)
    """
    others = _products_of_others(losses)
    if coefficients.ndim == 1:
        return np.asarray((others @ coefficients).T)
    return np.asarray(np.einsum("pnk,nk->np", others, coefficients))


@cache
def quadrature_nodes(n_players: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes in [0, 1] for products of n_players - 1 factors.

    ceil(n_players / 2) nodes are exact. Where `ENOUGH` times the root of n_players is
    less, so many are: they integrate all powers (1 - q)^s, s < n_players, to a relative
    error of 1e-12 and what rounding adds, and a product of factors 1 - q l, l in
    [0, 1], is a sum of such powers with coefficients that are not negative, so that its
    error is no larger.
    """
    exact = max(1, (n_players + 1) // 2)
    q, w = np.polynomial.legendre.leggauss(
        min(exact, int(np.ceil(ENOUGH * n_players**0.5)))
    )
    q, w = (q + 1) / 2, w / 2
    q.flags.writeable = w.flags.writeable = False
    return q, w


def _losses(X: Floats, U: Floats, gamma: float, players: Players) -> Floats:
    """1 - exp(-gamma times the player's squared differences), shape (p, n, N)."""
    out = np.empty((len(players), len(X), len(U)))
    for player, own in enumerate(players):
        for j, column in enumerate(own):
            D = X[:, column, None] - U[:, column]
            D *= D
            if j:
                out[player] += D
            else:
                out[player] = D
    with np.errstate(over="ignore"):
        out *= -gamma
    np.expm1(out, out=out)
    return np.negative(out, out=out)


def _products_of_others(losses: Floats) -> Floats:
    """-l_i int_0^1 prod_{j != i} (1 - q l_j) dq, of the shape of the losses."""
    factors = np.empty_like(losses)
    total = np.zeros_like(losses)
    for q, weight in zip(*quadrature_nodes(len(losses)), strict=True):
        np.multiply(losses, -q, out=factors)
        factors += 1.0
        product = np.multiply.reduce(factors, axis=0)
        product *= -weight
        np.divide(product, factors, out=factors)
        total += factors
    total *= losses
    return total
