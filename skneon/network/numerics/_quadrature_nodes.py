# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Sums of exponentials exp(-v_j t) over few nodes v_j, row by row in cache."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.special import eval_legendre, roots_jacobi

from skneon.network.numerics._incomplete_gamma import scaled_incomplete_gamma
from skneon.network.numerics._tiles import Scratch
from skneon.network.numerics._types import Array


def lobatto(n: int) -> tuple[Array, Array]:
    """Gauss-Lobatto nodes, both ends among them, and weights on [0, 1]."""
    inner, _ = roots_jacobi(n - 2, 1, 1)
    nodes = np.concatenate([[-1], inner, [1]])
    weights = 2 / (n * (n - 1) * eval_legendre(n - 1, nodes) ** 2)
    return (nodes + 1) / 2, weights / 2


def blocks(rows: Array, width: int, size: int) -> Iterator[slice | Array]:
    """Rows, by increasing number, in blocks of about so many numbers.

    Each is a slice where its rows follow one another; `width` is that of a row.
    """
    step = max(1, size // max(width, 1))
    for start in range(0, len(rows), step):
        yield as_slice(rows[start : start + step])


def as_slice(rows: Array) -> slice | Array:
    """Increasing row numbers as a slice where they follow one another."""
    if rows[-1] - rows[0] == len(rows) - 1:
        return slice(rows[0], rows[-1] + 1)
    return rows


def exponentials(T: Array, nodes: Array, out: Array) -> Array:
    """exp(-v_j t_nk) in `out`, of shape (n, n_nodes, N)."""
    np.multiply(T[:, None, :], -nodes[:, None].astype(T.dtype), out=out)
    return np.exp(out, out=out)


class IncompleteGamma:
    r"""t^-s g(s, t), g the lower incomplete gamma function, for many t at once.

    .. math:: \int_0^1 v^{s-1} e^{-tv} dv \approx \sum_j c_j e^{-t v_j}

    by Gauss-Jacobi quadrature; the number of nodes goes by the largest t of a row.
    Relative error below 1e-11; beyond the t that the most nodes are good for, values
    are those of `scaled_incomplete_gamma`.

    Parameters
    ----------
    s : float
        Positive.
    """

    n_nodes = (3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32)

    def __init__(self, s: float) -> None:
        self.s = s
        self.rules = [_jacobi(n, s) for n in self.n_nodes]
        self.limits = _limits(s)

    def __call__(self, T: Array, out: Array, scratch: Scratch) -> Array:
        """Values at T, both of shape (n, N), in `out`."""
        rule = np.searchsorted(self.limits, T.max(axis=1, initial=0.0))
        for j, (nodes, weights) in enumerate(self.rules):
            some, width = np.flatnonzero(rule == j), len(nodes) * T.shape[1]
            for rows in blocks(some, width, scratch.block):
                t = T[rows]
                S = scratch("exponentials", (len(t), len(nodes), t.shape[1]), t.dtype)
                exponentials(t, nodes, S)
                out[rows] = np.matmul(weights.astype(t.dtype), S)
        beyond = rule == len(self.limits)
        if beyond.any():
            out[beyond] = self._beyond(T[beyond], scratch)
        return out

    def _beyond(self, T: Array, scratch: Scratch) -> Array:
        """Values where some t are beyond the last limit."""
        far = self.limits[-1] < T
        out = self(np.where(far, 0.0, T), np.empty_like(T), scratch)
        out[far] = scaled_incomplete_gamma(self.s, T[far])
        return out


def _jacobi(n: int, s: float) -> tuple[Array, Array]:
    """Gauss-Jacobi nodes and weights for the weight v^(s - 1) on [0, 1].

    Eigenvalues of the matrix of the recurrence of the orthogonal polynomials (Golub
    and Welsch 1969), which at large s needs no numbers near overflow.
    """
    k, beta = np.arange(1, n), s - 1
    total = 2 * k + beta
    diagonal = np.append(beta / (beta + 2), beta**2 / (total * (total + 2)))
    off_diagonal = 2 * k * (k + beta) / (total * np.sqrt(total**2 - 1))
    nodes, vectors = eigh_tridiagonal(diagonal, off_diagonal)
    return (nodes + 1) / 2, vectors[0] ** 2 / s


@lru_cache
def _limits(s: float) -> Array:
    """The largest t for which each rule errs by less than 1e-12, increasing."""
    t = np.geomspace(0.01, 600, 400)
    exact = scaled_incomplete_gamma(s, t)
    limits = []
    for n in IncompleteGamma.n_nodes:
        nodes, weights = _jacobi(n, s)
        error = np.abs(np.exp(-np.outer(t, nodes)) @ weights - exact)
        misses = error > 1e-12 * exact
        limits.append(t[misses.argmax() - 1] if misses.any() else t[-1])
    return np.maximum.accumulate(limits)
