# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables from a file, from standard input, or the wine data, read in parts."""

import shutil
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sklearn.datasets import load_wine

from skneon._cli import _text_table
from skneon._cli._errors import TableError
from skneon._cli._text_table import TextTable, column_names
from skneon._validation import import_optional

WINE = "scikit-learn's wine data"


@contextmanager
def open_table(data, encoding=None, delimiter=None, decimal=None):
    """The table that the arguments name.

    Parameters
    ----------
    data : str or None
        A path; "-" is standard input, None the wine data.
    encoding, delimiter, decimal : str or None
        As in `TextTable`.

    Yields
    ------
    table : FrameTable, TextTable or ParquetTable
        With ``name``, ``columns``, ``notes``, ``decimal`` and ``chunks(columns)``,
        which can be read several times.
    """
    import_optional("pandas", "pandas")
    form = encoding, delimiter, decimal
    if data is None:
        yield FrameTable(load_wine(as_frame=True).data, WINE)
        return
    name = "standard input" if data == "-" else data
    with ExitStack() as stack:
        yield _file_table(_lasting(data, stack), name, *form)


def _lasting(data, stack):
    """Path of a file that can be read several times: a pipe is copied."""
    path = Path(data)
    try:
        if data == "-":
            stream = sys.stdin.buffer
        elif path.is_dir():
            raise TableError(f"{data} is a folder: name a file in it.")
        elif not path.exists():
            raise TableError(f"{data}: there is no such file.")
        elif path.is_file():
            return path
        else:
            stream = stack.enter_context(path.open("rb"))
    except (OSError, ValueError) as error:
        raise TableError(f"{data!r} cannot be read: {error}") from None
    copy = Path(stack.enter_context(TemporaryDirectory(prefix="skneon-"))) / "copy"
    try:
        with copy.open("wb") as file:
            shutil.copyfileobj(stream, file)
    except OSError as error:
        raise TableError(f"{data} cannot be kept in {copy.parent}: {error}") from None
    return copy


def _file_table(path, name, encoding, delimiter, decimal):
    try:
        with open(path, "rb") as file:
            start = file.read(4)
    except OSError as error:
        raise TableError(f"{name} cannot be read: {error.strerror}.") from None
    if start == b"PAR1":
        return ParquetTable(path, name)
    return TextTable(path, name, encoding, delimiter, decimal)


class FrameTable:
    """A DataFrame of numbers."""

    decimal = None
    notes = ()

    def __init__(self, frame, name):
        self.frame, self.name = frame, name
        self.columns = column_names(frame.columns, name)

    def chunks(self, columns):
        """Parts of some columns, labelled by row number."""
        size = max(1, _text_table.CELLS // len(self.columns))
        for start in range(0, len(self.frame), size):
            yield self.frame.iloc[start : start + size][columns]


class ParquetTable:
    """A Parquet file; columns that are no numbers as texts, NaN where missing."""

    decimal = None
    notes = ("Read as Parquet.",)

    def __init__(self, path, name):
        self.path, self.name = path, name
        self._parquet = import_optional("pyarrow.parquet", "parquet")
        with self._opened() as file:
            # columns may be named twice, nested or have no name
            self._names = file.schema_arrow.names
        self.columns = column_names(self._names, name)
        if not self.columns:
            raise TableError(f"{name} has no columns.")

    @contextmanager
    def _opened(self):
        try:
            with self._parquet.ParquetFile(self.path) as file:
                yield file
        except BrokenPipeError:
            raise
        except (OSError, ValueError, NotImplementedError) as error:
            reason = str(error).splitlines()[0]
            raise TableError(
                f"{self.name} cannot be read as Parquet: {reason}"
            ) from None

    def chunks(self, columns):
        """Parts of some columns, labelled by row number."""
        pandas = import_optional("pandas", "pandas")
        size, start = max(1, _text_table.CELLS // len(self.columns)), 0
        places = [self.columns.index(name) for name in columns]
        with self._opened() as file:
            names = [self._names[i] for i in places]
            for batch in file.iter_batches(size, columns=names):
                if not batch.num_rows:
                    continue
                cells = {
                    name: _column(batch.column(own))
                    for name, own in zip(columns, names, strict=True)
                }
                stop = start + batch.num_rows
                yield pandas.DataFrame(cells).set_axis(pandas.RangeIndex(start, stop))
                start = stop


def _column(values):
    """A column of Arrow: numbers as they are, others as texts."""
    pandas = import_optional("pandas", "pandas")
    kinds = import_optional("pyarrow", "parquet").types
    if kinds.is_decimal(values.type):
        values = values.cast("float64")
    if kinds.is_integer(values.type):
        # labels of rows keep all their digits
        kind = "UInt64" if kinds.is_unsigned_integer(values.type) else "Int64"
        return pandas.Series(values.to_pandas(integer_object_nulls=True), dtype=kind)
    cells = values.to_pandas()
    if kinds.is_floating(values.type):
        return cells.astype(float)
    missing = cells.isna().to_numpy(dtype=bool)
    texts = [str(cell).strip() for cell in cells]
    return pandas.Series(texts, dtype=object).mask(missing, float("nan"))
