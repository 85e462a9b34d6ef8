# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Rules for rows that are activations a >= 0 of another network (chapter, appendix A).

Relevance that is to go on to the pixels must lie on active neurons: only what can be
written as a sum of terms with the factor a_i is shared, so that a_i = 0 gets exactly 0.
The rest of the score dissipates.

- Outlierness (A.1): of :math:`R_k = p_k\, o` the part
  :math:`R_k^{\text{dot}} = p_k\, a^\top (a - u_k)`; the denominators cancel,

  .. math:: R_i = \sum_k \frac{a_i (a_i - u_{ki})}{\sum_j a_j (a_j - u_{kj})}
                  R_k^{\text{dot}} = a_i \Big(a_i - \sum_k p_k u_{ki}\Big) .

- Inlierness by random features (A.2): with :math:`\theta_j = \omega_j^\top a`,
  :math:`c_j = \sqrt2 \mu_j / H` and :math:`\epsilon_j = \epsilon \operatorname{sign}
  \theta_j`,

  .. math:: R_i = a_i \sum_j \omega_{ji} c_j \Big( -\frac{\sin\theta_j}{\theta_j}
            \sin b_j + \frac{\cos\theta_j}{\theta_j + \epsilon_j} \cos b_j \Big) .

- Inlierness in the limit of infinitely many features and epsilon to 0 (ours). With
  :math:`u_k^\perp` the part of u_k that is orthogonal to a, and
  :math:`\delta_k = a^\top (a - u_k) / \|a\|^2`,

  .. math:: R_i = \frac{a_i^2}{\|a\|^2}\, i(a) + 2 \gamma\, a_i \sum_k \pi_k
            e^{-\gamma \|u_k^\perp\|^2} u_{ki}^\perp
            \int_0^{\delta_k} e^{-\gamma \|a\|^2 t^2} dt .

  The sum over i is i(a), since a is orthogonal to every :math:`u_k^\perp`. Derivation:
  with :math:`\theta = \omega^\top a` and :math:`\varphi_k = \omega^\top u_k`, the mean
  over the phases of the two terms of A.2 is :math:`a_i \omega_i (\sin\theta
  \sin\varphi_k + \cos\theta \cos\varphi_k) / \theta`. Given :math:`\theta`,
  :math:`\omega` is :math:`a \theta / \|a\|^2` and a normal vector orthogonal to a; the
  mean over that, and :math:`E[\sin(c \theta) / \theta] = \int_0^c
  e^{-\gamma \|a\|^2 t^2} dt`, give the rule.
- Cluster evidence (A.3): of :math:`R_k = p_k f` only :math:`p_k\, w_k^\top a`,

  .. math:: R_i = a_i \sum_k p_k w_{ki} .
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from scipy.special import erf

from skneon.network._query import Query
from skneon.network.numerics._types import Array
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import Passed, Rule, Scales, soft_shares
from skneon.network.rules._settings import check_count, check_number, check_seed

# responses below count as none
LEAST = 1e-290


