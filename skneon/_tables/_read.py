# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables of any make: files by what they are, and frames and arrays in memory."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from json import load, loads
from pathlib import Path
from typing import Any

import numpy as np

from skneon._lazy import refuse_lazy
from skneon._tables._data_sets import data_set
from skneon._tables._layout import HEAD, column_names, is_number, named
from skneon._tables._open import File, is_data_set, open_file, told
from skneon._tables._source import CELLS, COMPLEX, Source
from skneon._tables._text import TextTable
from skneon._tables._words import Doubt, Lazy, Options, TableError, listed, pa, pc, pd
from skneon._validation import import_optional
from skneon.explanation._text import count, is_missing

parquet, feather = Lazy("pyarrow.parquet"), Lazy("pyarrow.feather")
json = Lazy("pyarrow.json")
# options that say how a text, or a sheet, is written
SHEET = ("skip_lines", "header", "names", "sheet")
TEXT = ("delimiter", "encoding", "comment")


@contextmanager
def open_table(data: Any, options: Options, name: str = "X") -> Iterator[Source]:
    """The table in a file, of this name, or in memory; or one of scikit-learn's."""
    if is_data_set(data):
        data, name = data_set(data)
    if not isinstance(data, str | Path):
        yield memory_source(data, name, options)
        return
    with open_file(str(data)) as file:
        if file.form not in ENGINES:
            _refuse_options(file.name, options, "sheet")
        with told(file.name, file.form):
            source = FORMS[file.form](file, options)
        if file.form:
            source.notes.insert(0, f"Read as {file.form}.")
        yield source


def _feather(file: File, options: Options) -> Source:
    table = feather.read_table(file.path, memory_map=False)
    return memory_source(table, file.name, options)


def _json(file: File, options: Options) -> Source:
    """Objects line by line, or in a list, which may be the only one of an object."""
    is_lines = False
    with file.opened() as raw, suppress(ValueError):
        lines = filter(bytes.strip, raw)
        is_lines = isinstance(loads(next(lines)), dict) and any(lines)
    with file.opened() as raw:
        if is_lines:
            return memory_source(_json_lines(raw), file.name, options)
        rows, notes = load(raw), []
    if isinstance(rows, dict):
        inner = [k for k, v in rows.items() if v and isinstance(v, list)]
        inner = [k for k in inner if all(isinstance(row, dict) for row in rows[k])]
        if len(inner) != 1:
            raise TableError(
                f"{file.name} is one JSON object, of {listed(rows, 5) or 'nothing'}: "
                "write each row as an object in a list, or on a line of its own."
            )
        rows, notes = rows[inner[0]], [f"The rows are those of {inner[0]!r}."]
    source = memory_source(_rows_frame(rows, file.name), file.name, options)
    source.notes += notes
    return source


def _rows_frame(rows: list[Any], name: str) -> Any:
    """Objects, or lists of which the first names columns where it alone is words."""
    kind, n = type(rows[0]) if rows else dict, len(rows[0]) if rows else 0
    for i, row in enumerate(rows):
        if not isinstance(row, kind) or (kind is list and len(row) != n):
            what = f"list of {count(n, 'cell')}" if kind is list else "object"
            raise TableError(f"{name}: row {i} is no {what}, as the first one is.")
    if kind is dict:
        return pd.DataFrame(rows)
    words = [not any(is_number(str(cell)) for cell in row) for row in rows[:2]]
    if words == [True, False]:
        return pd.DataFrame(rows[1:], columns=rows[0])
    return pd.DataFrame(rows).add_prefix("x")


def _json_lines(raw: Any) -> Any:
    table = json.read_json(raw)
    doubles = [column for column in table.itercolumns() if column.type == "double"]
    if max((pc.max(pc.abs(c)).as_py() or 0 for c in doubles), default=0) < 2**63:
        return table
    # maybe whole numbers, of which Arrow loses digits
    raw.seek(0)
    return pd.DataFrame([loads(line) for line in raw if line.strip()])


