# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Top layers: they pool the hidden units into the score.

Every pooling has ``forward``, which gives the score, and ``pool``, which gives with it
how much each unit counts. Rules ask for more: ``soft_argmin``, ``integrated``,
``summands``, ``of_sums``.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.special import logsumexp

from skneon.network._query import Query
from skneon.network.layers._weights import LogWeights, RivalWeights, SupportWeights
from skneon.network.numerics._integrated_soft_argmin import (
    conserving,
    integrated_soft_argmin,
)
from skneon.network.numerics._soft_min import (
    log_mean_exp,
    pooled_and_shares,
    soft_argmin,
)
from skneon.network.numerics._types import Array


class Pooling(ABC):
    """What the poolings share.

    Attributes
    ----------
    words, equation : str
        What the score is, in few words and in plain text, for `Network.diagram`.
    symbols : dict of str to value
        Numbers in the equation.
    constant : str
        The `offset`, where there is one.
    prior : str
        Factor of a unit in `soft_argmin`, before the exponential.
    summand, unspent : str
        What a unit adds by `summands`, and what of the score these leave.
    integral : str
        What it adds by ``integrated``.
    """

    words: Any = ""
    equation: Any = ""
    symbols: Any = MappingProxyType({})
    constant: Any = ""
    prior: Any = ""
    summand: Any = ""
    unspent: Any = ""
    integral: Any = ""

    @abstractmethod
    def forward(self, H: Array, query: Query) -> Array:
        """Score of each row, shape (n,)."""

    @abstractmethod
    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and how much each unit counts in it: (n,) and (n, K)."""

    def offset(self, query: Query) -> Any:
        """Constant of the score, which no unit carries."""
        return 0.0

    def present(self, H: Array, query: Query) -> Array:
        """Activations as rules see them, (n, K): the absent at +inf where that is far.

        As it stands H: the absent have the weight 0.
        """
        return H

    def summands(self, H: Array, weights: Array, query: Query) -> Array:
        """What each unit adds to the score, (n, K); those at +inf add nothing."""
        return weights * np.where(np.isfinite(H), H, 0.0)

    def coalition_scores(self, H: Array, query: Query, masks: Array) -> Array:
        """v(S) from the units' `coalitions`, (M,): the pooling's side of the game.

        As it stands the score less its constant.

        Parameters
        ----------
        H : ndarray of shape (M, K)
        query : Query
            Of the row, M times.
        masks : ndarray of shape (M, n_columns)
        """
        return np.asarray(self.forward(H, query) - self.offset(query))


class LogMeanExp(Pooling):
    r"""Soft min-pooling by log-mean-exp: the outlier score (chapter #3.1, layer 2).

    .. math:: o = \mathrm{LME}^{-\gamma}_k\{h_k\}
              = -\frac1\gamma \log \sum_k \pi_k \exp(-\gamma h_k)

    Always min h <= o <= sum_k pi_k h_k. A score that is o plus a constant has that
    constant as the offset of its weights; no feature carries it.

    Parameters
    ----------
    gamma : float
    weights : SupportWeights
        Give the weights pi_k of a query, and its offset.

    Raises
    ------
    ValueError
        For a stiffness that is not above 0.
    """

    words = "the soft minimum of the units"
    prior = "π_k "
    summand = "R_k = p_k h_k,  p_k = π_k exp(−γ h_k) / Σ_l π_l exp(−γ h_l)"
    unspent = "o − Σ_k p_k h_k"
    integral = "R_k = h_k ∫₀¹ p_k(s) ds,  p_k(s) ∝ π_k exp(−s γ h_k)"

    def __init__(self, gamma: float, weights: SupportWeights) -> None:
        if not 0 < gamma < np.inf:
            raise ValueError(f"gamma must be a number above 0, got {gamma!r}.")
        self.gamma = gamma
        self.support_weights = weights

    @property
    def equation(self) -> str:
        """The score in plain text."""
        return f"o = −1/γ log Σ_k π_k exp(−γ h_k){' + c' if self.constant else ''}"

    @property
    def symbols(self) -> dict[str, Any]:
        """Numbers in the equation."""
        known = {"γ": self.gamma}
        return {**known, "c": self.offset(Query())} if self.constant else known

    @property
    def constant(self) -> str:
        """The offset in plain text, "" where it is 0."""
        return "c" if np.any(self.offset(Query())) else ""

    def offset(self, query: Query) -> Any:
        """Constant of the score, which no unit carries."""
        return self.support_weights.offset(query)

    def present(self, H: Array, query: Query) -> Array:
        """Distances with those of the absent at +inf."""
        return self.support_weights.present(H, query)

    def _counted(self, H: Array, query: Query) -> tuple[Array, Array, Any]:
        """Distances with the absent at +inf, weights (1, N), and the sum of theirs."""
        weights = self.support_weights
        return self.present(H, query), weights.weights[None], weights.total(query)

    def forward(self, H: Array, query: Query) -> Array:
        """Score of each row, shape (n,)."""
        H, P, total = self._counted(H, query)
        return np.asarray(log_mean_exp(H, P, self.gamma, total) + self.offset(query))

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and the soft argmin of its own stiffness."""
        return self.soft_argmin(H, query, self.gamma)

    def soft_argmin(self, H: Array, query: Query, beta: float) -> tuple[Array, Array]:
        """Score, and p_k ~ pi_k exp(-beta h_k), shape (n, N); rows sum to 1."""
        H, P, total = self._counted(H, query)
        if beta == self.gamma:
            pooled, weights = pooled_and_shares(H, P, self.gamma, total)
        else:
            pooled = log_mean_exp(H, P, self.gamma, total)
            weights = soft_argmin(H, P, beta)
        return pooled + self.offset(query), weights

    def integrated(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and I_k = int_0^1 p_k(s) ds with p_k(s) ~ pi_k exp(-s gamma h_k).

        Their sum over k of I_k h_k is the score less its constant.
        """
        H, P, total = self._counted(H, query)
        weights, pooled = integrated_soft_argmin(H, P, self.gamma, total)
        return pooled + self.offset(query), conserving(weights, H, pooled)

    def of_sums(self, query: Query, competes: Array) -> Callable[[Array], Array]:
        """The pooled score of some units of one row, (K, ...) to (...)."""
        P, gamma = self.support_weights(query)[0, competes], self.gamma
        with np.errstate(divide="ignore"):
            logs = np.log(P)

        def pool(T: Array) -> Array:
            a = logs.reshape(-1, *[1] * (T.ndim - 1))
            return np.asarray(-logsumexp(a - gamma * T, axis=0) / gamma)

        return pool


class LogSumExp(Pooling):
    r"""Soft min-pooling of units with log weights a_k (ours, after chapter #3.1).

    .. math:: -\log \sum_k e^{a_k - h_k} = \mathrm{LME}^{-1}_\pi\{h_k\} + \text{offset}

    Minus the log density of a mixture, or the log-odds of one of its components
    against its rivals.

    Parameters
    ----------
    weights : LogWeights or RivalWeights
    """

    prior = "exp(a_k) "
    summand = "R_k = p_k h_k,  p_k ∝ exp(a_k − h_k)"
    integral = "R_k = h_k ∫₀¹ p_k(s) ds,  p_k(s) ∝ exp(a_k − s h_k)"

    def __init__(self, weights: LogWeights) -> None:
        self.support_weights = weights

    @property
    def _odds(self) -> bool:
        return isinstance(self.support_weights, RivalWeights)

    @property
    def words(self) -> str:
        """What the score is."""
        odds = "the log-odds of component c, a soft minimum over its rivals"
        return odds if self._odds else "minus a log density, a soft minimum"

    @property
    def equation(self) -> str:
        """The score in plain text."""
        if self._odds:
            return "f = −log Σ_k exp(a_k − a_c − h_k),  over k ≠ c"
        return "o = −log Σ_k exp(a_k − h_k)"

    @property
    def constant(self) -> str:
        """The offset in plain text."""
        return f"−log Σ_k exp(a_k{' − a_c' if self._odds else ''})"

    @property
    def unspent(self) -> str:
        """What summands leave of the score."""
        return f"{'f' if self._odds else 'o'} − Σ_k p_k h_k"

    def offset(self, query: Query) -> Any:
        """Constant of the score, which no unit carries."""
        return self.support_weights.offset(query)

    def forward(self, H: Array, query: Query) -> Array:
        """Score of each row, shape (n,)."""
        logs = self.support_weights.logs(query)
        return np.asarray(
            -logsumexp(logs - np.where(np.isfinite(logs), H, 0.0), axis=1)
        )

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and the soft argmin of its own stiffness."""
        return self.soft_argmin(H, query, 1.0)

    def soft_argmin(self, H: Array, query: Query, beta: float) -> tuple[Array, Array]:
        """Score, and p_k, shape (n, K); rows sum to 1."""
        weights = soft_argmin(H, self.support_weights(query), beta)
        return self.forward(H, query), weights

    def integrated(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and I_k as in `LogMeanExp`."""
        score, offset = self.forward(H, query), self.offset(query)
        logs, P = self.support_weights.logs(query), self.support_weights(query)
        # score less offset, which would cancel where all distances are small
        weights, pooled = integrated_soft_argmin(H, P, 1.0, logs=logs + offset[:, None])
        return score, conserving(weights, H, pooled)

    def of_sums(self, query: Query, competes: Array) -> Callable[[Array], Array]:
        """The pooled score of some units of one row, (K, ...) to (...)."""
        logs = self.support_weights.logs(query)[0, competes]
        logs = logs - logsumexp(logs)

        def pool(T: Array) -> Array:
            a = logs.reshape(-1, *[1] * (T.ndim - 1))
            return np.asarray(-logsumexp(a - T, axis=0))

        return pool


class Min(Pooling):
    r"""Hard min-pooling: the cluster evidence (chapter #4.1, layer 2).

    .. math:: f = \min_k h_k

    A unit at +inf does not compete. Where none does, f is +inf and nothing counts.
    """

    words = "the least unit"
    equation = "f = min_k h_k"
    summand = "R_k = h_k of the least unit, 0 of the others"
    integral = summand

    def forward(self, H: Array, query: Query) -> Array:
        """Evidence f of each row, shape (n,)."""
        return np.asarray(H.min(axis=1))

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and a weight of 1 shared by the units that attain it."""
        least = H.min(axis=1)
        W = ((least[:, None] == H) & np.isfinite(H)).astype(float)
        W /= np.maximum(W.sum(axis=1, keepdims=True), 1.0)
        return least, W

    def integrated(self, H: Array, query: Query) -> tuple[Array, Array]:
        """As `pool`: who is least is so at all scales of the h_k."""
        return self.pool(H, query)

    def soft_argmin(self, H: Array, query: Query, beta: float) -> tuple[Array, Array]:
        """Score, and p_k ~ exp(-beta h_k), shape (n, K); 0 for who does not compete."""
        least = H.min(axis=1)
        if beta == 0:
            W = np.isfinite(H).astype(float)
        else:
            with np.errstate(invalid="ignore", over="ignore"):
                W = H - least[:, None]
                W *= -beta
            # exponentials that underflow take many times as long
            np.exp(np.maximum(W, -700.0, out=W), out=W)
            np.copyto(W, 0.0, where=H == np.inf)
        W *= (1 / np.maximum(W.sum(axis=1), 1.0))[:, None]
        return least, W

    def of_sums(self, query: Query, competes: Array) -> Callable[[Array], Array]:
        """The minimum over the units, (K, ...) to (...)."""
        return _least


def _least(T: Array) -> Array:
    return np.asarray(T.min(axis=0))