@register_rule
@dataclass(frozen=True)
class Activation(Rule):
    """Relevance for active neurons alone.

    Parameters
    ----------
    beta : float, "gamma" or None, default=None
        Stiffness of the soft argmin that gives the p_k. None: for outlierness
        integrated soft argmin, for clusters 1 / E[f_c] over the training rows.
    n_components : int or None, default=None
        Number of random features for inlierness; None takes their limit.
    epsilon : float, default=0.01
        Stabiliser of random features, in radians.
    random_state : int, default=0
        Seed of the random features.
    """

    beta: float | str | None = None
    n_components: int | None = None
    epsilon: float = 0.01
    random_state: int = 0

    words: ClassVar[str] = "active neurons share what they can carry, others get 0"
    name: ClassVar[str] = "activation"
    explains: ClassVar[frozenset[str]] = frozenset({"outlier", "inlier", "cluster"})
    needs: ClassVar[tuple[str, ...]] = ("carried",)
    activations_only: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_number(self, "beta", also=("gamma", None))
        check_count(self, "n_components", also=(None,))
        check_number(self, "epsilon")
        check_seed(self, "random_state")

    def bound(self, scales: Scales) -> Activation:
        """With the model's own stiffness."""
        if self.beta is None and scales.auto_beta is not None:
            return replace(self, beta=scales.auto_beta())
        if self.beta == "gamma":
            if scales.gamma is None:
                raise ValueError(
                    'Activation: beta="gamma" is the stiffness of a density, which '
                    "this model has none of: pass a number or None."
                )
            return replace(self, beta=scales.gamma)
        return self

    def to_units(self, network: Any, H: Array, query: Query) -> Passed:
        """R_k, by soft argmin or its integral where the pooling is a soft minimum."""
        pooling = network.pooling
        if self.beta is None and hasattr(pooling, "integrated"):
            score, weights = pooling.integrated(H, query)
        elif self.beta is not None and hasattr(pooling, "soft_argmin"):
            score, weights = pooling.soft_argmin(H, query, self.beta)
        else:
            return super().to_units(network, H, query)
        finite = np.where(np.isfinite(score), score, 0.0)
        return Passed(score, weights, weights * finite[:, None])

    def equations(self, network: Any) -> tuple[str, ...]:
        """Both steps in one."""
        pooling, carries = network.pooling, network.units.carries
        if "p_k" not in carries:
            return (carries,)
        if self.beta is None and hasattr(pooling, "integrated"):
            return pooling.integral.replace("R_k", "p_k").replace("h_k ∫", "∫"), carries
        if self.beta is not None and hasattr(pooling, "soft_argmin"):
            return soft_shares(network, "").partition(",  ")[2], carries
        return (carries,)

    def symbols(self, network: Any) -> dict[str, Any]:
        """Numbers in the equations."""
        return {} if self.beta is None else {"β": self.beta}

    def keeps(self, network: Any) -> str:
        """What is no active neuron's."""
        return "what activations cannot carry"

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """R_i, which are 0 where the activation is."""
        return np.asarray(network.units.carried(X, passed, query, self.epsilon))

    def residual(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> None:
        """Not said: what activations cannot carry."""

    def standard_error(
        self, network: Any, X: Array, passed: Passed, query: Query
    ) -> Array | None:
        """Standard error over the draw of the random features, where there are any."""
        error = getattr(network.units, "carried_error", None)
        return None if error is None else np.asarray(error(X, query, self.epsilon))


def carried(inputs: Any, X: Array, factor: Array) -> Array:
    """y_i times the factor in the direction of y_i, by column; exactly 0 where y_i is.

    Parameters
    ----------
    inputs : Inputs
    X : ndarray of shape (n, m)
        The y.
    factor : ndarray of shape (n, p)
        In the space of the inputs' outputs.
    """
    return np.asarray(inputs.gather(X * inputs.back(factor)))


def kernel_factor(
    a: Array,
    centred: Array,
    points: Array,
    squared: Array,
    weights: Array,
    gamma: float,
    score: Array,
) -> Array:
    """R_i / a_i of inlierness in the limit of infinitely many features, (n, p).

    Parameters
    ----------
    a : ndarray of shape (n, p)
        Activations.
    centred, points : ndarray of shape (n, p), (N, p)
        Rows and support points less a center.
    squared, weights : ndarray of shape (n, N)
        Squared distances, and weights of the support points.
    gamma : float
    score : ndarray of shape (n, 1)
        i(a).
    """
    norm = np.linalg.norm(a, axis=1, keepdims=True)
    inverse = np.divide(1.0, norm, out=np.zeros_like(norm), where=norm > 0)
    direction = a * inverse
    # a'(a - u_k) / |a|: how far u_k falls short of a in the direction of a
    along = np.sum(centred * direction, axis=1)[:, None]
    along = along - direction @ points.T
    across = np.maximum(squared - along**2, 0.0)
    W = np.exp(-np.minimum(gamma * across, 1e300)) * erf(np.sqrt(gamma) * along)
    # what |a| next to 0 makes overflow comes back with the sum below
    with np.errstate(over="ignore"):
        slope = np.minimum(np.sqrt(np.pi) * np.sqrt(gamma) * inverse, 1e300)
    W *= weights * slope
    factor = W @ points - W.sum(axis=1, keepdims=True) * centred
    # its part along a is what makes the sum right; once more for what is rounded
    for _ in range(2):
        missed = score - np.sum(a * factor, axis=1, keepdims=True)
        factor += missed * inverse * direction
    return np.asarray(factor)


def feature_slopes(theta: Array, phase: Array, c: Array, epsilon: float) -> Array:
    """The c_j times the terms in brackets of A.2: R_i = a_i sum_j slope_j omega_ji."""
    stable = theta + np.where(theta < 0, -epsilon, epsilon)
    some = np.abs(stable) > LEAST
    cosine = np.divide(np.cos(theta), stable, out=np.zeros_like(theta), where=some)
    slopes = cosine * np.cos(phase) - np.sinc(theta / np.pi) * np.sin(phase)
    return np.asarray(slopes * c)
