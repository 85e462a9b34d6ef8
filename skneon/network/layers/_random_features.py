# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that are random cosine features of the Gaussian kernel."""

from typing import Any

import numpy as np
from sklearn.utils import gen_batches

from skneon.network._query import Query
from skneon.network.layers._distance import SupportUnits
from skneon.network.layers._gaussian_kernel import GaussianKernel, offset_of
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._mean import Mean
from skneon.network.layers._pooling import Pooling
from skneon.network.layers._units import Units
from skneon.network.layers._weights import SupportWeights
from skneon.network.numerics._soft_min import exponent, soft_argmin
from skneon.network.numerics._types import Array
from skneon.network.rules._activation import carried, feature_slopes
from skneon.network.rules._rule import Passed

# numbers in a block of features of the support points
BLOCK = 2**20


def draw_random_features(
    n_components: int,
    n_features: int,
    gamma: float,
    random_state: np.random.RandomState,
) -> tuple[Array, Array]:
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
    # of each factor: the largest gamma times 2 overflows
    scale = np.sqrt(2) * np.sqrt(gamma)
    omega = random_state.normal(scale=scale, size=(n_components, n_features))
    return omega, random_state.uniform(0, 2 * np.pi, size=n_components)


class Cosine(SupportUnits):
    r"""Random cosine features, each times its mean over the support points.

    .. math:: h_j = \sqrt2 \cos(\omega_j^\top x + b_j)\, \mu_j, \qquad
              \mu_j = \sum_k \pi_k \sqrt2 \cos(\omega_j^\top u_k + b_j)

    (chapter #3.3, layer 1).

    Parameters
    ----------
    support : ndarray of shape (N, d)
    gamma : float
    support_weights : SupportWeights
    omega : ndarray of shape (H, d)
    phase : ndarray of shape (H,)
    """

    words = "random cosine features, each times its mean over the support points"
    equation = (
        "h_j = √2 cos(ω_jᵀx + b_j) μ_j,  μ_j = Σ_k π_k √2 cos(ω_jᵀu_k + b_j),  "
        "ω_j ~ N(0, 2γ I),  b_j ~ U(0, 2π)"
    )
    parts = ""
    carries = (
        "R_i = x_i Σ_j ω_ji c_j [cos b_j cos θ_j / (θ_j ± ε) "
        "− sin b_j sin θ_j / θ_j],  θ_j = ω_jᵀx,  c_j = √2 μ_j / H"
    )
    missed = "what the noise of the features misses of Σ_k π_k exp(−γ ‖x − u_k‖²)"
    no_game = (
        "Cosine is no function of sums over the columns, which cannot be left out of "
        "it: take a GaussianKernel, which random features approximate."
    )

    def __init__(
        self,
        support: Array,
        gamma: float,
        support_weights: SupportWeights,
        omega: Array,
        phase: Array,
    ) -> None:
        self.omega = omega
        super().__init__(support)
        self.gamma = gamma
        self.support_weights = support_weights
        self.phase = phase
        self._mean = np.zeros(len(omega))
        for rows in gen_batches(len(support), max(1, BLOCK // len(omega))):
            self._mean += support_weights.weights[rows] @ self._features(support[rows])

    def _connect(self, inputs: Inputs) -> None:
        super()._connect(inputs)
        # a folded map turns the frequencies omega' z into (omega A')' y
        frequencies = inputs.back(self.omega)
        # of any size: squares of what is divided by the largest do not overflow
        largest = np.abs(frequencies).max(axis=1, keepdims=True)
        square = np.divide(
            frequencies, largest, out=np.zeros_like(frequencies), where=largest > 0
        )
        square *= square
        total = square.sum(axis=1, keepdims=True)
        shares = inputs.gather(square / np.maximum(total, 1.0))
        # omega_ji^2 / |omega_j|^2 by column, (H, n_columns)
        self.shares_by_feature = shares

    @property
    def n_units(self) -> int:
        """Number of features, H."""
        return len(self.omega)

    @property
    def symbols(self) -> dict[str, Any]:
        """Numbers in the equation."""
        return {"γ": self.gamma, "H": len(self.omega)}

    @property
    def width(self) -> int:
        """Numbers that a row takes: features, and distances for the exact score."""
        return len(self.support) + len(self.omega)

    def _features(self, X: Array) -> Array:
        # about the data's center: the kernel only sees differences
        angles = (X - self.points.center) @ self.omega.T + self.phase
        return np.asarray(np.sqrt(2) * np.cos(angles))

    def _means(self, query: Query) -> Array:
        """mu_j of each row: without the support points that are absent from it."""
        absent = self.support_weights.absent(query)
        if query.absent is None:
            return self._mean
        points, of = np.unique(absent.points, return_inverse=True)
        weighted = self.support_weights.weights[points, None] * self._features(
            self.support[points]
        )
        means = np.tile(self._mean, (len(query.absent), 1))
        np.subtract.at(means, absent.rows, weighted[of])
        return np.asarray(means / self.support_weights.total(query)[:, None])

    def forward(self, X: Array, query: Query) -> Array:
        """Activations h, shape (n, H)."""
        return self._features(self.inputs.project(X)) * self._means(query)

    def contributions(self, X: Array, query: Query) -> Array:
        """None: a cosine is no function of a sum over the columns.

        Raises
        ------
        TypeError
            Always.
        """
        raise TypeError(
            "Cosine has no contributions by column: take the rule RandomFeatures."
        )

    def weighted_shares(self, X: Array, W: Array, T: Array, query: Query) -> Array:
        """None, as `contributions`."""
        return self.contributions(X, query)

    def error_by_feature(self, R: Array) -> Array:
        """Standard error of R_i over the draw of the features, shape (n, n_columns).

        R_i is the sum of H independent terms; their sample variance estimates its. NaN
        for a single feature.
        """
        n_components = R.shape[1]
        if n_components == 1:
            return np.full((len(R), self.inputs.n_columns), np.nan)
        mean = (R @ self.shares_by_feature) / n_components
        variance = (R**2) @ (self.shares_by_feature**2) - n_components * mean**2
        correction = n_components / (n_components - 1)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0) * correction))

    def _slopes(self, X: Array, query: Query, epsilon: float) -> Array:
        """R_i = y_i sum_j slope_j omega_ji of chapter A.2; shape (n, H)."""
        offset = offset_of(self.inputs)
        theta = (self.inputs.project(X) - offset) @ self.omega.T
        # features are those of z less the center
        b = self.phase + (offset - self.points.center) @ self.omega.T
        c = np.sqrt(2) * self._means(query) / len(self.omega)
        return feature_slopes(theta, b, c, epsilon)

    def carried(self, X: Array, passed: Passed, query: Query, epsilon: float) -> Array:
        """Chapter A.2, shape (n, n_columns)."""
        return carried(self.inputs, X, self._slopes(X, query, epsilon) @ self.omega)

    def carried_error(self, X: Array, query: Query, epsilon: float) -> Array:
        """Standard error of that over the draw of the features, (n, n_columns)."""
        n_components = len(self.omega)
        if n_components == 1 or not self.inputs.one_to_one:
            return np.full((len(X), self.inputs.n_columns), np.nan)
        size = np.abs(X).max(axis=1, keepdims=True)
        slopes = size * self._slopes(X, query, epsilon)
        omega = self.inputs.back(self.omega)
        variance = slopes**2 @ omega**2 - (slopes @ omega) ** 2 / n_components
        correction = n_components / (n_components - 1)
        shares = np.divide(np.abs(X), size, out=np.zeros_like(X), where=size > 0)
        return np.asarray(shares * np.sqrt(np.maximum(variance, 0.0) * correction))

    def in_game(self, pooling: Pooling) -> tuple[Units, Pooling]:
        """What the random features approximate."""
        kernel = GaussianKernel(self.support, self.gamma, self.support_weights)
        return kernel.through(self.inputs), Mean(self.support_weights)

    def score(self, X: Array, query: Query, pooled: Array) -> Array:
        """``sum_k pi_k exp(-gamma |x - u_k|^2)``: what the features approximate."""
        P = self.support_weights(query)
        t = exponent(self.squared_distances(X), self.gamma)
        return np.asarray(np.sum(P * np.exp(-t), axis=1))

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Mean of the support points by their share of the kernel sum, shape (n, d)."""
        P = self.support_weights(query)
        shares = soft_argmin(self.squared_distances(X), P, self.gamma)
        return self.mean_support(shares)
