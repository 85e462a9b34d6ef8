# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a file is, by its first bytes, and its bytes without what they are packed in."""

import bz2
import gzip
import lzma
import shutil
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from skneon._tables._libraries import pa
from skneon._tables._words import TableError, listed

KNOWN = {
    b"PAR1": "Parquet",
    b"ARROW1": "Feather",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"(\xb5/\xfd": "zstd",
    b"PK\x03\x04": "zip",
    b'{"': "JSON lines",
    b'[{"': "JSON",
}
# what is named, and what there is to do
OTHERS = {
    b"\xd0\xcf\x11\xe0": "an Excel workbook of before 2007: save it as .xlsx or CSV",
    b"FEA1\0": "a Feather file of version 1: write it by version 2",
    b"Obj\x01": "an Avro file: save it as Parquet",
    b"SQLite format 3": "an SQLite database: save one table of it as CSV",
    b"\x89HDF": "an HDF5 file: save one table of it as Parquet or CSV",
    b"CDF\x01": "a NetCDF file: save it as CSV",
    b"\x93NUMPY": "an array of NumPy: pass numpy.load(path) to skneon.prepare",
    b"\x80\x04": "a pickle: load it in Python and pass the table to skneon.prepare",
    b"\x80\x05": "a pickle: load it in Python and pass the table to skneon.prepare",
    b"<stata_dta>": "a Stata file: pass pandas.read_stata(path) to skneon.prepare",
    b"$FL2": "an SPSS file: pass pandas.read_spss(path) to skneon.prepare",
    b"RDX3\n": "an R workspace: save it by write.csv",
    b"MATLAB 5.0 MAT": "a MATLAB file: save it as CSV",
    b"%PDF-": "a PDF document: copy the table into a CSV file",
    b"<!DOCTYPE": "a page of HTML: save the table as CSV",
    b"<!doctype": "a page of HTML: save the table as CSV",
    b"<html": "a page of HTML: save the table as CSV",
    b"<?xml": "an XML document: save the table as CSV",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"7z\xbc\xaf": "a 7z archive: unpack it",
    b"Rar!\x1a": "a RAR archive: unpack it",
}
DAMAGED = EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile
UNPACK: dict[str, Any] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}


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
        try:
            with ExitStack() as stack:
                yield stack.enter_context(_unpacked(self.path, self.packed, stack))
        except DAMAGED as error:
            raise TableError(f"{self.name} is damaged: {error}") from None
        except BrokenPipeError:
            raise
        except OSError as error:
            reason = error.strerror or error
            raise TableError(f"{self.name} cannot be read: {reason}.") from None


def _unpacked(path: Path, packed: str, stack: ExitStack) -> Any:
    if packed == "zip":
        archive = stack.enter_context(zipfile.ZipFile(path))
        return archive.open(_members(archive)[0])
    if packed == "zstd":
        return pa.input_stream(str(path), compression="zstd")
    unpack: Any = UNPACK.get(packed, open)
    return unpack(path, "rb")


def _members(archive: zipfile.ZipFile) -> list[str]:
    names = [name for name in archive.namelist() if not name.endswith("/")]
    return [name for name in names if not name.startswith("__MACOSX")]


@contextmanager
def open_file(data: str) -> Iterator[File]:
    """The file of this name, or standard input for "-", which is copied first."""
    name = "standard input" if data == "-" else data
    with ExitStack() as stack:
        file = _recognised(File(_lasting(data, stack), name))
        yield file


def _lasting(data: str, stack: ExitStack) -> Path:
    """Path of a file that can be read several times: a pipe is copied."""
    path = Path(data)
    try:
        if data == "-":
            stream: Any = sys.stdin.buffer
        elif path.is_dir():
            raise TableError(f"{data} is a folder: name a file in it.")
        elif not path.exists():
            raise TableError(f"{data}: there is no such file.")
        elif path.is_file():
            return path
        else:
            stream = stack.enter_context(path.open("rb"))
    except TableError:
        raise
    except (OSError, ValueError) as error:
        raise TableError(f"{data!r} cannot be read: {error}") from None
    copy = Path(stack.enter_context(TemporaryDirectory(prefix="skneon-"))) / "copy"
    try:
        with copy.open("wb") as file:
            shutil.copyfileobj(stream, file)
    except OSError as error:
        raise TableError(f"{data} cannot be kept in {copy.parent}: {error}") from None
    return copy


def _recognised(file: File) -> File:
    """The same file with its form and what it is packed in."""
    with file.opened() as stream:
        start = stream.read(512)
    form = _form(start, file.name)
    if form == "zip":
        form = _zipped(file)
        if form == "Excel" or form == "OpenDocument":
            return File(file.path, file.name, form)
    if form not in (*UNPACK, "zstd", "zip"):
        return File(file.path, file.name, form)
    packed = File(file.path, file.name, packed=form)
    with packed.opened() as stream:
        inner = _form(stream.read(512), file.name)
    if inner not in ("", "JSON lines"):
        raise TableError(f"{file.name} is {inner} inside {form}: unpack it.")
    return File(file.path, file.name, inner, form)


def _form(start: bytes, name: str) -> str:
    """What the first bytes of a file say it is; "" for text."""
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip(b" \r\n")
    for bytes_, what in OTHERS.items():
        if start.startswith(bytes_):
            raise TableError(f"{name} is {what}.")
    if start[257:262] == b"ustar":
        raise TableError(f"{name} is a tar archive: unpack it.")
    found = [form for bytes_, form in KNOWN.items() if start.startswith(bytes_)]
    return found[-1] if found else ""


def _zipped(file: File) -> str:
    with file.opened(), zipfile.ZipFile(file.path) as archive:
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
    return "zip"
