# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a rule is, and what it sees of the layers.

Relevance is handed down in two steps: from the score to the units, R_k, and from the
units to the columns, R_i. A rule is one frozen object with both steps; what they need
of the units and of the pooling it says by name, so that one place can check it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._soft_min import least_divisor
from skneon.network.numerics._types import Array


class PoolingLike(Protocol):
    """What every rule may ask of a pooling; see `skneon.network.Pooling`."""

    def forward(self, H: Array, query: Query) -> Array:
        """Score of each row, shape (n,)."""

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and how much each unit counts, (n, K)."""

    def offset(self, query: Query) -> Any:
        """Constant of the score, which no unit carries."""

    def present(self, H: Array, query: Query) -> Array:
        """Activations as rules see them: the absent at +inf where that is far."""

    def summands(self, H: Array, weights: Array, query: Query) -> Array:
        """What each unit adds to the score, (n, K)."""


class UnitsLike(Protocol):
    """What every rule may ask of units; see `skneon.network.Units`."""

    inputs: Any
    bias: Any

    def sums(self, H: Array) -> Array:
        """The sums T over the columns that the activations H are functions of."""

    def per_sum(self, H: Array) -> Any:
        """H / T, and 0 where T is 0."""

    def contributions(self, X: Array, query: Query) -> Array:
        """Contribution of each column to each sum, (K, n, n_columns)."""

    def weighted_shares(self, X: Array, W: Array, T: Array, query: Query) -> Array:
        """sum_k W_nk times the contributions to the k-th sum, (n, n_columns)."""


class NetworkLike(Protocol):
    """What a rule sees of a network: the layers that compute the score."""

    units: Any
    pooling: Any


class Passed(NamedTuple):
    """What the first step gives.

    Attributes
    ----------
    score : ndarray of shape (n,)
        Of the pooling, its constant included.
    weights : ndarray of shape (n, K)
        How much each unit counts.
    R : ndarray of shape (n, K)
        Relevance of the units.
    """

    score: Array
    weights: Array
    R: Array


@dataclass(frozen=True)
class Scales:
    """What a rule may ask of the model that it is bound to, see `Rule.bound`.

    Attributes
    ----------
    gamma : float or None
        Stiffness of the soft minimum that is the model's score.
    auto_beta : callable or None
        Gives the stiffness that ``beta="auto"`` stands for.
    training_rows : callable or None
        Gives the rows that the model was fitted to, (n, d), or says who misses them.
    """

    gamma: float | None = None
    auto_beta: Callable[[], float] | None = None
    training_rows: Callable[[], Array] | None = None

    def given(self, name: str, rule: Rule, instead: str) -> Any:
        """What a rule asks for.

        Raises
        ------
        ValueError
            Where the model does not give it; `instead` says what else to do.
        """
        value = getattr(self, name)
        if value is None:
            raise ValueError(
                f"{rule!r} asks the model for {name}, which it does not give: pass "
                f"{instead}, or bind it by rule.bound(Scales({name}=...))."
            )
        return value


@dataclass(frozen=True)
class Rule:
    r"""How relevance is handed down: a frozen object, compared by its settings.

    Subclasses are frozen dataclasses whose fields are the settings. They define
    `name`, and override either step or both; as it stands each unit passes on what it
    adds to the score, and each column gets its share of the unit's sum,

    .. math:: R_i = \sum_k \frac{C_{ki}}{\sum_j C_{kj}} R_k .

    Attributes
    ----------
    name : str
        By which ``rule=`` finds it.
    needs : tuple of str
        Methods that the units must have beside those of `Units`.
    pooling_needs : tuple of str
        Methods that the pooling must have beside those of `Pooling`.
    explains : frozenset of str, or None
        Kinds of scores that it is meant for: "outlier", "inlier", "cluster",
        "log-odds", "likelihood" (of mixtures), "isolation" (of forests), "log-ratio"
        (of spectral clusterings), "distance" (not squared), "linear", "kernel-sum" and
        "feature-sum" (of linear models). None: all that have what it needs.
    activations_only : bool
        Whether rows must be activations of another network, which are not negative.
    leaves_out : bool
        Whether columns are left out of the units, as these say what that means.
    words : str
        How relevance is handed down, in few words, for `Network.diagram`.
    """

    words: ClassVar[str] = "columns share what each unit adds to the score"
    name: ClassVar[str] = "proportional"
    needs: ClassVar[tuple[str, ...]] = ()
    pooling_needs: ClassVar[tuple[str, ...]] = ()
    explains: ClassVar[frozenset[str] | None] = None
    activations_only: ClassVar[bool] = False
    leaves_out: ClassVar[bool] = False

    def bound(self, scales: Scales) -> Rule:
        """The rule with settings such as "auto" replaced by the model's numbers."""
        return self

    def serves(self, kind: str) -> bool:
        """Whether it is meant for a kind of score, see `explains`."""
        return self.explains is None or kind in self.explains

    def connected(self, inputs: Any) -> Rule:
        """The rule of units behind these `Inputs`; raises where there is none."""
        return self

    def settings(self) -> dict[str, Any]:
        """Its name and settings, for `Explanation.meta`."""
        return {"rule": self.name, **asdict(self)}

    def width(self, n_units: int, n_columns: int) -> int:
        """Numbers that a row takes in the backward pass."""
        return n_units

    def equations(self, network: NetworkLike) -> tuple[str, ...]:
        """Its steps in plain text, from the score down, for `Network.diagram`."""
        biased = " + b_k" if np.any(network.units.bias) else ""
        whole = f"(Σ_j C_kj{biased})" if biased else "Σ_j C_kj"
        return network.pooling.summand, f"R_i = Σ_k R_k C_ki / {whole}"

    def symbols(self, network: NetworkLike) -> dict[str, Any]:
        """Numbers in the equations."""
        return {}

    def keeps(self, network: NetworkLike) -> str:
        """The `residual` in plain text, "" where there is none but rounding."""
        biases = "what the biases b_k take" if np.any(network.units.bias) else ""
        # no column has a part in what is there without any
        there = np.any(network.units.activation(np.zeros(1)))
        empty = "R_k of units whose Σ_j C_kj is 0" if there else ""
        return " and ".join(filter(None, [network.pooling.unspent, biases, empty]))

    def to_units(self, network: NetworkLike, H: Array, query: Query) -> Passed:
        """First step: from the score to the units."""
        score, weights = network.pooling.pool(H, query)
        return Passed(score, weights, network.pooling.summands(H, weights, query))

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """Second step: from the units to the columns, R_i of shape (n, n_columns)."""
        units = network.units
        T = units.sums(H)
        return np.asarray(
            units.weighted_shares(X, ratio(passed.R, T + units.bias), T, query)
        )

    def residual(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array | None:
        """What of the score no column is to get, (n,); None where nothing is said.

        As it stands what the two steps of this class keep back: the first what the
        units do not add to the score, such as its constant, and the second what the
        units' biases take. A step that a subclass defines is taken to hand on all, but
        for the constant. One that keeps back something else says it here, by another
        way than summing the R_i: `skneon.testing` compares the two.
        """
        if type(self).to_units is Rule.to_units:
            added = network.pooling.summands(H, passed.weights, query).sum(axis=1)
            kept = passed.score - added
        else:
            kept = np.zeros(len(H)) + self.constant(network, query)
        if type(self).to_columns is Rule.to_columns:
            kept = kept + taken(passed.R, network.units.sums(H), network.units.bias)
        return np.asarray(kept)

    def constant(self, network: NetworkLike, query: Query) -> Any:
        """The part of the `residual` that depends on no column: a float, or (n,)."""
        return network.pooling.offset(query)

    def reference(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """What rows are compared with: points of the inputs' outputs, (n, p)."""
        return np.asarray(network.units.reference(X, H, passed.weights, query))

    def reference_name(self, units: Any) -> str:
        """What `reference` is, for ``Explanation.meta["compared_with"]``."""
        return str(units.reference_name)

    def standard_error(
        self, network: Any, X: Array, passed: Passed, query: Query
    ) -> Array | None:
        """Standard error of the R_i, where the rule draws a sample."""
        return None


def taken(R: Array, T: Array, bias: Any) -> Array:
    """What biases take of the units' relevance, sum_k R_k bias_k / (T_k + bias_k).

    All of R_k where T_k + bias_k is 0. Shape (n,).
    """
    whole = T + bias
    shares = ratio(np.zeros_like(T) + bias, np.where(np.isfinite(T), whole, 1.0))
    nothing = np.abs(whole) <= least_divisor(T.dtype)
    return np.asarray(np.sum(np.where(nothing, 1.0, shares) * R, axis=1))


def ratio(R: Array, denominator: Array) -> Array:
    """R / denominator, and 0 where that is next to 0 or no unit competes."""
    divides = np.abs(denominator) > least_divisor(denominator.dtype)
    with np.errstate(invalid="ignore"):
        return np.divide(R, denominator, out=np.zeros_like(R), where=divides)


def score_symbol(network: NetworkLike) -> str:
    """What the pooling's equation calls the score."""
    return str(network.pooling.equation.partition(" = ")[0])


def soft_shares(network: NetworkLike, score: str) -> str:
    """R_k by a soft argmin, in plain text: of what part of the score."""
    weight = f"{network.pooling.prior}exp(−β h_k)"
    return f"R_k = p_k {score},  p_k = {weight} / Σ_l {weight.replace('_k', '_l')}"
