# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The first pass over a table: what its columns hold, and a sample of its rows."""

from dataclasses import dataclass, field

import numpy as np

from skneon._cli._text_table import to_numbers
from skneon._validation import import_optional

# values told apart over all columns together, and at least in each
DISTINCT, LEAST_DISTINCT = 1_000_000, 1000
EXAMPLES = 3


@dataclass
class Column:
    """What a column holds.

    Attributes
    ----------
    n_numbers, n_words, n_missing : int
    minimum, maximum : float
        Of the numbers.
    infinite : int or None
        The first row with an infinite value.
    words : list of tuple (row, text)
        The first values that are no numbers.
    distinct : set of int
        Hashes of the texts.
    many : bool
        Whether there are more than are told apart.
    counts_rows : bool
        Whether each number is one more than that in the row before.
    """

    n_numbers: int = 0
    n_words: int = 0
    n_missing: int = 0
    minimum: float = np.inf
    maximum: float = -np.inf
    infinite: int | None = None
    words: list = field(default_factory=list)
    distinct: set = field(default_factory=set)
    many: bool = False
    counts_rows: bool = True
    _last: float | None = None

    @property
    def n_values(self):
        """Number of values that are not missing."""
        return self.n_numbers + self.n_words

    def add(self, cells, decimal, most):
        """Take note of a part of the column; `most` values are told apart."""
        missing = cells.isna().to_numpy(dtype=bool)
        numbers = to_numbers(cells, decimal)
        is_number = ~np.isnan(numbers)
        is_word = ~(missing | is_number)
        self.n_missing += int(missing.sum())
        self.n_words += int(is_word.sum())
        if len(self.words) < EXAMPLES and is_word.any():
            places = np.flatnonzero(is_word)[: EXAMPLES - len(self.words)]
            self.words += [(int(cells.index[i]), cells.iloc[i]) for i in places]
        if is_number.any():
            self._add_numbers(numbers[is_number], cells.index[is_number])
        self.counts_rows &= bool(is_number.all())
        if cells.dtype == object and not self.many:
            self.distinct.update(map(hash, cells[~missing]))
            self.many = len(self.distinct) > most

    def _add_numbers(self, numbers, rows):
        self.n_numbers += len(numbers)
        self.minimum = min(self.minimum, float(numbers.min()))
        self.maximum = max(self.maximum, float(numbers.max()))
        infinite = np.isinf(numbers)
        if self.infinite is None and infinite.any():
            self.infinite = int(rows[infinite.argmax()])
        if self.counts_rows:
            before = numbers[:1] - 1 if self._last is None else [self._last]
            with np.errstate(invalid="ignore"):
                self.counts_rows = bool((np.diff(numbers, prepend=before) == 1).all())
            self._last = float(numbers[-1])


class Sample:
    """Rows drawn at random without replacement, whatever the parts they come in.

    Parameters
    ----------
    size : int
        Rows to draw, at the most.
    """

    def __init__(self, size):
        self.size = size
        self._rng = np.random.default_rng(0)
        self._frames, self._keys, self._limit = [], [], 1.0

    def add(self, frame):
        """Draw from a part of the rows."""
        keys = self._rng.random(len(frame))
        drawn = keys < self._limit
        if drawn.any():
            self._frames.append(frame[drawn])
            self._keys.append(keys[drawn])
        if sum(map(len, self._keys)) > 2 * self.size:
            self._shrink()

    def _shrink(self):
        pandas = import_optional("pandas", "pandas")
        frame, keys = pandas.concat(self._frames), np.concatenate(self._keys)
        if len(keys) > self.size:
            least = np.sort(np.argpartition(keys, self.size)[: self.size])
            frame, keys = frame.iloc[least], keys[least]
            self._limit = keys.max()
        self._frames, self._keys = [frame], [keys]

    def frame(self):
        """The rows, in the order of the table."""
        self._shrink()
        return self._frames[0]


@dataclass
class Survey:
    """What the first pass found.

    Attributes
    ----------
    columns : dict of str to Column
    n_rows : int
    sample : DataFrame
        As `size` rows of the table at the most came, labelled by row number.
    """

    columns: dict
    n_rows: int
    sample: object


def survey(table, names, size):
    """Read the table once.

    Parameters
    ----------
    table : as `open_table` gives it
    names : list of str
        Columns to look at.
    size : int
        Rows of the sample.

    Returns
    -------
    survey : Survey
    """
    columns = {name: Column() for name in names}
    sample, n_rows = Sample(size), 0
    most = max(LEAST_DISTINCT, DISTINCT // len(names))
    for frame in table.chunks(names):
        for name, column in columns.items():
            column.add(frame[name], table.decimal, most)
        sample.add(frame)
        n_rows += len(frame)
    return Survey(columns, n_rows, sample.frame() if n_rows else None)
