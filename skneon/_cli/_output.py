# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Files of relevances, written part by part, and in their place only when complete."""

import gzip
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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


@contextmanager
def replacing(path: str) -> Iterator[Path]:
    """Path of a new file beside, which takes the place of `path` in the end."""
    target = Path(path)
    try:
        target = target.resolve()
        if target.exists() and not target.is_file():
            raise TableError(f"{path} is no plain file: name another one.")
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        part.open("xb").close()
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None
    try:
        yield part
        try:
            part.replace(target)
        except OSError as error:
            raise _unwritable(path, error) from None
    finally:
        part.unlink(missing_ok=True)


class Relevances:
    """A file of all relevances; the suffix of its path tells the format."""

    def __init__(self, path: str, part: Path, label: str) -> None:
        self.path, self.part, self.label = path, part, label
        self._file: Any = None
        self._writer: Any = None
        self._kind, self._zipped = kind_of(path)

    def __enter__(self) -> "Relevances":
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            for opened in (self._writer, self._file):
                if opened is not None:
                    opened.close()
        except OSError as error:
            raise _unwritable(self.path, error) from None

    def add(self, explanation: Explanation) -> None:
        """Write further rows."""
        frame = explanation.to_frame()
        if not isinstance(explanation.target, str):
            frame.insert(0, unused("cluster", frame), explanation.target)
        frame.insert(0, unused(self.label, frame), explanation.index)
        try:
            if self._kind == "parquet":
                self._add_parquet(frame)
            else:
                self._add_text(frame)
        except OSError as error:
            raise _unwritable(self.path, error) from None

    def _add_parquet(self, frame: Any) -> None:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if self._writer is None:
            self._writer = parquet.ParquetWriter(self.part, table.schema)
        self._writer.write_table(table)

    def _add_text(self, frame: Any) -> None:
        first = self._file is None
        if first:
            opened = gzip.open if self._zipped else open
            self._file = opened(self.part, "wt", encoding="utf-8", newline="")
        if frame.iloc[:, 0].dtype.kind not in "iuf":
            frame.isetitem(0, [harmless(label) for label in frame.iloc[:, 0]])
        frame.columns = [harmless(name) for name in frame.columns]
        frame.to_csv(self._file, sep=TEXT[self._kind], header=first, index=False)


def kind_of(path: str) -> tuple[str, bool]:
    """Format of a file by its suffix, and whether it is to be gzipped."""
    name = Path(path).name.lower()
    zipped = name.endswith(".gz")
    suffix = Path(name.removesuffix(".gz")).suffix
    if suffix in TEXT:
        return suffix, zipped
    if suffix in PARQUET and not zipped:
        import_optional("pyarrow.parquet", "tables")
        return "parquet", False
    raise TableError(
        f"--output {path}: it must end in .csv, .tsv, .csv.gz, .tsv.gz or .parquet."
    )


def harmless(text: object) -> str:
    """The text with a quote in front where a spreadsheet would take it for a formula.

    Numbers stay as they are. Control characters, but for tabs and ends of lines, become
    question marks.
    """
    text = CONTROL.sub("?", str(text))
    if text.startswith(FORMULA) and not NUMBER.fullmatch(text):
        return "'" + text
    return text


def unused(name: str, table: Any) -> str:
    """The name, with as many trailing underscores as set it apart from the columns."""
    return name if name not in table else unused(name + "_", table)


def _unwritable(path: str, error: Exception) -> TableError:
    reason = getattr(error, "strerror", None) or error
    return TableError(f"{path} cannot be written: {reason}.")
