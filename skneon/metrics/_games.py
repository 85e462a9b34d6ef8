# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The game that a model plays with each row: features are players, v(S) their score."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from sklearn.utils.parallel import Parallel, delayed

from skneon.explanation._explanation import Explanation
from skneon.network import Query
from skneon.network.engines._propagation import Propagation
from skneon.network.numerics._table_cells import dense, is_missing
from skneon.network.numerics._types import Array, Table
from skneon.neuralization import neuralize
from skneon.neuralization._neuralized import NeuralizedModel
from skneon.neuralization._sparse import check_room

T = TypeVar("T")

QUESTIONS = ("cluster", "rival", "leave_out")


@dataclass
class Game:
    """A network, the rows it is asked about, and what it is asked.

    v(S) is the score with all features but those in S left out, as the network's own
    units and pooling say it (`skneon.network.Network.coalition_scores`), and each row
    out of its own model where the rows are the training rows. v(empty) = 0, v(all) is
    the score.

    Explanations of the rows have the columns in the order `order`, the game has them in
    the model's.
    """

    network: NeuralizedModel
    data: Array
    query: Query
    shown: Array
    order: list[int] | None

    def __post_init__(self) -> None:
        """Ask about the nearest clusters where none are asked about."""
        self.query = self.network.network.answered(self.data, self.query)

    @classmethod
    def of(cls, model: Any, X: Table, options: Mapping[str, Any]) -> "Game":
        """The game of a fitted estimator or network; options as for `explain`."""
        options = dict(options)
        asked = {name: options.pop(name) for name in QUESTIONS if name in options}
        if isinstance(model, NeuralizedModel):
            if options:
                raise TypeError(
                    f"A network takes no {', '.join(options)}: give neuralize what "
                    "makes it."
                )
            network = model
        else:
            network = neuralize(model, **options)
        asked = {name: value for name, value in asked.items() if value is not None}
        data, query = network.rows(X, **asked)
        check_room(data, data.shape, "games leave columns out one by one")
        data = dense(data)
        shown = network.shown(X)
        shown = data if shown is None else shown
        return cls(network, data, query, shown, network.column_order(X))

    @property
    def target(self) -> str:
        """What is scored: "outlier", "inlier", "cluster" or the like."""
        return self.network.target

    @property
    def n_columns(self) -> int:
        """Number of players."""
        return self.network.n_columns

    def row(self, n: int) -> tuple[Array, Query]:
        """One row as (array of shape (1, d), its query)."""
        return self.data[[n]], self.query[[n]]

    def values(self, n: int, masks: Array) -> Array:
        """v(S) for row n and each coalition, shape (m,)."""
        return self.network.network.coalition_scores(*self.row(n), masks)

    def map(self, function: Callable[[int], T]) -> list[T]:
        """function(n) for every row n, in the network's threads."""
        parallel = Parallel(n_jobs=self.network.network.n_jobs, prefer="threads")
        calls = (delayed(function)(n) for n in range(len(self.data)))
        results: list[T] = parallel(calls)
        return results

    def propagation(self) -> Propagation:
        """Relevances and scores by the network's own rules."""
        return self.network.network.propagate(self.data, self.query)

    def shared(self, score: Array) -> Array:
        """What of the score the columns are to share: all but its constant, (n,)."""
        network = self.network.network
        rule: Any = network.rule
        constant = rule.constant(network, self.query)
        # of infinite scores the constant may be infinite, too
        known = np.isfinite(score)
        return np.asarray(score - np.where(known, constant, 0.0))

    def relevance(self, relevance: Any) -> Array:
        """Relevances as an array of shape (n, d); None is the network's own.

        Rows are taken in order; columns that have names must have the model's.
        """
        if relevance is None:
            return self.propagation().relevance
        names = getattr(relevance, "feature_names", getattr(relevance, "columns", None))
        order = range(self.n_columns) if self.order is None else self.order
        known = self.network.input_names
        known = None if known is None else [known[i] for i in order]
        if isinstance(relevance, Explanation):
            self._check_rows(relevance)
            relevance = relevance.relevance
        relevance = np.asarray(relevance, dtype=float)
        shape = (self.data.shape[0], self.n_columns)
        if relevance.shape != shape:
            raise ValueError(
                f"relevance has the shape {relevance.shape}, the rows "
                f"{shape}: explain the same rows and features."
            )
        if names is not None and known is not None and list(names) != list(known):
            raise ValueError(
                f"relevance has the columns {list(names)}, the model the features "
                f"{list(known)}: put them in the same order."
            )
        if not np.isfinite(relevance).all():
            raise ValueError("relevance holds NaN or infinite values.")
        ordered: Array = relevance[:, np.argsort(order)]
        return ordered

    def _check_rows(self, explanation: Explanation) -> None:
        """Refuse an explanation of other rows or of another target."""
        target = self.network.target_of(self.query.cluster)
        if not np.array_equal(explanation.target, target):
            raise ValueError(
                "The explanation is of another target than what is asked: "
                f"{explanation.target!r}, not {target!r}."
            )
        shown = self.shown if self.order is None else self.shown[:, self.order]
        one, other = (dense(rows).astype(object) for rows in (explanation.data, shown))
        missing = is_missing(one)
        same = one.shape == other.shape and np.array_equal(missing, is_missing(other))
        if not same or (one != other)[~missing].any():
            raise ValueError("The explanation is of other rows: explain the same.")
