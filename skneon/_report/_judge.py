# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A model that judges rows of a table, and the rows that it finds most unusual."""

from dataclasses import replace
from typing import Any

import numpy as np

from skneon._tables._libraries import pd
from skneon.explanation._explanation import Explanation
from skneon.network.numerics._types import Array
from skneon.neuralization import neuralize
from skneon.neuralization._own_rows import knows_its_rows, own_rows
from skneon.neuralization._pipeline import NeuralizedPipeline


class Judge:
    """A neuralized model; a density leaves each of its own rows out.

    ``own`` are the numbers of the training rows, in rising order, where the rows to
    judge may be among them.
    """

    def __init__(self, network: Any, own: Array | None = None) -> None:
        self.network = network
        self.own = own if knows_its_rows(network) else None

    @classmethod
    def of_model(cls, model: Any, X: Any) -> "Judge":
        """A fitted model, and the rows X, which may be its training rows."""
        network = neuralize(model)
        if not hasattr(network, "explain"):
            raise TypeError(
                f"{type(model).__name__} is a transformer: there is nothing to explain."
            )
        # bad rows are refused before anything is computed
        rows, _ = network.rows(X)
        known = knows_its_rows(network) and _are_training_rows(network, model, X)
        return cls(network, np.arange(rows.shape[0]) if known else None)

    def asked(self, numbers: Array) -> dict[str, Array]:
        """Which training row each row is, -1 for none."""
        return {} if self.own is None else own_rows(numbers, self.own)

    def score(self, rows: Any, numbers: Array) -> Array:
        """Score of rows of these numbers, shape (n,)."""
        score: Array = self.network.forward(rows, **self.asked(numbers))
        return score

    def explain(self, rows: Any, numbers: Array, labels: Array) -> Explanation:
        """Explanation of rows of these numbers, with labels."""
        found = self.network.explain(rows, **self.asked(numbers))
        labelled: Explanation = replace(found, index=labels)
        return labelled


def _are_training_rows(network: Any, model: Any, X: Any) -> bool:
    """Whether the model was fitted to the rows X, in their order."""
    if isinstance(network, NeuralizedPipeline):
        try:
            return bool(neuralize(model, X_train=X).keeps_rows)
        except (TypeError, ValueError):
            return False
    own, (rows, _) = network.training.rows, network.rows(X)
    return own.shape == rows.shape and np.array_equal(own, rows)


def largest(score: Array, k: int) -> Array:
    """Places of the k largest scores, the largest first, then the earlier."""
    return np.argsort(-score, kind="stable")[:k]


class Leading:
    """The rows of the largest scores so far, the earlier first where they are equal."""

    def __init__(self, k: int) -> None:
        self.k = k
        self._found: list[tuple[Array, Array, Any]] = []

    def add(self, score: Array, labels: Array, features: Any) -> None:
        """Compare with further rows."""
        best = largest(score, self.k)
        parts = [*self._found, (score[best], labels[best], features.iloc[best])]
        scores, names, rows = zip(*parts, strict=True)
        score, labels = np.concatenate(scores), np.concatenate(names)
        best = largest(score, self.k)
        self._found = [(score[best], labels[best], pd.concat(rows).iloc[best])]

    @property
    def rows(self) -> tuple[Array, Array, Any]:
        """Their scores, labels and features."""
        return self._found[0]
