# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What all layers of hidden units share."""

from abc import ABC, abstractmethod
from copy import copy
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._game import Game
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._pooling import Pooling
from skneon.network.numerics._types import Array
from skneon.network.rules._rule import Rule


class HiddenLayer(Protocol):
    """A layer between the units and the pooling: trees, embeddings, decoders.

    A network may have any number of them; see `Network`.
    """

    def forward(self, H: Array, query: Query) -> Array:
        """Activations (n, K') of those below, (n, K)."""

    def backward(
        self, H: Array, R: Array, weights: Array, query: Query
    ) -> tuple[Array, Array]:
        """Relevance and weights of the units below, from those of these: (n, K)."""


class Units(ABC):
    """Hidden units: activations h_k of a row, and how its columns contribute to them.

    An activation is a function of a sum over the columns,
    :math:`h_k = \\varphi(T_k), T_k = \\sum_i C_{ki}`; for most units it is the sum.

    Rows X are those that `inputs` takes; references are points of its outputs.

    Parameters
    ----------
    inputs : Inputs

    Attributes
    ----------
    bias : float or ndarray of shape (K,)
        Beside the sum in what a unit's relevance is divided among; no column's.
    rounding : float
        Sums up to it may be nothing but rounding.
    marginal : Game or None
        The game of units that columns are integrated out of: Gaussians and kernels.
        None: their coalitions are sums of contributions.
    no_game : str or None
        Why columns cannot be left out of these units, where they cannot.
    reference_name : str
        What `reference` is, for ``Explanation.meta["compared_with"]``.
    words, equation : str
        What a unit is, in few words and in plain text, for `Network.diagram`: of the
        row x that the inputs give.
    parts : str
        What the contributions :math:`C_{ki}` are, in plain text.
    n_units : int or None
        The most units that a row has; None where nobody said so.
    symbols : dict of str to value
        Numbers and shapes in the equations.
    """

    words: Any = ""
    equation: Any = ""
    parts: Any = ""
    symbols: Any = MappingProxyType({})
    n_units: Any = None
    accepts_sparse = False
    bias: Any = 0.0
    rounding: float = 0.0
    marginal: Game | None = None
    no_game: str | None = None
    reference_name = "reference of the units"

    def __init__(self, inputs: Inputs) -> None:
        self._connect(inputs)

    def _connect(self, inputs: Inputs) -> None:
        """Set `inputs`, and what follows from them."""
        self.inputs = inputs

    def through(self, inputs: Inputs) -> "Units":
        """The same units behind other inputs."""
        units = copy(self)
        units._connect(inputs)
        return units

    @property
    @abstractmethod
    def width(self) -> int:
        """Numbers that a row takes in the forward pass."""

    @abstractmethod
    def forward(self, X: Array, query: Query) -> Array:
        """Activations, shape (n, K); +inf where a unit does not compete."""

    @abstractmethod
    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """What the row is compared with: points of the inputs' outputs, (n, p)."""

    def contributions(self, X: Array, query: Query) -> Array:
        """C_ki of every unit, shape (K, n, n_columns)."""
        raise TypeError(f"{type(self).__name__} has no contributions by column.")

    def weighted_shares(self, X: Array, W: Array, T: Array, query: Query) -> Array:
        """sum_k W_nk C_nki, shape (n, n_columns)."""
        C = self.contributions(X, query)
        shares: Array = np.einsum("nk,kni->ni", W, C)
        return shares

    def activation(self, T: Array) -> Array:
        """Activations of the units, from their sums."""
        return T

    def sums(self, H: Array) -> Array:
        """The sums T that activations are functions of."""
        return H

    def per_sum(self, H: Array) -> Any:
        """Activation per unit of its sum, h / T; 0 where T is 0."""
        return 1.0

    def coalitions(self, X: Array, query: Query, masks: Array) -> Array:
        """Activations of a row for coalitions of its columns: the units' side of v(S).

        As it stands the contributions of the columns in S alone: the others are left
        out of every sum. Units for which leaving a column out means something else say
        it here, and `skneon.metrics` plays that game.

        Parameters
        ----------
        X : ndarray of shape (1, m)
        query : Query
            Of that row.
        masks : ndarray of shape (M, n_columns)
            Coalitions as rows of zeros and ones.

        Returns
        -------
        H : ndarray of shape (M, K)
        """
        T = masks @ self.contributions(X, query)[:, 0].T
        T[:, np.isinf(self.forward(X, query)[0])] = np.inf
        return self.activation(T)

    def in_game(self, pooling: Pooling) -> tuple["Units", Pooling]:
        """The layers that score coalitions: themselves, unless they are a sample."""
        return self, pooling

    def score(self, X: Array, query: Query, pooled: Array) -> Array:
        """The model's score, shape (n,): what the network computes, if it is exact."""
        return pooled

    def moved(self) -> float:
        """Part of a squared distance that rounding moves from one column to another."""
        return 0.0

    def refuses(self, rule: Rule) -> str | None:
        """Why a rule is not defined for these units, where it is not."""
        return self.no_game if rule.leaves_out else None

    def note(self, rule: Rule) -> str | None:
        """What users are to know of explanations by a rule, if anything."""
        return None

    def answered(self, X: Array, query: Query) -> Query:
        """The query, with what it leaves open: the nearest cluster, for units of such.

        Units whose pooling must know the rival, too, before it pools settle it here.
        """
        if query.cluster is not None or not hasattr(self, "nearest"):
            return query
        return replace(query, cluster=self.nearest(X))

    def rivals(self, X: Array, H: Array, query: Query) -> Array | None:
        """The strongest rival of each row, where units stand for clusters."""
        return None
