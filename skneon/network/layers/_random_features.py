# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that are random cosine features of the Gaussian kernel."""

import numpy as np
from sklearn.utils import gen_batches

from skneon.network.layers._distance import SupportUnits
from skneon.network.numerics._soft_min import exponent, soft_argmin

# numbers in a block of features of the support points
BLOCK = 2**20


def draw_random_features(n_components, n_features, gamma, random_state):
    r"""Draw omega_j ~ N(0, 2 gamma I) and b_j ~ U(0, 2 pi) (chapter eq. 3).

    The prefactor of eq. 3 must read :math:`\sqrt{2/H}` for the features to
    approximate the kernel ``exp(-gamma |x - x'|^2)``.

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


class Cosine(SupportUnits):
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
        self.omega = omega
        super().__init__(support)
        self.gamma = gamma
        self.support_weights = support_weights
        self.phase = phase
        self._mean = np.zeros(len(omega))
        for rows in gen_batches(len(support), max(1, BLOCK // len(omega))):
            self._mean += support_weights.weights[rows] @ self._features(support[rows])

    def _connect(self, inputs):
        super()._connect(inputs)
        # a folded map turns the frequencies omega' z into (omega A')' y
        square = inputs.back(self.omega) ** 2
        self._shares = inputs.gather(square / square.sum(axis=1, keepdims=True))

    @property
    def width(self):
        """Numbers that a row takes: features, and distances for the exact score."""
        return len(self.support) + len(self.omega)

    def _features(self, X):
        # about the data's center: the kernel only sees differences
        angles = (X - self.points.center) @ self.omega.T + self.phase
        return np.sqrt(2) * np.cos(angles)

    def _means(self, query):
        """mu_j of each row: without the support point that is left out of it."""
        if query.leave_out is None:
            return self._mean
        weight, rest = self.support_weights.left_out(query)
        features = self._features(self.support[query.leave_out])
        return (self._mean - weight[:, None] * features) / rest[:, None]

    def forward(self, X, query):
        """Activations h, shape (n, H)."""
        return self._features(self.inputs.project(X)) * self._means(query)

    def relevance(self, X, H, R, weights, query):
        """R_i, shape (n, n_columns)."""
        return R @ self._shares

    def standard_error(self, X, R, query):
        """Standard error of R_i over the draw of the features, shape (n, n_columns).

        R_i is the sum of H independent terms; their sample variance estimates its. NaN
        for a single feature.
        """
        n_components = R.shape[1]
        if n_components == 1:
            return np.full((len(R), self.inputs.n_columns), np.nan)
        mean = (R @ self._shares) / n_components
        variance = (R**2) @ (self._shares**2) - n_components * mean**2
        correction = n_components / (n_components - 1)
        return np.sqrt(np.maximum(variance, 0.0) * correction)

    def score(self, X, query, pooled):
        """``sum_k pi_k exp(-gamma |x - u_k|^2)``: what the features approximate."""
        P = self.support_weights(query)
        t = exponent(self.squared_distances(X), self.gamma)
        return np.sum(P * np.exp(-t), axis=1)

    def reference(self, X, H, weights, query):
        """Mean of the support points by their share of the kernel sum, shape (n, d)."""
        P = self.support_weights(query)
        shares = soft_argmin(self.squared_distances(X), P, self.gamma)
        return self.mean_support(shares)
