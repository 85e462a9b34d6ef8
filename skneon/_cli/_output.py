# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Files that are written part by part, harmless to spreadsheets and terminals."""

import gzip
from pathlib import Path
from typing import Any

from skneon._report._files import writing
from skneon._report._harmless import harmless
from skneon._tables._words import Lazy, TableError, pa
from skneon._validation import import_optional

parquet, openpyxl = Lazy("pyarrow.parquet"), Lazy("openpyxl", "excel")

# what a sheet of Excel holds
ROWS, COLUMNS = 1_048_576, 16_384
FORMS = {
    ".csv": ",", ".tsv": "\t", ".parquet": "", ".pq": "", ".xlsx": "",
}  # fmt: skip


class Output:
    """A file that frames of the same columns are written to, one after the other.

    The suffix of its path tells the format.
    """

    def __init__(self, path: str, part: Path) -> None:
        self.path, self.part = path, part
        self.suffix, self.zipped = format_of(path)
        self._file: Any = None
        self._sheet: Any = None
        self._n_lines = 1

    def __enter__(self) -> "Output":
        return self

    def __exit__(self, *exception: object) -> None:
        with writing(self.path):
            if self.suffix == ".xlsx" and self._file:
                self._file.save(self.part)
            elif self._file:
                self._file.close()

    def add(self, frame: Any) -> None:
        """Write further lines."""
        ways = {".parquet": self._add_parquet, ".pq": self._add_parquet,
                ".xlsx": self._add_sheet}  # fmt: skip
        with writing(self.path):
            ways.get(self.suffix, self._add_text)(frame)
        self._n_lines += len(frame)

    def _add_parquet(self, frame: Any) -> None:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if not self._file:
            self._file = parquet.ParquetWriter(self.part, table.schema)
        self._file.write_table(table)

    def _add_text(self, frame: Any) -> None:
        is_first = not self._file
        if is_first:
            opened = gzip.open if self.zipped else open
            self._file = opened(self.part, "wt", encoding="utf-8", newline="")
        frame, sep = defused(frame), FORMS[self.suffix]
        frame.to_csv(self._file, sep=sep, header=is_first, index=False)

    def _add_sheet(self, frame: Any) -> None:
        if self._n_lines + len(frame) > ROWS or frame.shape[1] > COLUMNS:
            raise TableError(
                f"{self.path}: a sheet of Excel has up to {ROWS:,} lines, with the "
                f"header, and {COLUMNS:,} columns. Write .parquet or .csv."
            )
        frame = defused(frame).astype(object)
        if not self._file:
            # written through a file of its own, line by line
            self._file = openpyxl.Workbook(write_only=True)
            self._sheet = self._file.create_sheet("skneon")
            self._sheet.append(list(frame.columns))
        for line in frame.where(frame.notna(), None).itertuples(index=False, name=None):
            self._sheet.append([_cell(cell) for cell in line])


def format_of(path: str) -> tuple[str, bool]:
    """Suffix of a file without that of gzip, and whether it has that."""
    name = Path(path).name.lower()
    zipped, suffix = name.endswith(".gz"), Path(name.removesuffix(".gz")).suffix
    if suffix not in FORMS or (zipped and not FORMS[suffix]):
        raise TableError(
            f"--output {path}: it must end in .csv, .tsv, .csv.gz, .tsv.gz, .parquet "
            "or .xlsx."
        )
    if not FORMS[suffix]:
        extra = {".xlsx": ("openpyxl", "excel")}
        import_optional(*extra.get(suffix, ("pyarrow.parquet", "tables")))
    return suffix, zipped


def defused(frame: Any) -> Any:
    """The frame with all texts and names harmless."""
    frame = frame.set_axis([harmless(name) for name in frame.columns], axis=1)
    for i, kind in enumerate(frame.dtypes):
        if getattr(kind, "kind", "O") not in "iufb":
            cells = [
                c if c is None or c != c else harmless(c) for c in frame.iloc[:, i]
            ]
            frame.isetitem(i, cells)
    return frame


def _cell(cell: Any) -> Any:
    """A cell as a workbook holds it, which has no infinite numbers."""
    is_infinite = isinstance(cell, float) and abs(cell) == float("inf")
    return str(cell) if is_infinite else cell