def _parquet(file: File, options: Options) -> Source:
    _refuse_options(file.name, options, *SHEET, *TEXT)
    with parquet.ParquetFile(file.path) as opened:
        names = column_names(opened.schema_arrow.names, file.name)
    if not names:
        raise TableError(f"{file.name} has no columns.")

    def read() -> Iterator[Any]:
        with told(file.name, file.form), parquet.ParquetFile(file.path) as opened:
            for batch in opened.iter_batches(max(1, CELLS // len(names))):
                yield pa.RecordBatch.from_arrays(batch.columns, names)

    return Source(file.name, names, read, missing=options.missing)


def _sheet(file: File, options: Options) -> Source:
    """A sheet of a workbook, whose header is found as that of a text is."""
    _refuse_options(file.name, options, *TEXT)
    engine = ENGINES[file.form]
    import_optional(engine, "excel")
    with pd.ExcelFile(file.path, engine=engine) as book:
        for sheet in _chosen(file.name, book.sheet_names, options.sheet):
            cells = pd.read_excel(book, sheet_name=sheet, header=None, dtype=object)
            if cells.notna().any(axis=None):
                break
        others = [repr(name) for name in book.sheet_names if name != sheet]
    if engine == "openpyxl" and cells.isna().any(axis=None):
        _check_formulas(file, sheet, cells)
    cells = cells.iloc[options.skip_lines :]
    # what is alone in its row is a title
    filled = (cells.notna().sum(axis=1) > min(1, cells.shape[1] - 1)).to_numpy()
    if not filled.any():
        asked = options.sheet is not None
        which = f"Sheet {sheet!r} of " * asked
        hint = f"; others are {listed(others, 5)}" * bool(asked and others)
        raise TableError(f"{which}{file.name} is empty{hint}.")
    n_titles = int(filled.argmax())
    cells = cells.iloc[n_titles:]
    head = cells.where(cells.notna(), "").iloc[:HEAD].astype(str).to_numpy().tolist()
    lines = range(cells.index[0], cells.index[-1] + 2)
    found = named(head, lines, options, file.name)
    body = cells.loc[found.n_lines :].reset_index(drop=True)
    source = memory_source(
        body.set_axis(found.columns, axis=1).infer_objects(), file.name, Options()
    )
    source.missing = options.missing
    if n_titles:
        source.notes.append(f"Skipped, {count(n_titles, 'line')} of a title.")
    source.notes += found.notes
    if others and options.sheet is None:
        said = f"Of the sheets, {sheet!r} was read, not {listed(others, 5)} (--sheet)."
        source.notes.append(Doubt(said))
    return source


def _chosen(name: str, sheets: list[str], wanted: str | None) -> list[str]:
    """The sheet of this name, or number from 1; without either all, to try in turn."""
    if wanted is None or wanted in sheets:
        return sheets if wanted is None else [wanted]
    if wanted.isdecimal() and 0 < int(wanted) <= len(sheets):
        return [sheets[int(wanted) - 1]]
    known = listed(map(repr, sheets))
    raise TableError(f"--sheet {wanted}: {name} has the sheets {known}, from 1 on.")


def _check_formulas(file: File, sheet: str, cells: Any) -> None:
    """Refuse cells that are missing because nobody computed them."""
    openpyxl = import_optional("openpyxl", "excel")
    with closing(openpyxl.load_workbook(file.path)) as book:
        texts = pd.DataFrame(book[sheet].values).reindex_like(cells)
    texts = texts.where(cells.isna()).astype(str).to_numpy()
    for row, column in np.argwhere(np.char.startswith(texts.astype(str), "=")):
        raise TableError(
            f"{file.name} has formulas without a value (first {texts[row, column]!r} "
            f"in row {row + 1}): open and save it in a spreadsheet program."
        )


ENGINES = {"Excel": "openpyxl", "OpenDocument": "odf"}
FORMS: dict[str, Callable[[File, Options], Source]] = {
    "": TextTable, "Parquet": _parquet, "Feather": _feather, "JSON": _json,
    "Excel": _sheet, "OpenDocument": _sheet,
}  # fmt: skip


def _refuse_options(name: str, options: Options, *useless: str) -> None:
    """Refuse options that would have no effect."""
    for option in useless:
        if getattr(options, option) != getattr(Options, option):
            kind = "workbooks" if option == "sheet" else "tables of text"
            option = "no-header" if option == "header" else option.replace("_", "-")
            raise TableError(f"--{option} is for {kind}, which {name} is not.")


def memory_source(X: Any, name: str, options: Options) -> Source:
    """A table in memory: a frame of any make, an array or a sparse matrix."""
    names, columns = _columns(X)
    _refuse_options(name, options, *SHEET, *TEXT)
    names = column_names(names, name)
    shape = len(columns[0]) if len(columns) else 0, len(columns)
    if 0 in shape:
        raise TableError(f"{name} has the shape {shape}: there is nothing to report.")
    kinds = [getattr(getattr(cells, "dtype", None), "kind", "") for cells in columns]
    pairs = zip(names, kinds, strict=True)
    unusable = {column: COMPLEX for column, kind in pairs if kind == "c"}
    batch = pa.RecordBatch.from_arrays(list(map(_arrow, columns)), names)
    return Source(
        name, names, lambda: iter([batch]), missing=options.missing, unusable=unusable
    )


def _columns(X: Any) -> tuple[list[Any], list[Any]]:
    """Names and columns of a table, each as its maker has it."""
    refuse_lazy(X)
    shape = X.shape if hasattr(X, "shape") else np.asarray(X, dtype=object).shape
    if len(shape) != 2:
        _refuse(X, tuple(shape))
    X = X.to_arrow() if hasattr(X, "to_arrow") else X
    if hasattr(X, "schema") and hasattr(X, "itercolumns"):
        # a table or record batch of Arrow
        return list(X.schema.names), list(X.itercolumns())
    if hasattr(X, "iloc"):
        return list(X.columns), [X.iloc[:, i] for i in range(X.shape[1])]
    if not np.ma.isMaskedArray(X):
        X = X.toarray() if hasattr(X, "toarray") else np.asarray(X)
    return [f"x{i}" for i in range(X.shape[1])], list(X.T)


def _refuse(X: Any, shape: tuple[int, ...]) -> None:
    """Say of what has no rows and columns, such as a Series, a dict or None."""
    module, name = type(X).__module__.split(".")[0], type(X).__name__
    got = name if module == "builtins" else f"{module}.{name}"
    got = repr(X) if X is None or isinstance(X, str) else got
    axes = f" of shape {shape}" if shape else ""
    hint = ": pass X.to_frame()" if hasattr(X, "to_frame") else ""
    hint = ": make it a pandas.DataFrame" if isinstance(X, dict) else hint
    said = f"X must be a table of rows and columns, got {got}{axes}{hint}."
    # of arrays it is the shape that is wrong
    raise (TableError if isinstance(X, np.ndarray | list | tuple) else TypeError)(said)


def _arrow(column: Any) -> Any:
    """A column as Arrow has it; cells of several kinds as texts."""
    try:
        given = hasattr(column, "null_count")
        array = column if given else pa.array(column, from_pandas=True)
    except (pa.ArrowException, UnicodeError, TypeError, ValueError, OverflowError):
        array = None
    if hasattr(array, "chunks"):
        array = array.combine_chunks()
    if array is None or isinstance(array.type, pa.BaseExtensionType):
        gaps, cells = np.ma.getmask(column), np.asarray(column, object)
        cells = np.where(gaps, np.array(None, object), cells)
        return pa.array(list(map(_text, cells)), "string")
    return array


def _text(cell: Any) -> str | None:
    return None if is_missing(cell) else str(cell).encode("utf-8", "replace").decode()
