# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that measure a Mahalanobis distance, each by its own metric."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._game_units import GameUnits
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._marginal import Marginal
from skneon.network.layers._weights import RivalWeights
from skneon.network.numerics._types import Array
from skneon.network.rules._rule import Rule

MIXED = (
    "A linear step such as PCA that drops directions leaves it open what the Gaussian "
    "is without a column: the rules 'shapley' and 'integrated', which integrate "
    'columns out, are not defined behind it. Take rule="mean", z_i (Pz)_i, in which '
    "the other columns are set to the mean, or a step that keeps all directions."
)


# part of a squared distance, or of 1, that rounding of its shares may take
ROUNDED = 1e-6


class MahalanobisDistance(GameUnits):
    r"""Squared Mahalanobis distances to the means of components (ours).

    .. math:: h_k = \|L_k^\top (x - \mu_k)\|^2, \qquad
              C_{ki} = (x - \mu_k)_i \, [L_k L_k^\top (x - \mu_k)]_i

    The C_ki sum to h_k and are its Shapley values where left-out columns are set to the
    mean. They are negative where a feature is as the others let expect, and lowers the
    distance. Integrating columns out is another game, that of `marginal`.

    Parameters
    ----------
    means : ndarray of shape (K, d)
    factors : ndarray of shape (K, d, d), or (K, d) for diagonal metrics
        The L_k.
    marginal : Marginal, or None
        How columns are integrated out. None: there are no Gaussians behind the metrics,
        and columns that are left out are set to the mean.
    """

    words = "the squared distance to each mean, in the metric of its Gaussian"
    equation = "h_k = ‖L_kᵀ(x − μ_k)‖²"
    # what contributions take off
    _less = ""
    marginal: Marginal | None

    @property
    def parts(self) -> str:
        """What a column has of a squared distance."""
        if self.inputs.matrix is None:
            return f"C_ki = (x − μ_k)_i [L_k L_kᵀ (x − μ_k)]_i{self._less}"
        mixed = f"C_ki = (y − μ̂_k)_i [(x − μ_k) L_k L_kᵀ Aᵀ]_i{self._less}"
        return f"{mixed},  x = y A + b, μ_k = μ̂_k A + b"

    @property
    def n_units(self) -> int:
        """Number of means."""
        return len(self.means)

    @property
    def symbols(self) -> dict[str, Any]:
        """What the metrics are, where Gaussians are behind them."""
        own = self._own_marginal
        return {} if own is None else {"L_k L_kᵀ": own.metric}

    def __init__(
        self, means: Array, factors: Array, marginal: Marginal | None = None
    ) -> None:
        self.means = means
        self.factors = factors
        self._own_marginal = marginal
        super().__init__(Inputs.identity(means.shape[1]))

    def _connect(self, inputs: Inputs) -> None:
        super()._connect(inputs)
        self._preimages = inputs.pull(self.means)
        own = self._own_marginal
        self.marginal = None if own is None else own.through(inputs)
        lost = own is not None and self.marginal is None
        self.no_game = MIXED if lost else None

    @property
    def width(self) -> int:
        """Numbers that a row takes: all features of each component."""
        return len(self.means) * len(self.inputs.parents)

    def forward(self, X: Array, query: Query) -> Array:
        """Squared distances h, shape (n, K)."""
        return self.distances(X)

    def distances(self, X: Array) -> Array:
        """Squared Mahalanobis distances, shape (n, K)."""
        Z = self.inputs.project(X)
        differences = (_times(Z - m, L) for m, L in self._components())
        return np.column_stack([np.sum(D**2, axis=1) for D in differences])

    def _components(self) -> Iterator[tuple[Array, Array]]:
        return zip(self.means, self.factors, strict=True)

    def shares(self, X: Array, k: int) -> Array:
        """C_k by explained column, shape (n, n_columns).

        Raises
        ------
        ValueError
            Where linear steps magnify what is nothing but rounding.
        """
        L = self.factors[k]
        D = _times(self.inputs.project(X) - self.means[k], L)
        gradient = self.inputs.back(_times(D, L.T))
        shares = (X - self._preimages[k]) * gradient
        if self.inputs.matrix is not None:
            _check_digits(shares, np.sum(D**2, axis=1))
        return self.inputs.gather(shares)

    def contributions(self, X: Array, query: Query) -> Array:
        """Shares of the squared distances; shape (K, n, n_columns)."""
        return np.stack([self.shares(X, k) for k in range(len(self.means))])

    def note(self, rule: Rule) -> str | None:
        """What the covariance lacks, where its pseudo-inverse is taken."""
        return None if self.marginal is None else self.marginal.note(rule)

    @property
    def reference_name(self) -> str:  # type: ignore[override]
        """What `reference` is."""
        return self.mean_name if self.marginal is None else "conditional mean"

    @property
    def mean_name(self) -> str:
        """What `mean_reference` is."""
        return "mean" if len(self.means) == 1 else "weighted mean of the means"

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """What the other columns let expect of each, shape (n, d)."""
        if self.marginal is None:
            return self.mean_reference(X, H, weights, query)
        return np.asarray(self.inputs.project(self.marginal.expected(X, query)))

    def mean_reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Weighted mean of the means, shape (n, d)."""
        return np.asarray(weights @ self.means)


class MahalanobisPairs(MahalanobisDistance):
    r"""One unit for each rival of a component c: what it is further away (ours).

    .. math:: h_k = \|L_k^\top (x - \mu_k)\|^2 - \|L_c^\top (x - \mu_c)\|^2

    Units that do not compete are at +inf.

    Parameters
    ----------
    means, factors, marginal
        As in `MahalanobisDistance`.
    rival_weights : RivalWeights
    """

    words = "how much farther each rival is than the own component c"
    equation = "h_k = ‖L_kᵀ(x − μ_k)‖² − ‖L_cᵀ(x − μ_c)‖²"
    mean_name = "mean of the most probable rival"
    _less = " − the same of c"
    takes_background = True

    def __init__(
        self,
        means: Array,
        factors: Array,
        rival_weights: RivalWeights,
        marginal: Marginal | None = None,
    ) -> None:
        super().__init__(means, factors, marginal)
        self.rival_weights = rival_weights

    def forward(self, X: Array, query: Query) -> Array:
        """Activations h, shape (n, K); +inf where a component does not compete."""
        assert query.cluster is not None
        h = self.distances(X)
        own = np.take_along_axis(h, query.cluster[:, None], axis=1)
        competes = np.isfinite(self.rival_weights.logs(query))
        return np.where(competes, h - own, np.inf)

    def contributions(self, X: Array, query: Query) -> Array:
        """Differences of the shares, shape (K, n, n_columns)."""
        C = super().contributions(X, query)
        return C - C[query.cluster, np.arange(len(X))]

    @property
    def own_points(self) -> Array:
        """Means of the components, shape (K, d)."""
        return self.means

    def owners(self, X: Array, query: Query) -> Array:
        """The component that is asked about, shape (n,)."""
        return self.nearest(X) if query.cluster is None else query.cluster

    def nearest(self, X: Array) -> Array:
        """The most probable component, shape (n,)."""
        odds = self.rival_weights.log_weights - self.distances(X)
        return np.asarray(odds.argmax(axis=1))

    def rivals(self, X: Array, H: Array, query: Query) -> Array:
        """The most probable rival; -1 where there is none. Shape (n,)."""
        odds = self.rival_weights.log_weights - H
        return np.where(np.isfinite(odds).any(axis=1), odds.argmax(axis=1), -1)

    @property
    def reference_name(self) -> str:  # type: ignore[override]
        """What `reference` is."""
        own = "conditional mean of the rivals"
        return self.mean_name if self.marginal is None else own

    def mean_reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Mean of the most probable rival, shape (n, d); NaN where there is none."""
        rivals = self.rivals(X, H, query)
        return np.where(rivals[:, None] >= 0, self.means[rivals], np.nan)


def _times(D: Array, L: Array) -> Array:
    """D L, for a matrix or the diagonal of one."""
    return D @ L if L.ndim == 2 else D * L


def _check_digits(shares: Array, distances: Array) -> None:
    """Refuse shares of both signs that are so large that no digit of a sum is left."""
    lost = np.finfo(shares.dtype).eps * np.abs(shares).sum(axis=1)
    bad = np.flatnonzero(lost > ROUNDED * (1 + distances))
    if len(bad):
        size = np.abs(shares[bad[0]]).max()
        raise ValueError(
            "A linear step in front of the Gaussian, such as PCA(whiten=True), "
            "magnifies directions in which rows differ by rounding alone: shares of up "
            f"to {size:.1g} would add up to a squared distance of "
            f"{distances[bad[0]]:.3g}. Give PCA fewer n_components, or leave columns "
            "out that follow from others."
        )
