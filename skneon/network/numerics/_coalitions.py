# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Shapley values of games whose players are features.

A coalition is a set S of features, here a row of a mask matrix of zeros and ones. In
all games of this package a unit's activation is a sum over features, so that leaving
features out is exact: T_k(S) = sum_{i in S} C_ki, and v(S) pools the T_k(S).
"""

from collections.abc import Callable
from functools import cache
from math import comb

import numpy as np
from scipy.linalg.blas import dger
from scipy.stats import qmc

from skneon.network.numerics._types import Array

# nodes of the Owen quadrature in q
N_NODES = 8
# all coalitions, without error, may take so many times the work of the sample
EXACT = 2
# rows that stand for the data where left-out features take other rows' values
N_BACKGROUND = 64
# a block of coalition sums (units x rows x coalitions) stays in cache: numbers
BLOCK = 2**16
# where units are so many that a single row has more, coalitions come in parts
PART = 2**20


@cache
def all_coalitions(d: int) -> Array:
    """All 2^d coalitions as float masks, shape (2^d, d); the first is empty."""
    bits = np.arange(2**d)[:, None] >> np.arange(d)
    return _frozen((bits & 1).astype(float))


@cache
def shapley_weights(d: int) -> Array:
    """Matrix that takes the values of `all_coalitions` to Shapley values.

    ``phi_i = sum over S without i of |S|! (d - 1 - |S|)! / d! (v(S + i) - v(S))``.

    Returns
    -------
    weights : ndarray of shape (2^d, d)
    """
    masks = all_coalitions(d)
    size = masks.sum(axis=1).astype(int)
    weight = np.array([1 / (d * comb(d - 1, s)) for s in range(d)])
    joined = weight[np.maximum(size - 1, 0)][:, None]
    apart = weight[np.minimum(size, d - 1)][:, None]
    return _frozen(np.where(masks > 0, joined, -apart))


@cache
def owen_coalitions(d: int, n_subsets: int) -> tuple[Array, Array]:
    """Coalitions that sample Owen's multilinear extension, and their weights.

    For each of `N_NODES` Gauss-Legendre nodes q in [0, 1], the next `n_subsets` points
    of a Sobol sequence make coalitions that hold each feature with probability q, and
    the mirrored points make as many more. Nothing is random.

    Returns
    -------
    masks : ndarray of shape (m, d), with m = 2 N_NODES n_subsets
    weights : ndarray of shape (m,), with the sum 1
    """
    nodes, node_weights = np.polynomial.legendre.leggauss(N_NODES)
    nodes, node_weights = (nodes + 1) / 2, node_weights / 2
    blocks = sobol_points(N_NODES * n_subsets, d).reshape(N_NODES, n_subsets, d)
    blocks = np.concatenate([blocks, 1 - blocks], axis=1)
    masks = (blocks < nodes[:, None, None]).reshape(-1, d).astype(float)
    weights = np.repeat(node_weights, 2 * n_subsets) / (2 * n_subsets)
    return _frozen(masks), _frozen(weights)


def pooled_shapley(
    C: Array, pool: Callable[[Array], Array], score: Array, n_subsets: int
) -> Array:
    r"""Shapley values of v(S) = pool over k of sum_{i in S} C_ki.

    By all 2^d coalitions where that takes at most `EXACT` times as many pooled sums
    as sampling; else by Owen's multilinear extension,

    .. math:: \phi_i = \int_0^1 E_S[v(S \cup i) - v(S)] dq,

    where S holds each other feature with probability q (`owen_coalitions`). What the
    sample misses of the sum, usually a few per-mille, is spread in proportion to
    :math:`|\phi_i|`, so that the values add up and features that never matter get 0.

    Parameters
    ----------
    C : ndarray of shape (K, n, d)
        Contribution of each feature to each of the K units, for n rows.
    pool : callable
        Takes (K, n, m) to (n, m): the scores of n rows and m coalitions.
    score : ndarray of shape (n,)
        What the values are to sum to, v(all) - v(empty).
    n_subsets : int
        Sobol points for each quadrature node: the accuracy.

    Returns
    -------
    phi : ndarray of shape (n, d)
    """
    n_units, n, d = C.shape
    exact = 2**d <= EXACT * 2 * N_NODES * n_subsets * (d + 1)
    masks = all_coalitions(d) if exact else owen_coalitions(d, n_subsets)[0]
    size = max(1, BLOCK // (n_units * len(masks)))
    phi = np.empty((n, d))
    for start in range(0, n, size):
        rows = slice(start, start + size)
        if exact:
            phi[rows] = _values(C[:, rows], pool, masks) @ shapley_weights(d)
        else:
            phi[rows] = _owen(C[:, rows], pool, *owen_coalitions(d, n_subsets))
    missed = score - phi.sum(axis=1)
    size = np.abs(phi).sum(axis=1)
    share = np.divide(missed, size, out=np.zeros(n), where=size > 0)
    phi += np.abs(phi) * share[:, None]
    return phi


def _values(C: Array, pool: Callable[[Array], Array], masks: Array) -> Array:
    """v(S) of the coalitions, shape (n, m)."""
    n_units, n, _ = C.shape
    size = max(1, PART // (n_units * n))
    flat, slices = C.reshape(n_units * n, -1), range(0, len(masks), size)
    # one product, where that of a stack takes one for each unit
    sums = ((flat @ masks[i : i + size].T).reshape(n_units, n, -1) for i in slices)
    parts = [pool(T) for T in sums]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def _owen(
    C: Array, pool: Callable[[Array], Array], masks: Array, weights: Array
) -> Array:
    """E over the coalitions of v(S + i) - v(S - i), for each i; shape (n, d)."""
    T = C @ masks.T
    values = pool(T)
    phi = np.empty(C.shape[1:])
    toggled = np.empty_like(T)
    for i in range(C.shape[2]):
        # toggling feature i gives the one of S + i and S - i that S is not
        sign = 1 - 2 * masks[:, i]
        np.copyto(toggled, T)
        # in place, and several times as fast as broadcasting
        flat = toggled.reshape(-1, len(masks)).T
        flat = dger(1.0, sign, C[:, :, i].ravel(), a=flat, overwrite_a=True)
        phi[:, i] = (pool(flat.T.reshape(T.shape)) - values) @ (sign * weights)
    return phi


def marginal_background(X: Array, parents: Array) -> Array:
    """Rows whose columns are spread like those of X but do not go together.

    Points of a Sobol sequence, each coordinate mapped to that quantile of its column:
    nothing is random. Columns with a common parent do go together.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    parents : ndarray of int, shape (d,)

    Returns
    -------
    background : ndarray of shape (N_BACKGROUND, d)
    """
    background = np.empty((N_BACKGROUND, X.shape[1]))
    groups = [np.flatnonzero(parents == parent) for parent in np.unique(parents)]
    points = sobol_points(N_BACKGROUND, len(groups))
    for children, u in zip(groups, points.T, strict=True):
        order = np.lexsort(X[:, children[::-1]].T)
        drawn = order[np.floor(u * (len(X) - 1)).astype(int)]
        background[:, children] = X[np.ix_(drawn, children)]
    return background


def sobol_points(n_points: int, d: int) -> Array:
    """The first points of a Sobol sequence, in the middle of their cells: (n, d)."""
    exponent = int(np.ceil(np.log2(n_points)))
    points: Array = qmc.Sobol(d, scramble=False).random_base2(exponent)
    points = points[:n_points] + 0.5**exponent / 2
    return points


def _frozen(array: Array) -> Array:
    """Read-only, since it is cached."""
    array.flags.writeable = False
    return array
