# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables of any make: files by what they are, and frames and arrays in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from skneon._lazy import refuse_lazy
from skneon._tables._layout import column_names
from skneon._tables._libraries import Lazy, pa, pd
from skneon._tables._open import File, open_file
from skneon._tables._options import Options
from skneon._tables._source import CELLS, Source
from skneon._tables._text import TextTable
from skneon._tables._words import TableError
from skneon._validation import import_optional
from skneon.explanation._text import is_missing

parquet, feather = Lazy("pyarrow.parquet"), Lazy("pyarrow.feather")
json = Lazy("pyarrow.json")


@contextmanager
def open_table(data: Any, options: Options, name: str = "X") -> Iterator[Source]:
    """The table in a file, of this name, or in memory."""
    if not isinstance(data, str | Path):
        yield memory_source(data, name, options)
        return
    with open_file(str(data)) as file:
        if file.form in ("Excel", "OpenDocument"):
            source = memory_source(_workbook(file), file.name, options)
        elif file.form:
            source = _arrow_file(file, options)
        else:
            source = TextTable(file, options).source()
        if file.form:
            source.notes = [f"Read as {file.form}."]
        yield source


def _arrow_file(file: File, options: Options) -> Source:
    with _told(file):
        if file.form == "Parquet":
            with parquet.ParquetFile(file.path) as opened:
                names = opened.schema_arrow.names
        elif file.form == "Feather":
            table = feather.read_table(file.path, memory_map=False)
        else:
            with file.opened() as raw:
                if file.form == "JSON":
                    return memory_source(pd.read_json(raw), file.name, options)
                table = json.read_json(raw)
    if file.form != "Parquet":
        return memory_source(table, file.name, options)

    def read() -> Iterator[Any]:
        with _told(file), parquet.ParquetFile(file.path) as opened:
            for batch in opened.iter_batches(max(1, CELLS // len(names))):
                yield pa.RecordBatch.from_arrays(batch.columns, columns)

    columns = column_names(names, file.name)
    if not columns:
        raise TableError(f"{file.name} has no columns.")
    return Source(file.name, columns, read, missing=options.missing)


@contextmanager
def _told(file: File) -> Iterator[None]:
    """Say in words what is wrong with the file."""
    try:
        yield
    except BrokenPipeError:
        raise
    except TableError:
        raise
    except (OSError, ValueError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise TableError(
            f"{file.name} cannot be read as {file.form}: {reason}"
        ) from None


def _workbook(file: File) -> Any:
    engine = {"Excel": "openpyxl", "OpenDocument": "odf"}[file.form]
    import_optional(engine, "excel")
    with _told(file):
        return pd.read_excel(file.path, engine=engine)


def memory_source(X: Any, name: str, options: Options) -> Source:
    """A table in memory: a frame of any make, an array or a sparse matrix.

    Raises
    ------
    TypeError
        For what is no table.
    TableError
        For arrays of other shapes, tables without rows or columns, and names that
        columns share.
    """
    names, columns, unusable = _columns(X)
    shape = len(columns[0]) if len(columns) else 0, len(columns)
    names = column_names(names, name)
    if 0 in shape:
        raise TableError(f"{name} has the shape {shape}: there is nothing to report.")
    batch = pa.RecordBatch.from_arrays(columns, names)
    why = {names[i]: reason for i, reason in unusable.items()}
    return Source(
        name, names, lambda: iter([batch]), missing=options.missing, unusable=why
    )


def _columns(X: Any) -> tuple[list[Any], list[Any], dict[int, str]]:
    """Names, columns of Arrow, and which of them are of no use."""
    refuse_lazy(X)
    _check_two_axes(X)
    if hasattr(X, "to_arrow"):
        X = X.to_arrow()
    if hasattr(X, "column_names") and hasattr(X, "combine_chunks"):
        columns = [_one_chunk(column) for column in X.columns]
        return list(X.column_names), columns, {}
    if hasattr(X, "iloc"):
        given = [X.iloc[:, i] for i in range(X.shape[1])]
        names = list(X.columns)
    else:
        X = X.toarray() if hasattr(X, "toarray") else np.asarray(X)
        given, names = list(X.T), [f"x{i}" for i in range(X.shape[1])]
    unusable = {
        i: "complex numbers"
        for i, column in enumerate(given)
        if getattr(column.dtype, "kind", "O") == "c"
    }
    return names, [_arrow(column) for column in given], unusable


def _check_two_axes(X: Any) -> None:
    """Refuse what has no rows and columns, such as a Series, a dict or None."""
    shape = X.shape if hasattr(X, "shape") else np.asarray(X, dtype=object).shape
    if len(shape) == 2:
        return
    module, name = type(X).__module__.split(".")[0], type(X).__name__
    got = name if module == "builtins" else f"{module}.{name}"
    if X is None or isinstance(X, str):
        got = repr(X)
    axes = f" of shape {tuple(shape)}" if shape else ""
    hint = ": make it a pandas.DataFrame" if isinstance(X, dict) else ""
    hint = ": pass X.to_frame()" if hasattr(X, "to_frame") else hint
    said = f"X must be a table of rows and columns, got {got}{axes}{hint}."
    # of arrays it is the shape that is wrong
    raise (TableError if isinstance(X, np.ndarray | list | tuple) else TypeError)(said)


def _one_chunk(column: Any) -> Any:
    chunks = column.combine_chunks()
    return pa.concat_arrays(chunks.chunks) if hasattr(chunks, "chunks") else chunks


def _arrow(column: Any) -> Any:
    """A column as Arrow has it; cells of several kinds as texts."""
    try:
        array = pa.array(column, from_pandas=True)
    except (pa.ArrowException, UnicodeError, TypeError, ValueError):
        array = None
    if array is not None and hasattr(array, "chunks"):
        array = pa.concat_arrays(array.chunks)
    if array is None or isinstance(array.type, pa.BaseExtensionType):
        return pa.array([_text(cell) for cell in np.asarray(column, object)], "string")
    return array


def _text(cell: Any) -> str | None:
    if is_missing(cell):
        return None
    return str(cell).encode("utf-8", "replace").decode()
