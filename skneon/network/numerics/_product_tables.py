# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Shapley values of products of bits, for all patterns of the bits.

With z the bits of a row, the game of m players

.. math:: v(S) = \prod_{i \in S} z_i \prod_{i \notin S} q_i, \qquad
          \phi_i(z) = \int_0^1 (z_i - q_i)
          \prod_{j \ne i} (t z_j + (1 - t) q_j) \, dt

has 2^m different rows. The integrand is a polynomial of degree m - 1 in t, for which
ceil(m / 2) Gauss-Legendre nodes are exact (Owen 1972 for the integral).
"""

import numpy as np

from skneon.network.numerics._types import Array


def unit_legendre(n: int) -> tuple[Array, Array]:
    """Gauss-Legendre nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return (nodes + 1) / 2, weights / 2


def bits_of(m: int) -> Array:
    """All patterns of m bits by their numbers, (2^m, m)."""
    return (np.arange(2**m)[:, None] >> np.arange(m)) & 1


def product_shapley_table(q: Array) -> Array:
    """Shapley values of products for all patterns.

    Parameters
    ----------
    q : ndarray of shape (K, m)
        The factor of a player that is left out.

    Returns
    -------
    table : ndarray of shape (K, 2^m, m)
    """
    m = q.shape[1]
    z, q = bits_of(m), q[:, None, :]
    table = np.zeros((len(q), 2**m, m))
    for t, weight in zip(*unit_legendre((m + 1) // 2), strict=True):
        table += weight * _products_of_others(t * z + (1 - t) * q)
    table *= z - q
    return table


def _products_of_others(factors: Array) -> Array:
    """Along the last axis, without a division: factors may be 0."""
    before, after = np.ones_like(factors), np.ones_like(factors)
    np.cumprod(factors[..., :-1], axis=-1, out=before[..., 1:])
    after[..., :-1] = np.cumprod(factors[..., :0:-1], axis=-1)[..., ::-1]
    return before * after


def background_shapley_table(P: Array) -> Array:
    r"""The same where players that are left out take the bits of background rows.

    .. math:: v(S) = \sum_y P_y \prod_{i \in S} z_i \prod_{i \notin S} y_i

    The sum over patterns y is a product of 2 x 2 matrices, one for each bit: however
    many background rows there are, they count by their patterns alone.

    Parameters
    ----------
    P : ndarray of shape (K, 2^m)
        Share of the background rows with each pattern.

    Returns
    -------
    table : ndarray of shape (K, 2^m, m)
    """
    size = P.shape[1]
    m = size.bit_length() - 1
    table = np.zeros((*P.shape, m))
    for t, weight in zip(*unit_legendre((m + 1) // 2), strict=True):
        known = np.array([[0.0, 1 - t], [t, 1.0]])
        for i in range(m):
            factors = [known] * m
            factors[i] = np.array([[0.0, -1.0], [1.0, 0.0]])
            table[..., i] += weight * _by_bits(P, factors)
    return table


def _by_bits(P: Array, factors: list[Array]) -> Array:
    """Values (K, 2^m) times a 2 x 2 matrix in each of the bits."""
    for bit, factor in enumerate(factors):
        parts = P.reshape(len(P), -1, 2, 2**bit)
        P = np.einsum("zy,kayb->kazb", factor, parts)
    return P.reshape(len(P), -1)
