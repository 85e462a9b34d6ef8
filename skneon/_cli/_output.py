# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Files of relevances, written part by part, harmless to spreadsheets and terminals."""

import gzip
import re
from pathlib import Path
from typing import Any

from skneon._report._files import writing
from skneon._tables._words import Lazy, TableError, pa
from skneon._validation import import_optional
from skneon.explanation._explanation import Explanation

parquet = Lazy("pyarrow.parquet")

# what spreadsheets take for the start of a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
# characters that could steer a terminal
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
PARQUET, TEXT = (".parquet", ".pq"), {".csv": ",", ".tsv": "\t"}


class Relevances:
    """A file of all relevances; the suffix of its path tells the format."""

    def __init__(self, path: str, part: Path, label: str) -> None:
        self.path, self.part, self.label = path, part, label
        self._opened: list[Any] = []
        self._separator, self._zipped = format_of(path)

    def __enter__(self) -> "Relevances":
        return self

    def __exit__(self, *exception: object) -> None:
        with writing(self.path):
            for opened in self._opened:
                opened.close()

    def add(self, explanation: Explanation) -> None:
        """Write further rows."""
        frame = explanation.to_frame()
        if not isinstance(explanation.target, str):
            frame.insert(0, unused("cluster", frame), explanation.target)
        frame.insert(0, unused(self.label, frame), explanation.index)
        with writing(self.path):
            (self._add_text if self._separator else self._add_parquet)(frame)

    def _add_parquet(self, frame: Any) -> None:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if not self._opened:
            self._opened = [parquet.ParquetWriter(self.part, table.schema)]
        self._opened[0].write_table(table)

    def _add_text(self, frame: Any) -> None:
        is_first = not self._opened
        if is_first:
            opened = gzip.open if self._zipped else open
            self._opened = [opened(self.part, "wt", encoding="utf-8", newline="")]
        if frame.iloc[:, 0].dtype.kind not in "iuf":
            frame.isetitem(0, [harmless(label) for label in frame.iloc[:, 0]])
        frame.columns = [harmless(name) for name in frame.columns]
        sep = self._separator
        frame.to_csv(self._opened[0], sep=sep, header=is_first, index=False)


def format_of(path: str) -> tuple[str, bool]:
    """Separator, "" for Parquet, by the suffix of a file; whether it is gzipped."""
    name = Path(path).name.lower()
    zipped, suffix = name.endswith(".gz"), Path(name.removesuffix(".gz")).suffix
    if suffix in PARQUET and not zipped:
        import_optional("pyarrow.parquet", "tables")
        return "", False
    if suffix not in TEXT:
        raise TableError(
            f"--output {path}: it must end in .csv, .tsv, .csv.gz, .tsv.gz or .parquet."
        )
    return TEXT[suffix], zipped


def harmless(text: object) -> str:
    """The text with a quote in front where a spreadsheet would take it for a formula.

    Control characters, but for tabs and ends of lines, become question marks.
    """
    text = CONTROL.sub("?", str(text))
    is_formula = text.startswith(FORMULA) and not NUMBER.fullmatch(text)
    return "'" * is_formula + text


def unused(name: str, table: Any) -> str:
    """The name, with as many trailing underscores as set it apart from the columns."""
    return name if name not in table else unused(name + "_", table)
