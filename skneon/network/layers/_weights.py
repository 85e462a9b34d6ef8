# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Weights of the hidden units in a pooling, row by row."""

import numpy as np
from scipy.special import logsumexp

# weights of units that count are at least so large
LEAST = 1e-300


class SupportWeights:
    """Weights pi_k of the support points, with or without one left out.

    Leaving point j out of a row's model sets its weight to zero and rescales the
    others by 1 / sum_{k != j} pi_k.

    Parameters
    ----------
    weights : ndarray of shape (N,)
        Positive, with the sum 1.
    offset : float, default=0
        Constant of the score, next to the pooled units.
    """

    # what the sum of the weights counts of points that are not among them
    missing = 0.0

    def __init__(self, weights, offset=0.0):
        self.weights = weights
        self._offset = offset
        # sums from both ends: 1 - pi_j would cancel where pi_j is nearly 1
        before = np.concatenate([[0.0], np.cumsum(weights[:-1])])
        after = np.concatenate([np.cumsum(weights[:0:-1])[::-1], [0.0]])
        self._rest = before + after

    def left_out(self, query):
        """Weights of what is left out of each row and of the rest; 0 and 1 for -1."""
        some = query.leave_out >= 0
        weight = np.where(some, self.weights[query.leave_out], 0.0)
        return weight, np.where(some, self._rest[query.leave_out], 1.0)

    def __call__(self, query):
        """Weights by row: shape (1, N), or (n, N) where points are left out."""
        if query.leave_out is None:
            return self.weights[None, :]
        rows = np.flatnonzero(query.leave_out >= 0)
        _, rest = self.left_out(query)
        P = self.weights / rest[:, None]
        P[rows, query.leave_out[rows]] = 0.0
        return P

    def common(self, query):
        """Weights (1, N) of all, and the sum of those not left out: (n,) or 1."""
        total = 1.0 if query.leave_out is None else self.left_out(query)[1]
        return self.weights[None, :], total

    def offset(self, query):
        """The constant."""
        return self._offset


class LogWeights:
    r"""Weights of units that come with log weights a_k, such as mixture components.

    .. math:: \pi_k = e^{a_k} / \sum_l e^{a_l}, \qquad
              \text{offset} = -\log \sum_l e^{a_l}

    Parameters
    ----------
    log_weights : ndarray of shape (K,)
    """

    def __init__(self, log_weights):
        self.log_weights = log_weights

    def logs(self, query):
        """The a_k by row, shape (1, K) or (n, K); -inf for units that do not count."""
        return self.log_weights[None, :]

    def __call__(self, query):
        """Weights by row, shape (1, K) or (n, K)."""
        logs = self.logs(query)
        P = np.exp(logs - logsumexp(logs, axis=1, keepdims=True))
        # a weight that underflows may still belong to the nearest unit
        P = np.where(np.isfinite(logs), np.maximum(P, LEAST), 0.0)
        return P / P.sum(axis=1, keepdims=True)

    def offset(self, query):
        """The score where all distances are 0, shape (1,) or (n,)."""
        return -logsumexp(self.logs(query), axis=1)


class RivalWeights(LogWeights):
    """Log weights in the log-odds of a row's cluster: a_k - a_c of its rivals."""

    def logs(self, query):
        """a_k - a_c by row, shape (n, K); -inf for units that do not compete."""
        numbers = np.arange(len(self.log_weights))
        competes = numbers != query.cluster[:, None]
        if query.rival is not None:
            rival = query.rival[:, None]
            competes &= (numbers == rival) | (rival < 0)
        difference = self.log_weights - self.log_weights[query.cluster][:, None]
        return np.where(competes, difference, -np.inf)
