# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a file is, by its first bytes, and its bytes without what they are packed in."""

import bz2
import gzip
import lzma
import re
import shutil
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from skneon._tables._data_sets import DATA_SETS
from skneon._tables._words import TableError, listed, pa

KNOWN = {
    b"PAR1": "Parquet", b"ARROW1": "Feather", rb"\{\s*[\"}]|\[\s*[\[{]": "JSON",
    b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\\(\xb5/\xfd": "zstd",
    b"PK\x03\x04": "zip",
}  # fmt: skip
# what is named, and what there is to do
OTHERS = {
    rb"\xd0\xcf\x11\xe0": "an Excel workbook of before 2007: save it as .xlsx or CSV",
    rb"FEA1\0": "a Feather file of version 1: write it by version 2",
    rb"Obj\x01": "an Avro file: save it as Parquet",
    rb"SQLite format 3": "an SQLite database: save one table of it as CSV",
    rb"\x89HDF": "an HDF5 file: save one table of it as Parquet or CSV",
    rb"CDF\x01": "a NetCDF file: save it as CSV",
    rb"\x93NUMPY": "an array of NumPy: pass numpy.load(path) to skneon.prepare",
    rb"\x80[\4\5]": "a pickle: load it in Python and pass the table to skneon.prepare",
    rb"<stata_dta>": "a Stata file: pass pandas.read_stata(path) to skneon.prepare",
    rb"\$FL2": "an SPSS file: pass pandas.read_spss(path) to skneon.prepare",
    rb"RDX3\n": "an R workspace: save it by write.csv",
    rb"MATLAB 5.0 MAT": "a MATLAB file: save it as CSV",
    rb"%PDF-": "a PDF document: copy the table into a CSV file",
    rb"(?i)<(!doctype|html)": "a page of HTML: save the table as CSV",
    rb"<\?xml": "an XML document: save the table as CSV",
    rb"\x89PNG|\xff\xd8\xff": "a picture",
    rb"7z\xbc\xaf|Rar!\x1a": "a 7z or RAR archive: unpack it",
    rb"(?s).{257}ustar": "a tar archive: unpack it",
}
DAMAGED = EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile


@contextmanager
def told(name: str, form: str = "") -> Iterator[None]:
    """Say in words what is wrong with a file, also in what reads the form."""
    others = (ValueError, NotImplementedError, RecursionError) if form else ()
    try:
        yield
    except (BrokenPipeError, TableError):
        raise
    except DAMAGED as error:
        raise TableError(f"{name} is damaged: {error}") from None
    except (OSError, *others) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        as_form = f" as {form}" if form else ""
        raise TableError(f"{name} cannot be read{as_form}: {reason}") from None


@contextmanager
def _unzipped(path: Path) -> Iterator[Any]:
    with zipfile.ZipFile(path) as archive, archive.open(_members(archive)[0]) as file:
        yield file


def _members(archive: zipfile.ZipFile) -> list[str]:
    return [n for n in archive.namelist() if not re.match("__MACOSX|.*/$", n)]


UNPACK: dict[str, Any] = {
    "": lambda path: path.open("rb"),
    "gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open, "zip": _unzipped,
    "zstd": lambda path: pa.input_stream(str(path), compression="zstd"),
}  # fmt: skip


@dataclass(frozen=True)
class File:
    """A file that can be read several times, and what messages call it."""

    path: Path
    name: str
    form: str = ""
    packed: str = ""

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Its bytes, unpacked; what goes wrong in it is told."""
        with told(self.name), UNPACK[self.packed](self.path) as stream:
            yield stream


@contextmanager
def open_file(data: str) -> Iterator[File]:
    """The file of this name, or standard input for "-"; a pipe is copied first."""
    with ExitStack() as stack:
        with told(repr(data), "a file"):
            path = _lasting(data, stack)
        file = File(path, "standard input" if data == "-" else data)
        file = replace(file, form=_form(file))
        if file.form in UNPACK:
            file = replace(file, form="", packed=file.form)
            file = replace(file, form=_form(file))
            if file.form not in ("", "JSON"):
                said = f"{file.name} is {file.form} inside {file.packed}: unpack it."
                raise TableError(said)
        yield file


def is_data_set(data: Any) -> bool:
    """Whether a name is that of a data set of scikit-learn, and of no file."""
    return isinstance(data, str) and data in DATA_SETS and not Path(data).exists()


def check_there(data: str, is_table: bool = True) -> None:
    """Refuse folders, and names of no file; a table may be a data set."""
    if is_table and is_data_set(data):
        return
    with told(repr(data), "a file"):
        if Path(data).is_dir():
            raise TableError(f"{data} is a folder: name a file in it.")
        if not Path(data).exists():
            may_be = is_table and Path(data).name == data and not Path(data).suffix
            names = f", and no such data set of scikit-learn: {listed(DATA_SETS)}"
            raise TableError(f"{data}: there is no such file{names * may_be}.")


def _lasting(data: str, stack: ExitStack) -> Path:
    path, stream = Path(data), sys.stdin.buffer
    if data != "-":
        check_there(data)
        if path.is_file():
            return path
        stream = stack.enter_context(path.open("rb"))
    copy = Path(stack.enter_context(TemporaryDirectory(prefix="skneon-"))) / "copy"
    try:
        with copy.open("wb") as file:
            shutil.copyfileobj(stream, file)
    except OSError as error:
        raise TableError(f"{data} cannot be kept in {copy.parent}: {error}") from None
    return copy


def _form(file: File) -> str:
    """What the first bytes of a file say it is; "" for text."""
    with file.opened() as stream:
        start = stream.read(512).removeprefix(b"\xef\xbb\xbf").lstrip(b" \r\n")
    for pattern, what in OTHERS.items():
        if re.match(pattern, start):
            raise TableError(f"{file.name} is {what}.")
    form = next((form for key, form in KNOWN.items() if re.match(key, start)), "")
    if form != "zip" or file.packed:
        return form
    with told(file.name), zipfile.ZipFile(file.path) as archive:
        names = _members(archive)
        if "xl/workbook.xml" in names:
            return "Excel"
        if "mimetype" in names and b"opendocument" in archive.read("mimetype"):
            return "OpenDocument"
    if len(names) != 1:
        raise TableError(
            f"{file.name} is a zip archive of {len(names)} files ({listed(names, 5)}): "
            "unpack the one that is meant."
        )
    return form
