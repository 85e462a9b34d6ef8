# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Shapley values of log-densities and log-odds of Gaussian mixtures.

.. math:: v(S) = \log \sum_k e^{a_k(S)} - \log \sum_k e^{L_k(S)}
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skneon.network.numerics._mixture_components import (
    Components,
    Odds,
    mixture_values,
)
from skneon.network.numerics._players import (
    Floats,
    Players,
    players_of,
    shapley_matrix,
)
from skneon.network.numerics._submatrices import (
    blocks_of,
    by_size,
    coalition_members,
    half_log_determinants,
    inverses,
    packed,
    products,
)

# numbers in a block of components x rows x coalitions, and its least rows
BLOCK, ROWS = 2**16, 128


@dataclass(frozen=True)
class MixtureCoalitions:
    """What all coalitions of a mixture need, of `mixture_coalitions`.

    Attributes
    ----------
    components : Components
    players : tuple of ndarray of int
    forms : ndarray of shape (K, 2^p, q)
        Halved precisions of the coalitions' columns, q = d (d + 1) / 2 packed numbers;
        d for diagonal covariances. For values alone it may be any coalitions.
    without : ndarray of shape (K, 2^p)
        log w_k - 1/2 log det Sigma_kSS
    """

    components: Components
    players: Players
    forms: Floats
    without: Floats

    def shares(self, X: Floats, odds: Odds | None = None) -> Floats:
        """Shapley values of rows, shape (n, p); of their odds where these are given."""
        matrix = shapley_matrix(len(self.players))
        n_components, n_coalitions = self.without.shape
        out = np.zeros((len(X), len(self.players)))
        # forms are read once for at least so many rows
        size = max(ROWS, BLOCK // self.without.size)
        width = max(1, BLOCK // (n_components * size))
        for start in range(0, len(X), size):
            rows = slice(start, start + size)
            asked = None if odds is None else odds.at(rows)
            terms = self._terms(X[rows])
            for first in range(0, n_coalitions, width):
                some = slice(first, first + width)
                out[rows] += self._values(terms, some, asked) @ matrix[some]
        return out

    def values(self, X: Floats, odds: Odds | None = None) -> Floats:
        """Values of the coalitions, (n, 2^p), in the order of `coalition_masks`."""
        return self._values(self._terms(X), slice(None), odds)

    def _terms(self, X: Floats) -> list[Floats]:
        """What the forms of each component take, K arrays of shape (q, n)."""
        differences = (X - mean for mean in self.components.means)
        if self.components.diagonal:
            return [(Z**2).T for Z in differences]
        return [products(Z) for Z in differences]

    def _values(self, terms: list[Floats], some: slice, odds: Odds | None) -> Floats:
        """Values of some coalitions, shape (n, m)."""
        without = self.without[:, some]
        L = np.empty((len(terms), terms[0].shape[1], without.shape[1]))
        for k, own in enumerate(terms):
            np.matmul(own.T, self.forms[k, some].T, out=L[k])
            np.subtract(without[k], L[k], out=L[k])
        return mixture_values(L, without, self.components, odds)


def mixture_coalitions(
    components: Components, groups: ArrayLike | None = None
) -> MixtureCoalitions:
    """Submatrices of all coalitions, by which rows have exact Shapley values.

    Columns outside of a coalition are integrated out of each component: submatrices of
    the covariances, with their own log-determinants. What is shared out, and what
    stands for no columns, says `mixture_values`.

    Parameters
    ----------
    components : Components
    groups : array-like of int of shape (d,), default=None
        Columns with the same label are one player; see `players_of`.

    Returns
    -------
    coalitions : MixtureCoalitions
        It takes 8 K 2^p d (d + 1) / 2 bytes, 2.5 MB per component of 12 columns.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.network.numerics._mixture_components import gaussian_components
    >>> components = gaussian_components(
    ...     np.array([0.5, 0.5]), np.array([[0.0, 0.0], [4.0, 0.0]]), np.eye(2), "tied"
    ... )
    >>> mixture_coalitions(components).shares(np.array([[0.0, 2.0]])).round(4)
    array([[0.6928, 2.    ]])
    """
    players = players_of(groups, components.n_columns)
    return MixtureCoalitions(
        components, players, *coalition_terms(components, coalition_members(players))
    )


def coalition_terms(
    components: Components, members: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Forms and constants of chosen coalitions, as in `MixtureCoalitions`.

    Parameters
    ----------
    components : Components
    members : ndarray of bool of shape (M, d)
        Which columns are in which coalition.

    Returns
    -------
    forms : ndarray of shape (K, M, q)
    without : ndarray of shape (K, M)
    """
    log_weights, d = components.logs[:, None], components.n_columns
    if components.diagonal:
        forms = members / components.covariances[:, None] / 2
        half = np.log(components.covariances) @ members.T / 2
        return forms, log_weights - half
    forms = np.zeros((len(log_weights), len(members), d * (d + 1) // 2))
    without = np.repeat(log_weights, len(members), axis=1)
    for numbers, chosen in by_size(members):
        for k, covariance in enumerate(components.covariances):
            parts = blocks_of(covariance, chosen)
            forms[k, numbers] = packed(inverses(parts), chosen, d) / 2
            without[k, numbers] -= half_log_determinants(parts)
    return forms, without
