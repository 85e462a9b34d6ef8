# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rules for rows that are activations a >= 0 of another network (chapter, appendix A).

Relevance that is to go on to the pixels must lie on active neurons: every rule shares
out only what can be written as a sum of terms with the factor a_i, so that a_i = 0 gets
exactly 0. The rest of the score dissipates. Rule A.3 is one of `LinearPairs`.
"""

import numpy as np
from scipy.special import erf

from skneon.network.layers._distance import GaussianKernel, SquaredDistance
from skneon.network.layers._random_features import Cosine

# responses below count as none
LEAST = 1e-290


class ActivationDistance(SquaredDistance):
    r"""Squared distances between activations (chapter A.1).

    Of :math:`R_k = p_k\, o` the part that activations carry is shared among them:

    .. math:: R_k^{\text{dot}} = p_k\, a^\top (a - u_k), \qquad
              R_i = \sum_k \frac{a_i (a_i - u_{ki})}{\sum_j a_j (a_j - u_{kj})}
                    R_k^{\text{dot}} = a_i \Big(a_i - \sum_k p_k u_{ki}\Big)

    The denominators cancel, and no distance is divided by. Holds of the weights p_k of
    soft argmin and of integrated soft argmin alike: both have the sum 1.
    """

    activations_only = True

    def relevance(self, X, H, R, weights, query):
        """R_i, shape (n, n_columns)."""
        typical = self.mean_support(weights)
        return carried(self.inputs, X, self.inputs.project(X) - typical)


class ActivationKernel(GaussianKernel):
    r"""Gaussian functions of the distance of activations (after chapter A.2; ours).

    The rule of `ActivationCosine` in the limit of infinitely many features and
    :math:`\epsilon \to 0`, in closed form. With :math:`u_k^\perp` the part of u_k that
    is orthogonal to a, and :math:`\delta_k = a^\top (a - u_k) / \|a\|^2`,

    .. math:: R_i = \frac{a_i^2}{\|a\|^2}\, i(a) + 2 \gamma\, a_i \sum_k \pi_k
              e^{-\gamma \|u_k^\perp\|^2} u_{ki}^\perp
              \int_0^{\delta_k} e^{-\gamma \|a\|^2 t^2} dt .

    The sum over i is i(a), since a is orthogonal to every :math:`u_k^\perp`: but for
    a = 0, where no activation could carry anything, nothing dissipates.

    Derivation: with :math:`\theta = \omega^\top a` and
    :math:`\varphi_k = \omega^\top u_k`, the mean over the phases of the two terms of
    A.2 is :math:`a_i \omega_i (\sin\theta \sin\varphi_k + \cos\theta \cos\varphi_k) /
    \theta`. Given :math:`\theta`, :math:`\omega` is
    :math:`a \theta / \|a\|^2` and a normal vector orthogonal to a; the mean over that,
    and :math:`E[\sin(c \theta) / \theta] = \int_0^c e^{-\gamma \|a\|^2 t^2} dt`, give
    the rule.
    """

    activations_only = True

    def relevance(self, X, H, R, weights, query):
        """R_i, shape (n, n_columns)."""
        Z = self.inputs.project(X)
        a = Z - offset_of(self.inputs)
        norm = np.linalg.norm(a, axis=1, keepdims=True)
        inverse = np.divide(1.0, norm, out=np.zeros_like(norm), where=norm > 0)
        direction = a * inverse
        centred = Z - self.points.center
        # a'(a - u_k) / |a|: how far u_k falls short of a in the direction of a
        along = np.sum(centred * direction, axis=1)[:, None]
        along = along - direction @ self.points.centered.T
        across = np.maximum(self.squared_distances(X) - along**2, 0.0)
        W = self.activation(across) * erf(np.sqrt(self.gamma) * along)
        W *= weights * np.sqrt(np.pi * self.gamma) * inverse
        factor = W @ self.points.centered - W.sum(axis=1, keepdims=True) * centred
        score = R.sum(axis=1, keepdims=True)
        # its part along a is what makes the sum right; once more for what is rounded
        for _ in range(2):
            missed = score - np.sum(a * factor, axis=1, keepdims=True)
            factor += missed * inverse * direction
        return carried(self.inputs, X, factor)


class ActivationCosine(Cosine):
    r"""Random cosine features of activations (chapter A.2).

    With :math:`\theta_j = \omega_j^\top a`, :math:`c_j = \sqrt2 \mu_j / H`, and
    :math:`R_j = -\sin\theta_j \sin b_j\, c_j + \cos\theta_j \cos b_j\, c_j`,

    .. math:: R_i = a_i \sum_j \omega_{ji} c_j \Big( -\frac{\sin\theta_j}{\theta_j}
              \sin b_j + \frac{\cos\theta_j}{\theta_j + \epsilon_j} \cos b_j \Big),
              \qquad \epsilon_j = \epsilon\, \operatorname{sign} \theta_j .

    The stabiliser dissipates part of the cosine terms where the response
    :math:`\theta_j` is next to nothing; without it they grow without bound there.

    Parameters
    ----------
    support, gamma, support_weights, omega, phase
        As in `Cosine`.
    epsilon : float
        In radians.
    """

    activations_only = True

    def __init__(self, support, gamma, support_weights, omega, phase, epsilon):
        super().__init__(support, gamma, support_weights, omega, phase)
        self.epsilon = epsilon

    def _slopes(self, X, query):
        """R_i = y_i sum_j slope_j omega_ji; shape (n, H)."""
        offset = offset_of(self.inputs)
        theta = (self.inputs.project(X) - offset) @ self.omega.T
        # features are those of z less the center
        b = self.phase + (offset - self.points.center) @ self.omega.T
        stable = theta + np.where(theta < 0, -self.epsilon, self.epsilon)
        some = np.abs(stable) > LEAST
        cosine = np.divide(np.cos(theta), stable, out=np.zeros_like(theta), where=some)
        c = np.sqrt(2) * self._means(query) / len(self.omega)
        return (cosine * np.cos(b) - np.sinc(theta / np.pi) * np.sin(b)) * c

    def relevance(self, X, H, R, weights, query):
        """R_i, shape (n, n_columns)."""
        return carried(self.inputs, X, self._slopes(X, query) @ self.omega)

    def standard_error(self, X, R, query):
        """Standard error of R_i over the draw of the features, shape (n, n_columns)."""
        n_components = len(self.omega)
        if n_components == 1 or not self.inputs.one_to_one:
            return np.full((len(X), self.inputs.n_columns), np.nan)
        size = np.abs(X).max(axis=1, keepdims=True)
        slopes, omega = size * self._slopes(X, query), self.inputs.back(self.omega)
        variance = slopes**2 @ omega**2 - (slopes @ omega) ** 2 / n_components
        correction = n_components / (n_components - 1)
        shares = np.divide(np.abs(X), size, out=np.zeros_like(X), where=size > 0)
        return shares * np.sqrt(np.maximum(variance, 0.0) * correction)


def carried(inputs, X, factor):
    """y_i times the factor in the direction of y_i, by column; exactly 0 where y_i is.

    Parameters
    ----------
    inputs : Inputs
    X : ndarray of shape (n, m)
        The y.
    factor : ndarray of shape (n, p)
        In the space of the inputs' outputs.
    """
    return inputs.gather(X * inputs.back(factor))


def offset_of(inputs):
    """The part of z that no activation contributes to."""
    return 0.0 if inputs.offset is None else inputs.offset
