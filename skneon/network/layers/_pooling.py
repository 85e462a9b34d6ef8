# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Top layers: they pool the hidden units into the score, and share it among them.

Every pooling has the same three methods. ``forward`` gives the score, ``weights`` says
how much each unit counts (rows sum to 1 where any unit counts), ``relevance`` turns
the score into the relevance of the units, R_k.
"""

import numpy as np
from scipy.special import logsumexp

from skneon.network.numerics._soft_min import (
    log_mean_exp,
    pooled_and_shares,
    soft_argmin,
)
from skneon.network.rules._integrated_soft_argmin import integrated_soft_argmin


class Pooling:
    """What the poolings share."""

    def offset(self, query):
        """Constant of the score, which no unit carries."""
        return 0.0

    def pool(self, H, query):
        """`forward` and `weights`, which may have work in common."""
        return self.forward(H, query), self.weights(H, query)


class LogMeanExp(Pooling):
    r"""Soft min-pooling by log-mean-exp: the outlier score (chapter #3.1, layer 2).

    .. math:: o = \mathrm{LME}^{-\gamma}_k\{h_k\}
              = -\frac1\gamma \log \sum_k \pi_k \exp(-\gamma h_k)

    Always min h <= o <= sum_k pi_k h_k. A score that is o plus a constant has that
    constant as the offset of its weights; no feature carries it. Rules, by `beta`:

    - a float, *soft argmin* (chapter #3.1):
      :math:`R_k = \pi_k e^{-\beta h_k} / \sum_l \pi_l e^{-\beta h_l} \cdot o`;
    - "integrated", *integrated soft argmin* (ours): :math:`R_k = h_k I_k` with
      :math:`I_k = \int_0^1 p_k(s) ds` and
      :math:`p_k(s) \propto \pi_k e^{-s \gamma h_k}`. Since s o(s), the score at the
      stiffness s gamma, has the derivative :math:`\sum_k p_k(s) h_k`, the R_k sum to o.

    Parameters
    ----------
    gamma : float
    weights : SupportWeights, RivalWeights or the like
        Give the weights pi_k of a query, and its offset.
    beta : float or "integrated"
    """

    def __init__(self, gamma, weights, beta):
        self.gamma = gamma
        self.support_weights = weights
        self.beta = beta

    def forward(self, H, query):
        """Score of each row, shape (n,)."""
        pooled = log_mean_exp(*self._counted(H, query))
        return pooled + self.offset(query)

    def _counted(self, H, query):
        """Distances with what is left out at +inf, weights, gamma, and their sum."""
        P, total = self.support_weights.common(query)
        if query.leave_out is not None:
            H = H.copy()
            rows = np.flatnonzero(query.leave_out >= 0)
            H[rows, query.leave_out[rows]] = np.inf
        return H, P, self.gamma, total

    def offset(self, query):
        """Constant of the score, which no unit carries."""
        return self.support_weights.offset(query)

    def weights(self, H, query):
        """p_k or I_k, shape (n, N); rows sum to 1."""
        return self.pool(H, query)[1]

    def pool(self, H, query):
        """`forward` and `weights`, in one pass where both have the same stiffness."""
        H, P, gamma, total = self._counted(H, query)
        if self.beta == "integrated":
            weights, pooled = integrated_soft_argmin(H, P, gamma, total)
        elif self.beta == gamma:
            pooled, weights = pooled_and_shares(H, P, gamma, total)
        else:
            pooled = log_mean_exp(H, P, gamma, total)
            weights = soft_argmin(H, P, self.beta)
        return pooled + self.offset(query), weights

    def relevance(self, H, weights, score, query):
        """R_k, shape (n, N)."""
        pooled = score - self.offset(query)
        if self.beta != "integrated":
            return weights * pooled[:, None]
        # units that do not compete are at +inf, with the weight 0
        R = weights * (H if np.isfinite(H).all() else np.where(weights > 0, H, 0.0))
        if (H.min(axis=1) < 0).any():
            # terms of both signs: the quadrature's last digits have no scale here
            return R
        total = R.sum(axis=1)
        # the quadrature's last digits: make the sum exact
        scale = np.divide(pooled, total, out=np.ones_like(total), where=total > 0)
        return R * scale[:, None]


class LogSumExp(LogMeanExp):
    r"""Soft min-pooling of units with log weights a_k (ours, after chapter #3.1).

    .. math:: -\log \sum_k e^{a_k - h_k} = \mathrm{LME}^{-1}_\pi\{h_k\} + \text{offset}

    Minus the log density of a mixture, or the log-odds of one of its components
    against its rivals. Rules as in `LogMeanExp`.

    Parameters
    ----------
    weights : LogWeights or RivalWeights
    beta : float or "integrated"
    """

    def __init__(self, weights, beta="integrated"):
        super().__init__(1.0, weights, beta)

    def forward(self, H, query):
        """Score of each row, shape (n,)."""
        logs = self.support_weights.logs(query)
        return -logsumexp(logs - np.where(np.isfinite(logs), H, 0.0), axis=1)

    def weights(self, H, query):
        """p_k or I_k, shape (n, K); rows sum to 1."""
        if self.beta != "integrated":
            return soft_argmin(H, self.support_weights(query), self.beta)
        logs = self.support_weights.logs(query) + self.offset(query)[:, None]
        P = self.support_weights(query)
        return integrated_soft_argmin(H, P, 1.0, logs=logs)[0]

    def pool(self, H, query):
        """`forward` and `weights`."""
        return Pooling.pool(self, H, query)


class Mean(Pooling):
    r"""Average pooling (chapter #3.2 and #3.3, layer 2), proportional rule.

    .. math:: \bar h = \sum_k \pi_k h_k, \qquad
              R_k = \frac{\pi_k h_k}{\sum_l \pi_l h_l} \bar h = \pi_k h_k

    Parameters
    ----------
    weights : SupportWeights, or None
        Weights of the units where these are support points; None for exchangeable
        units, such as random features, which count equally.
    """

    def __init__(self, weights=None):
        self.support_weights = weights

    def forward(self, H, query):
        """Mean of the units of each row, shape (n,)."""
        return np.sum(self.weights(H, query) * H, axis=1)

    def weights(self, H, query):
        """pi_k, shape (1, N) or (n, N)."""
        if self.support_weights is None:
            return np.full((1, H.shape[1]), 1 / H.shape[1])
        return self.support_weights(query)

    def relevance(self, H, weights, score, query):
        """R_k, shape (n, N)."""
        return weights * H


class Min(Pooling):
    r"""Hard min-pooling: the cluster evidence (chapter #4.1, layer 2).

    .. math:: f = \min_k h_k, \qquad
              R_k = \frac{e^{-\beta h_k}}{\sum_l e^{-\beta h_l}} f

    A unit at +inf does not compete. Where none does, f is +inf and all R_k are 0.

    Parameters
    ----------
    beta : float
        Stiffness of the soft argmin, in units of 1 / h; 0 shares equally.
    """

    def __init__(self, beta):
        self.beta = beta

    def forward(self, H, query):
        """Evidence f of each row, shape (n,)."""
        return H.min(axis=1)

    def weights(self, H, query):
        """Soft argmin weights, shape (n, K); zero for units that do not compete."""
        return self.pool(H, query)[1]

    def pool(self, H, query):
        """`forward` and `weights`."""
        least = H.min(axis=1)
        if self.beta == 0:
            W = np.isfinite(H).astype(float)
        else:
            with np.errstate(invalid="ignore", over="ignore"):
                W = H - least[:, None]
                W *= -self.beta
            # exponentials that underflow take many times as long
            np.exp(np.maximum(W, -700.0, out=W), out=W)
            np.copyto(W, 0.0, where=H == np.inf)
        W *= (1 / np.maximum(W.sum(axis=1), 1.0))[:, None]
        return least, W

    def relevance(self, H, weights, score, query):
        """R_k, shape (n, K)."""
        return weights * np.where(np.isfinite(score), score, 0.0)[:, None]
