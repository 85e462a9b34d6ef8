# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that are random cosine features of the Gaussian kernel."""

import numpy as np

from skneon.network._distance import weighted_mean
from skneon.network._kernels import soft_argmin, squared_distances


def draw_random_features(n_components, n_features, gamma, random_state):
    r"""Draw omega_j ~ N(0, 2 gamma I) and b_j ~ U(0, 2 pi) (chapter eq. 3).

    The prefactor of eq. 3 must read :math:`\sqrt{2/H}` for the features to
    approximate the kernel exp(-gamma |x - x'|^2).

    Parameters
    ----------
    n_components : int
        H.
    n_features : int
        d.
    gamma : float
    random_state : numpy.random.RandomState

    Returns
    -------
    omega : ndarray of shape (H, d)
    phase : ndarray of shape (H,)
    """
    scale = np.sqrt(2 * gamma)
    omega = random_state.normal(scale=scale, size=(n_components, n_features))
    return omega, random_state.uniform(0, 2 * np.pi, size=n_components)


class Cosine:
    r"""Random cosine features, each times its mean over the support points.

    .. math:: h_j = \sqrt2 \cos(\omega_j^\top x + b_j)\, \mu_j, \qquad
              \mu_j = \sum_k \pi_k \sqrt2 \cos(\omega_j^\top u_k + b_j)

    (chapter #3.3, layer 1), with the rule

    .. math:: R_i = \sum_j \frac{\omega_{ji}^2}{\|\omega_j\|^2} R_j .

    Parameters
    ----------
    support : ndarray of shape (N, d)
    gamma : float
    support_weights : SupportWeights
    omega : ndarray of shape (H, d)
    phase : ndarray of shape (H,)
    """

    def __init__(self, support, gamma, support_weights, omega, phase):
        self.support = support
        self.gamma = gamma
        self.support_weights = support_weights
        self.omega = omega
        self.phase = phase
        # the features are shifted to the data: the kernel only sees differences
        self._center = support.mean(axis=0)
        self._shares = omega**2 / np.sum(omega**2, axis=1, keepdims=True)

    def _features(self, X):
        angles = (X - self._center) @ self.omega.T + self.phase
        return np.sqrt(2) * np.cos(angles)

    def forward(self, X, query):
        """Activations h, shape (n, H)."""
        P = self.support_weights(query)
        return self._features(X) * (P @ self._features(self.support))

    def relevance(self, X, H, R, weights, query):
        """R_i, shape (n, d)."""
        return R @ self._shares

    def standard_error(self, R):
        """Standard error of R_i over the draw of the features, shape (n, d).

        R_i is the sum of H independent terms; their sample variance estimates its.
        """
        n_components = R.shape[1]
        mean = (R @ self._shares) / n_components
        variance = (R**2) @ (self._shares**2) - n_components * mean**2
        correction = n_components / max(n_components - 1, 1)
        return np.sqrt(np.maximum(variance, 0.0) * correction)

    def kernel_mean(self, X, query):
        """sum_k pi_k exp(-gamma |x - u_k|^2): what the features approximate."""
        P = self.support_weights(query)
        return np.sum(
            P * np.exp(-self.gamma * squared_distances(X, self.support)), axis=1
        )

    def reference(self, X, H, weights, query):
        """Mean of the support points by their share of the kernel sum, shape (n, d)."""
        shares = soft_argmin(
            squared_distances(X, self.support), self.support_weights(query), self.gamma
        )
        return weighted_mean(shares, self.support, self._center)
