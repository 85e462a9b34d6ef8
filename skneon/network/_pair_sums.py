# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft argmin pair by pair, for rows that have few support points each."""

import numpy as np


class PairSums:
    """What `SoftArgmin` computes, from lists of a row's support points.

    Parameters
    ----------
    units : SquaredDistance
    pooling : LogMeanExp
    """

    def __init__(self, units, pooling):
        self.units = units
        self.pooling = pooling
        self.weights = pooling.support_weights.weights
        self.epsilon = np.broadcast_to(units.epsilon, units.width)

    def __call__(self, rows, query, lists, explain):
        """Results of some rows as a dict.

        Parameters
        ----------
        rows : Rows
        query : Query
        lists : list of ndarray of int
            The support points of each row; none is empty.
        explain : bool
            Whether relevance is asked for, or the score alone.
        """
        n, k, starts = _pairs(lists, query)
        D = rows.Z[n] - self.units.support[k]
        H = np.einsum("pi,pi->p", D, D)
        least = np.minimum.reduceat(H, starts)
        T = H - least[n]
        E = self._exponentials(T, k, self.pooling.gamma)
        mass = np.add.reduceat(E, starts)
        total = self.pooling.support_weights.common(query)[1]
        pooled = least - np.log(mass / total) / self.pooling.gamma
        score = pooled + self.pooling.offset(query)
        if not explain:
            return {"score": score}
        if self.pooling.beta != self.pooling.gamma:
            E = self._exponentials(T, k, self.pooling.beta)
            mass = np.add.reduceat(E, starts)
        E *= (1 / mass)[n]
        reference = np.add.reduceat(E[:, None] * self.units.support[k], starts)
        H += self.epsilon[k]
        W = np.divide(E, H, out=np.zeros_like(E), where=H > 0)
        shares = W[:, None] * self.units.shares.of_pairs(rows, n, k)
        relevance = np.add.reduceat(shares, starts) * pooled[:, None]
        return {
            "relevance": self.units.inputs.gather(relevance),
            "score": score,
            "reference": reference,
        }

    def _exponentials(self, T, k, stiffness):
        """pi_k exp(-stiffness t) of the pairs."""
        with np.errstate(over="ignore"):
            return self.weights[k] * np.exp(-stiffness * T)


def _pairs(lists, query):
    """Rows n and points k of the pairs, but what is left out; where each row starts."""
    sizes = np.array([len(numbers) for numbers in lists])
    n, k = np.repeat(np.arange(len(lists)), sizes), np.concatenate(lists)
    if query.leave_out is not None:
        counts = k != query.leave_out[n]
        n, k = n[counts], k[counts]
        sizes = np.bincount(n, minlength=len(lists))
    return n, k, np.cumsum(sizes) - sizes
