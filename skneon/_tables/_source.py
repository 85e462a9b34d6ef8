# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A table that is read in parts, again and again, as columns of Arrow."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from skneon._tables._words import pa, pc, pd

# cells that stand for a missing value, as in pandas
MISSING = frozenset(
    ["", "#N/A", "#N/A N/A", "#NA", "-NaN", "-nan", "<NA>", "N/A", "NA", "NULL", "NaN",
     "None", "n/a", "nan", "null"]
)  # fmt: skip
# cells in a part, and rows of it at the least
CELLS, ROWS = 500_000, 64
Columns = dict[str, Any]
COMPLEX = "complex numbers"


@dataclass
class Source:
    """A table: its name for messages, its columns, and a way to read it."""

    name: str
    columns: list[str]
    # record batches of Arrow, with columns in this order
    read: Callable[[], Iterator[Any]]
    notes: list[str] = field(default_factory=list)
    # a column that labels the rows, further texts for missing values, and columns that
    # no model takes, with the reason
    labels: str | None = None
    missing: tuple[str, ...] = ()
    unusable: dict[str, str] = field(default_factory=dict)

    def parts(self, names: Sequence[str]) -> Iterator[tuple[int, Columns]]:
        """Number of rows, and some columns, of one part after the other."""
        places = {name: i for i, name in enumerate(self.columns)}
        size = max(min(CELLS, ROWS), CELLS // len(self.columns))
        missing = sorted(MISSING.union(self.missing))
        codes = pd.to_numeric(pd.Series(missing), errors="coerce").dropna()
        marks = pa.array(missing), pa.array(codes, "float64")
        for batch in self.read():
            for start in range(0, batch.num_rows, size):
                part = batch.slice(start, size)
                yield (
                    part.num_rows,
                    {name: plain(part.column(places[name]), *marks) for name in names},
                )


def plain(cells: Any, missing: Any, codes: Any) -> Any:
    """A column of Arrow as numbers, times, durations or texts without blanks around."""
    kinds, kind = pa.types, cells.type
    if kinds.is_dictionary(kind):
        cells, kind = cells.dictionary_decode(), kind.value_type
    # whole ones may have more digits than a float
    fraction = kinds.is_decimal(kind) and kind.scale > 0
    if fraction or kinds.is_float16(kind) or kinds.is_null(kind):
        cells, kind = cells.cast("float64"), pa.float64()
    if kinds.is_floating(kind) and pc.any(pc.is_nan(cells)).as_py():
        cells = pc.if_else(pc.is_nan(cells), None, cells)
    if kinds.is_floating(kind) or kinds.is_integer(kind):
        return _without(cells, cells.cast("float64", safe=False), codes)
    if kinds.is_date(kind) or kinds.is_timestamp(kind):
        zone = getattr(kind, "tz", None)
        times = cells.cast(pa.timestamp("us", zone), safe=False)
        days = times.cast(pa.date32(), safe=False).cast("string")
        return _without(times, days, missing) if len(missing) > len(MISSING) else times
    if kinds.is_time(kind):
        cells = cells.cast(pa.time64("us"), safe=False).cast("int64")
        return cells.cast(pa.duration("us"))
    if kinds.is_duration(kind):
        return cells.cast(pa.duration("us"), safe=False)
    if kinds.is_string(kind) or kinds.is_large_string(kind):
        cells = cells.cast("string")
    else:
        texts = [None if cell is None else str(cell) for cell in cells.to_pylist()]
        cells = pa.array(texts, "string")
    try:
        return _without(cells, cells.cast("float64"), codes)
    except pa.ArrowInvalid:
        cells = pc.utf8_trim_whitespace(cells)
    return _without(cells, cells, missing)


def _without(cells: Any, compared: Any, codes: Any) -> Any:
    """Cells without those that stand for a missing value."""
    found = pc.is_in(compared, value_set=codes) if len(codes) else None
    if found is None or not pc.any(found).as_py():
        return cells
    return pc.if_else(found, pa.scalar(None, cells.type), cells)
