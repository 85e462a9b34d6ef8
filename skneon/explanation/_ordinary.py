# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What ordinary rows are like, which says what is unusual in a row."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np

from skneon.explanation._column import standings, typical_value
from skneon.network.numerics._types import Array

ONLY_MEDIANS = (
    "The medians of columns do not add up to those of groups, and JSON holds no more: "
    "aggregate before to_json."
)


def unknown(data: Array) -> Array:
    """No standings, (n, d, 2)."""
    return np.full((*data.shape, 2), np.nan)


class Ordinary:
    """Typical values and relevances of ordinary rows, computed when asked for.

    Ordinary rows are the training rows, where these are at hand. What was computed is
    kept.

    Parameters
    ----------
    n_rows : int
        Their number N.
    typical : callable
        Gives the median or most frequent value of each column, (d,).
    relevances : callable
        Gives the relevances of m of these rows, (m, d). It raises ValueError with what
        is to be done where there are none.
    standing : callable
        Gives for cells of shape (n, d) where in its column each stands: which
        percentages of the rows are below it, and up to it; (n, d, 2).
    """

    def __init__(
        self,
        n_rows: int,
        typical: Callable[[], Array],
        relevances: Callable[[], Array],
        standing: Callable[[Array], Array] = unknown,
    ) -> None:
        self.n_rows = n_rows
        self._typical, self._relevances = typical, relevances
        self.standing = standing

    @classmethod
    def of_columns(
        cls,
        n_rows: int,
        n_columns: int,
        column: Callable[[int], Array],
        relevances: Callable[[], Array],
        rounded: bool = False,
    ) -> Self:
        """Those of rows whose cells `column` gives, (N,) each, by a column's number.

        Whether they are `rounded`, as `percentiles` has it.
        """

        def typical() -> Array:
            return plain([typical_value(column(i)) for i in range(n_columns)])

        def standing(data: Array) -> Array:
            found = unknown(data)
            for i in range(n_columns):
                found[:, i] = standings(column(i), data[:, i], rounded)
            return found

        return cls(n_rows, typical, relevances, standing)

    @classmethod
    def of_arrays(cls, data: Array, relevance: Array) -> Self:
        """Those of rows that are explained already; (N, d) each."""
        columns = (len(data), data.shape[1], lambda i: data[:, i])
        return cls.of_columns(*columns, lambda: relevance)

    @cached_property
    def typical(self) -> Array:
        """Median or most frequent value of each column, (d,)."""
        return _fixed(self._typical())

    @cached_property
    def sample(self) -> tuple[Array | None, str]:
        """Relevances of ordinary rows, (m, d), and why there are none."""
        try:
            return _fixed(self._relevances()), ""
        except ValueError as error:
            return None, str(error)

    @property
    def why(self) -> str:
        """Why there are no relevances; "" where there are."""
        return self.sample[1]

    @property
    def relevances(self) -> Array:
        """Relevances of some of the rows, (m, d); where there are none a ValueError."""
        found, why = self.sample
        if found is None:
            raise ValueError(why)
        return found

    @cached_property
    def relevance(self) -> Array:
        """What each column has in an ordinary row: the medians, (d,)."""
        return _fixed(np.median(self.relevances, axis=0))

    def taken(self, order: Sequence[int]) -> "Ordinary":
        """Some of the columns, by their numbers."""
        back = np.argsort(order)
        return Ordinary(
            self.n_rows,
            lambda: self.typical[list(order)],
            lambda: self.relevances[:, order],
            lambda data: self.standing(data[:, back])[:, order],
        )

    def shown(self, function: Callable[[Array], Array]) -> "Ordinary":
        """The same with typical values as others show them, (1, d) to (1, d)."""
        return Ordinary(
            self.n_rows,
            lambda: np.asarray(function(self.typical[None]))[0],
            lambda: self.relevances,
        )

    def grouped(self, members: Sequence[Sequence[int]]) -> "Ordinary":
        """The same with columns joined: relevances add up, and lone columns stay."""
        lone = [own[0] if len(own) == 1 else -1 for own in members]
        return Ordinary(
            self.n_rows,
            lambda: plain([*self.typical, np.nan][i] for i in lone),
            lambda: np.column_stack(
                [self.relevances[:, list(own)].sum(axis=1) for own in members]
            ),
        )

    def known(self) -> "Ordinary":
        """What is known of the rows without the rows, which can be written to files."""
        return Known(self.n_rows, self.typical, self.sample)


class Known(Ordinary):
    """What is left where the rows themselves are not at hand.

    Parameters
    ----------
    n_rows : int
    typical : ndarray of shape (d,)
    sample : tuple (relevances or None, why there are none)
    medians : bool, default=False
        Whether the relevances are one row of medians, which do not add up.
    """

    standing = staticmethod(unknown)

    def __init__(
        self,
        n_rows: int,
        typical: Array,
        sample: tuple[Array | None, str],
        medians: bool = False,
    ) -> None:
        self.n_rows, self.medians = n_rows, medians
        vars(self).update(typical=typical, sample=sample)

    def grouped(self, members: Sequence[Sequence[int]]) -> "Ordinary":
        """As before, where there are relevances of rows."""
        joined = super().grouped(members)
        if not self.medians or all(len(own) == 1 for own in members):
            return joined
        return Known(self.n_rows, joined.typical, (None, ONLY_MEDIANS))

    def known(self) -> "Ordinary":
        """Itself."""
        return self


def plain(cells: Any) -> Array:
    """Cells as floats where all are numbers, else as objects."""
    listed = list(cells)
    if all(isinstance(v, float | int) and not isinstance(v, bool) for v in listed):
        return np.array(listed, dtype=float)
    found = np.empty(len(listed), dtype=object)
    found[:] = listed
    return found


def _fixed(values: Any) -> Array:
    """An array that cannot be written to."""
    array = np.asarray(values).view()
    array.flags.writeable = False
    return array
