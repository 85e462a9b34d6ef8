# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Text tables (CSV, TSV), read in parts."""

import csv
import gzip
import io
import zlib
from contextlib import contextmanager
from itertools import islice

import numpy as np

from skneon._cli._errors import TableError, listed
from skneon._cli._sniff import DELIMITERS, find_decimal, find_delimiter
from skneon._validation import import_optional

# cells that stand for a missing value, as in pandas
MISSING = frozenset(
    ["", "#N/A", "#N/A N/A", "#NA", "-NaN", "-nan", "<NA>", "N/A", "NA", "NULL"]
) | {"NaN", "None", "n/a", "nan", "null"}
# cells in a part, and lines that tell how the table is written
CELLS, HEAD = 500_000, 200
NAN = float("nan")


class TextTable:
    """A CSV or TSV file; cells are texts, NaN where they are missing.

    Parameters
    ----------
    path : Path
    name : str
        What messages call it.
    encoding, delimiter, decimal : str or None
        None: UTF-8, and what the first lines tell.
    """

    def __init__(self, path, name, encoding=None, delimiter=None, decimal=None):
        self.path, self.name, self.encoding = path, name, encoding
        with self._open() as file:
            lines = [line for line in islice(file, HEAD) if line.strip()]
        if not lines:
            raise TableError(f"{name} is empty.")
        self.delimiter = delimiter or find_delimiter(lines, name)
        self.decimal = decimal or find_decimal(lines, self.delimiter, name)
        with self._records() as found:
            self.columns = column_names(next(found)[1], name)

    @property
    def notes(self):
        """How the file was read."""
        name = DELIMITERS.get(self.delimiter, repr(self.delimiter))
        comma = ", with decimal commas" if self.decimal == "," else ""
        notes = [f"Read as text, separated by {name}{comma}."]
        if len(self.columns) == 1:
            notes = [f"Read as text, of a single column{comma}."]
        if not np.isnan([_number(column) for column in self.columns]).any():
            notes.append(
                f"The first line, {listed(self.columns, 5)}, was taken for the header."
            )
        return notes

    def chunks(self, columns):
        """Parts of some columns as DataFrames of texts, labelled by row number."""
        pandas = import_optional("pandas", "pandas")
        size, start = max(1, CELLS // len(self.columns)), 0
        places = [self.columns.index(name) for name in columns]
        with self._records() as found:
            next(found)
            while part := [record for _, record in islice(found, size)]:
                cells = list(zip(*part, strict=True))
                yield pandas.DataFrame(
                    {self.columns[i]: _texts(cells[i]) for i in places},
                    index=pandas.RangeIndex(start, start + len(part)),
                    dtype=object,
                )
                start += len(part)

    @contextmanager
    def _records(self):
        """Line number and fields of each record, the header first."""
        with self._open() as file:
            yield self._checked(file)

    def _checked(self, file):
        reader = csv.reader(file, delimiter=self.delimiter, strict=True)
        width = None
        try:
            for record in reader:
                if not record:
                    continue
                width = width or len(record)
                if len(record) != width:
                    raise TableError(
                        f"{self.name}: line {reader.line_num} has {len(record)} "
                        f"fields, the header line has {width}. Fix that line; texts "
                        "that hold the separator belong in double quotes."
                    )
                yield reader.line_num, record
        except csv.Error as error:
            raise TableError(
                f"{self.name}: line {reader.line_num} cannot be read as CSV ({error}): "
                "look for a double quote without its partner."
            ) from None

    @contextmanager
    def _open(self):
        """The file as text; what goes wrong in it is told."""
        encoding = self.encoding or "utf-8"
        if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
            encoding = "utf-8-sig"
        try:
            with open(self.path, "rb") as file:
                zipped = file.read(2) == b"\x1f\x8b"
            opened = gzip.open if zipped else open
            with (
                opened(self.path, "rb") as file,
                io.TextIOWrapper(file, encoding=encoding, newline="") as text,
            ):
                yield text
        except UnicodeError as error:
            raise TableError(
                f"{self.name} is not {self.encoding or 'UTF-8'} text ({error}): "
                "say its --encoding, such as latin-1, cp1252 or utf-16, or save it "
                "as UTF-8."
            ) from None
        except LookupError:
            raise TableError(f"--encoding {self.encoding} is not known.") from None
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise TableError(f"{self.name} is damaged: {error}") from None
        except BrokenPipeError:
            raise
        except OSError as error:
            raise TableError(f"{self.name} cannot be read: {error.strerror}.") from None


def column_names(header, name):
    """Names without blanks around them; those that are empty get one by number."""
    names = [str(column).strip() for column in header]
    names = [column or f"column{i + 1}" for i, column in enumerate(names)]
    twice = sorted({column for column in names if names.count(column) > 1})
    if twice:
        raise TableError(
            f"{name} has several columns named {listed(twice)}: rename all but one."
        )
    return names


def to_numbers(cells, decimal):
    """The numbers in a column, NaN where there is none.

    Parameters
    ----------
    cells : Series
        Of numbers, or of texts and NaN.
    decimal : {".", ","} or None
        None: texts are no numbers.

    Returns
    -------
    numbers : ndarray of float
    """
    if cells.dtype != object:
        return cells.to_numpy(dtype=float, na_value=np.nan)
    if decimal is None:
        return np.full(len(cells), np.nan)
    return np.array([_number(cell, decimal) for cell in cells], dtype=float)


def _number(cell, decimal="."):
    """The number that a text stands for, NaN for none."""
    if cell != cell or "_" in cell:
        return NAN
    if decimal == ",":
        if "." in cell:
            return NAN
        cell = cell.replace(",", ".")
    try:
        return float(cell)
    except ValueError:
        return NAN


def _texts(cells):
    cells = [cell.strip() for cell in cells]
    texts = np.empty(len(cells), dtype=object)
    texts[:] = [NAN if cell in MISSING else cell for cell in cells]
    return texts
