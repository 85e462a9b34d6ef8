# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the training rows of a model are like, as far as they are at hand."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.sparse import issparse

from skneon.explanation._ordinary import Ordinary
from skneon.explanation._ranking import CLUSTERS
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array, Table

if TYPE_CHECKING:
    from skneon.neuralization._neuralized import NeuralizedModel

# the number of rows, and what gives the cells of a column
Columns: TypeAlias = tuple[int, Callable[[int], Array]]

# rows that are explained to see what is ordinary, and the seed by which they are drawn
MANY, SEED = 200, 0


def ordinary_rows(door: "NeuralizedModel") -> Ordinary | None:
    """Typical values and relevances of the training rows of a model.

    Parameters
    ----------
    door : NeuralizedModel

    Returns
    -------
    ordinary : Ordinary, or None
        None where the training rows are not at hand.
    """
    found = door.training_columns()
    if found is None or found[0] == 0:
        return None
    n, column = found

    def relevances() -> Array:
        if door.target == "cluster":
            raise ValueError(CLUSTERS)
        data, query = door.training_rows(drawn(n))
        return np.asarray(door.network.propagate(data, query).relevance)

    rounded = door.restores_training_rows
    return Ordinary.of_columns(n, door.n_columns, column, relevances, rounded)


def drawn(n: int) -> Array:
    """Numbers of the rows that stand for n, in order: all, or 200 at random."""
    if n <= MANY:
        return np.arange(n)
    generator = np.random.default_rng(SEED)
    return np.sort(generator.choice(n, MANY, replace=False))


def columns_of(n_rows: int, table: Callable[[], Table]) -> Columns:
    """Number of the rows of a table that is made when a column is first asked for."""

    @cache
    def rows() -> Table:
        found = table()
        return found.tocsc() if issparse(found) else np.asarray(found)

    def column(i: int) -> Array:
        return dense(rows()[:, [i]]).ravel()

    return n_rows, column
