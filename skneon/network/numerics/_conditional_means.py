# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""What the other columns let expect of each column.

.. math:: E[x_i | x_{-i}] = x_i - \frac{(P z)_i}{P_{ii}}, \qquad P = \Sigma^{-1}
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp

from skneon.network.numerics._mixture_components import Components
from skneon.network.numerics._players import Floats, Players, players_of
from skneon.network.numerics._submatrices import (
    Inverse,
    cutoff_of,
    half_log_determinants,
    inverses,
)


def conditional_coefficients(
    covariance: Floats,
    groups: ArrayLike | None = None,
    inverse: Inverse = "pinvh",
) -> Floats:
    """Coefficients by which each column is expected from those of other players.

    Parameters
    ----------
    covariance : ndarray of shape (d, d)
        Symmetric and positive semi-definite; where it is singular, the coefficients
        of least norm, by the Moore-Penrose inverse of the others' covariance.
    groups : array-like of int of shape (d,), default=None
        Columns with the same label are expected from the columns with other labels.
    inverse : {"pinvh", "cholesky"}, default="pinvh"
        How the model inverts its covariance; see `cutoff_of`.

    Returns
    -------
    B : ndarray of shape (d, d)
        Rows z less the mean let expect z B'. 0 within a player.

    Examples
    --------
    >>> import numpy as np
    >>> conditional_coefficients(np.array([[4.0, 2.0], [2.0, 4.0]])).round(4)
    array([[0. , 0.5],
           [0.5, 0. ]])
    """
    players = players_of(groups, len(covariance))
    B = np.zeros_like(covariance)
    cutoff = cutoff_of(covariance, inverse)
    if cutoff is None:
        P = inverses(covariance)
        for own in players:
            others = np.setdiff1d(np.arange(len(P)), own)
            block = inverses(P[np.ix_(own, own)])
            B[np.ix_(own, others)] = -block @ P[np.ix_(own, others)]
        return B
    for own in players:
        others = np.setdiff1d(np.arange(len(B)), own)
        precision = inverses(covariance[np.ix_(others, others)], cutoff)
        B[np.ix_(own, others)] = covariance[np.ix_(own, others)] @ precision
    return B


@dataclass(frozen=True)
class MixtureConditionals:
    """What a mixture's columns are expected from, of `mixture_conditionals`.

    Attributes
    ----------
    components : Components
    players : tuple of ndarray of int
    coefficients : ndarray of shape (K, d, d)
    precisions : ndarray of shape (K, d, d)
    own_blocks : tuple of ndarray of shape (K, s, s)
        One per player: covariances of its columns, given the others.
    log_weights : ndarray of shape (K, p)
        log w_k - 1/2 log det of the covariance of all columns but the player's
    """

    components: Components
    players: Players
    coefficients: Floats
    precisions: Floats
    own_blocks: tuple[Floats, ...]
    log_weights: Floats

    def expected(self, X: Floats, rivals: ArrayLike | None = None) -> Floats:
        """Conditional means of all columns.

        Parameters
        ----------
        X : ndarray of shape (n, d)
        rivals : array-like of bool of shape (n, K), default=None
            Components that take part; None: all of them.

        Returns
        -------
        expected : ndarray of shape (n, d)
            NaN for rows where no component with weight takes part.
        """
        n_components = len(self.components.means)
        takes = np.ones((len(X), n_components), dtype=bool)
        if rivals is not None:
            takes = np.asarray(rivals, dtype=bool)
        takes = takes & np.isfinite(self.components.log_weights)
        Z = X - self.components.means[:, None]
        gradients = Z @ self.precisions
        distances = np.einsum("kni,kni->kn", Z, gradients)
        each = Z @ np.swapaxes(self.coefficients, 1, 2)
        each += self.components.means[:, None]
        out = np.full(X.shape, np.nan)
        asked = takes.any(axis=1)
        for player, own in enumerate(self.players):
            g = gradients[:, :, own]
            apart = np.einsum("kni,kij,knj->kn", g, self.own_blocks[player], g)
            logs = self.log_weights[:, [player]] - (distances - apart) / 2
            logs = np.where(takes.T, logs, -np.inf)[:, asked]
            shares = np.exp(logs - logsumexp(logs, axis=0))
            expected = np.einsum("kn,kni->ni", shares, each[:, asked][:, :, own])
            out[np.ix_(asked, own)] = expected
        return out


def mixture_conditionals(
    components: Components, groups: ArrayLike | None = None
) -> MixtureConditionals:
    r"""Conditional means of a mixture: those of its components, by their posterior.

    .. math:: E[x_i | x_{-i}] = \sum_k r_k(x_{-i}) E_k[x_i | x_{-i}], \qquad
              r_k(x_{-i}) \propto w_k N(x_{-i}; \mu_k, \Sigma_k)_{-i}

    The density without column i follows from that with it: its log-determinant is
    larger by :math:`\log P_{kii}`, its distance smaller by
    :math:`(P_k z_k)_i^2 / P_{kii}`.

    Parameters
    ----------
    components : Components
    groups : array-like of int of shape (d,), default=None
        Columns with the same label are expected from the columns with other labels.

    Returns
    -------
    conditionals : MixtureConditionals

    Examples
    --------
    A weight of 80 kg for a height of 190 cm:

    >>> import numpy as np
    >>> from skneon.network.numerics._mixture_components import gaussian_components
    >>> components = gaussian_components(
    ...     np.ones(1),
    ...     np.array([[170.0, 70.0]]),
    ...     np.array([[[64.0, 64.0], [64.0, 100.0]]]),
    ...     "full",
    ... )
    >>> mixture_conditionals(components).expected(np.array([[190.0, 80.0]]))
    array([[176.4,  90. ]])
    """
    d = components.n_columns
    players = players_of(groups, d)
    covariances = components.covariances
    if components.diagonal:
        covariances = covariances[:, :, None] * np.eye(d)
    precisions = inverses(covariances)
    coefficients = np.stack(
        [conditional_coefficients(C, groups, "cholesky") for C in covariances]
    )
    blocks = [precisions[:, own[:, None], own] for own in players]
    log_weights = components.log_weights[:, None] - np.stack(
        [
            half_log_determinants(covariances) + half_log_determinants(block)
            for block in blocks
        ],
        axis=1,
    )
    own_blocks = tuple(inverses(block) for block in blocks)
    return MixtureConditionals(
        components, players, coefficients, precisions, own_blocks, log_weights
    )
