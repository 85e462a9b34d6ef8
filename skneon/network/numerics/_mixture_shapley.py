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

# numbers in a block of components x rows x coalitions
BLOCK = 2**17


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
        out = np.empty((len(X), len(self.players)))
        size = max(1, BLOCK // self.without.size)
        for start in range(0, len(X), size):
            rows = slice(start, start + size)
            asked = None if odds is None else odds.at(rows)
            out[rows] = self.values(X[rows], asked) @ matrix
        return out

    def values(self, X: Floats, odds: Odds | None = None) -> Floats:
        """Values of the coalitions, (n, 2^p), in the order of `coalition_masks`."""
        L = np.empty((len(self.forms), len(X), self.without.shape[1]))
        for k, mean in enumerate(self.components.means):
            Z = X - mean
            terms = (Z**2).T if self.components.diagonal else products(Z)
            np.matmul(terms.T, self.forms[k].T, out=L[k])
            np.subtract(self.without[k], L[k], out=L[k])
        return mixture_values(L, self.without, self.components, odds)


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
