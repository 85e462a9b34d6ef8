# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Text tables, read in parts by Arrow, as texts; nothing ragged is taken."""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from skneon._tables._layout import HEAD, Layout, layout, tabbed
from skneon._tables._libraries import Lazy, pa
from skneon._tables._open import File
from skneon._tables._options import Options
from skneon._tables._source import MISSING, Source
from skneon._tables._words import TableError

arrow_csv = Lazy("pyarrow.csv")
# bytes that are parsed at a time, at the least, and lines of the head in them
BLOCK, LINES = 1 << 22, 64


class TextTable:
    """A text table as a file has it."""

    def __init__(self, file: File, options: Options) -> None:
        self.file, self.options = file, options
        self.encoding = options.encoding or "utf-8"
        if self.encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
            self.encoding = "utf-8-sig"
        with self.file.opened() as raw:
            lines = list(islice(self._text_lines(raw), HEAD))
        self.longest = max(map(len, lines), default=0)
        self.layout: Layout = layout(lines, options, file.name)

    def source(self) -> Source:
        """The table as a Source."""
        found = self.layout
        notes, missing = list(found.notes), self.options.missing
        columns = found.columns
        return Source(self.file.name, columns, self.read, notes, found.labels, missing)

    def _text_lines(self, raw: BinaryIO) -> Iterator[str]:
        """Lines of text, without comments; what cannot be decoded is told."""
        comment = self.options.comment
        try:
            with io.TextIOWrapper(raw, self.encoding, newline="") as text:
                for line in text:
                    if not (comment and line.startswith(comment)):
                        yield line
        except UnicodeError as error:
            raise TableError(
                f"{self.file.name} is not {self.options.encoding or 'UTF-8'} text "
                f"({error}): say its --encoding, such as latin-1, cp1252 or utf-16, or "
                "save it as UTF-8."
            ) from None
        except LookupError:
            raise TableError(
                f"--encoding {self.options.encoding} is not known."
            ) from None

    def _blocks(self, raw: BinaryIO) -> Iterator[bytes]:
        """Bytes of UTF-8 behind the header."""
        n_lines, blank = self.layout.n_lines, self.layout.is_blank
        if self.encoding == "utf-8-sig" and not self.options.comment and not blank:
            start = b"".join(islice(raw, n_lines))
            if n_lines and b"\r" not in start.replace(b"\r\n", b""):
                while block := raw.read(BLOCK):
                    yield block
                return
            raw.seek(0)
        lines = islice(self._text_lines(raw), n_lines, None)
        while part := list(islice(lines, LINES * LINES)):
            yield "".join(map(tabbed, part) if blank else part).encode("utf-8")

    def read(self) -> Iterator[Any]:
        """Record batches of texts."""
        names = [str(i) for i in range(len(self.layout.columns))]
        padded = ["padding"] * self.layout.is_padded
        try:
            with self.file.opened() as raw:
                for block in self._whole_records(raw):
                    table = self._parsed(block, names + padded)
                    if padded and table["padding"].null_count < table.num_rows:
                        self._blame()
                    yield from table.select(names).to_batches()
        except (pa.ArrowInvalid, UnicodeError) as error:
            self._blame()
            reason = str(error).splitlines()[0]
            raise TableError(f"{self.file.name} cannot be read: {reason}") from None

    def _whole_records(self, raw: BinaryIO) -> Iterator[bytes]:
        """Blocks of bytes that end with a record, by the double quotes before it."""
        size, rest, whole = max(BLOCK, LINES * self.longest), b"", b""
        for block in self._blocks(raw):
            rest += block
            if len(rest) < size:
                continue
            end = rest.rfind(b"\n")
            while end >= 0 and rest.count(b'"', 0, end) % 2:
                end = rest.rfind(b"\n", 0, end)
            whole, rest = rest[: end + 1], rest[end + 1 :]
            if whole:
                yield whole
        if rest.count(b'"') % 2:
            self._blame()
        if rest.strip(b"\r\n"):
            yield rest

    def _parsed(self, block: bytes, names: Sequence[str]) -> Any:
        delimiter = "\t" if self.layout.is_blank else self.layout.delimiter
        return arrow_csv.read_csv(
            pa.BufferReader(block),
            arrow_csv.ReadOptions(column_names=names, block_size=len(block) + 1),
            arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=sorted(MISSING.union(self.options.missing)),
                strings_can_be_null=True,
            ),
        )

    def _blame(self) -> None:
        """Name the line that Arrow does not take, by Python's own reader."""
        name, found = self.file.name, self.layout
        width, line = len(found.columns), 0
        with self.file.opened() as raw:
            lines: Any = islice(self._text_lines(raw), found.n_lines, None)
            if found.is_blank:
                lines = map(tabbed, lines)
            delimiter = "\t" if found.is_blank else found.delimiter
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            try:
                for record in reader:
                    line = found.n_lines + reader.line_num
                    padded = found.is_padded and not "".join(record[width:]).strip()
                    given = len(record) - padded
                    if record and given != width:
                        raise TableError(
                            f"{name}: line {line} has {given} fields, the header line "
                            f"has {width}. Fix that line; texts that hold the "
                            "separator belong in double quotes, and lines of no table "
                            "are left out by --skip-lines or --comment."
                        )
            except csv.Error as error:
                line = found.n_lines + reader.line_num
                raise TableError(
                    f"{name}: line {line} cannot be read as CSV ({error}): look for a "
                    "double quote without its partner."
                ) from None
