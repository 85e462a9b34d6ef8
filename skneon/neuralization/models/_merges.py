# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The merges of a linkage clustering: which columns hold two branches apart."""

from typing import Any

import numpy as np

from skneon._labels import Labels
from skneon.network import MergeDistance, Min, Network, Query, Rule
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralized import NeuralizedModel


class NeuralizedMerges(NeuralizedModel):
    """The merges of a dendrogram, in the place of rows; made by `neuralize`.

    Merge t is that of ``children_[t]``, and its score ``distances_[t]``.

    Parameters
    ----------
    model : AgglomerativeClustering
    units : MergeDistance
    columns : Labels
        Of the training rows.
    n_jobs : int or None
    """

    takes_training_rows = True
    explains_rows = False

    def __init__(
        self, model: Any, units: MergeDistance, columns: Labels, n_jobs: int | None
    ) -> None:
        network = Network(units, Min(), Rule(), n_jobs=n_jobs)
        super().__init__(model, network, "merge", {"linkage": model.linkage})
        numbers = np.arange(len(units.tree.children))
        self._labels = Labels((numbers,), ("merge",), columns.columns)
        self._sides = units.sides[0]

    @property
    def keeps_rows(self) -> bool:
        """Whether X=None stands for what is explained."""
        return True

    def rows(self, X: Any, **asked: Any) -> tuple[Array, Query]:
        """Where the first sides of all merges are, and their query."""
        self.refuse_questions(asked)
        if X is not None:
            raise ValueError(
                'target="merge" explains the merges of the fit, and no other rows: '
                "leave X out. Merge t of children_ is row t of the explanation."
            )
        numbers = np.arange(len(self._sides))[:, None]
        return self._sides, Query(neighbors=numbers)

    def labels(self, X: Any) -> Labels:
        """Numbers of the merges, and names of the columns."""
        return self._labels
