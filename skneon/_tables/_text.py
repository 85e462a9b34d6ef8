# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Text tables, read in parts by Arrow, as texts; nothing ragged is taken."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from skneon._tables._layout import HEAD, Layout, layout, tabbed
from skneon._tables._lazy import Lazy, pa
from skneon._tables._open import File
from skneon._tables._options import Options
from skneon._tables._source import MISSING, Source
from skneon._tables._words import TableError

arrow_csv = Lazy("pyarrow.csv")
# bytes that are parsed at a time, at the least, and lines of the head in them
BLOCK, LINES = 1 << 20, 64


class Stream:
    """Blocks of bytes as a file for Arrow, which counts the double quotes."""

    closed = False

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks, self._rest, self.n_quotes = iter(blocks), b"", 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes, as many as are asked for where there are so many."""
        parts, length = [self._rest], len(self._rest)
        while length < size and (block := next(self._blocks, b"")):
            self.n_quotes += block.count(b'"')
            parts.append(block)
            length += len(block)
        whole = b"".join(parts)
        given, self._rest = whole[:size], whole[size:]
        return given

    def close(self) -> None:
        """Nothing: who opened the file closes it."""


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
        for line in islice(self._text_lines(raw), n_lines, None):
            yield (tabbed(line) if blank else line).encode("utf-8")

    def read(self) -> Iterator[Any]:
        """Record batches of texts."""
        found = self.layout
        names = [str(i) for i in range(len(found.columns) + found.is_padded)]
        delimiter = "\t" if found.is_blank else found.delimiter
        try:
            with self.file.opened() as raw:
                stream = Stream(self._blocks(raw))
                yield from self._batches(stream, names, delimiter)
        except (pa.ArrowInvalid, UnicodeError) as error:
            self._blame()
            reason = str(error).splitlines()[0]
            raise TableError(f"{self.file.name} cannot be read: {reason}") from None
        if stream.n_quotes % 2:
            self._blame()

    def _batches(
        self, stream: Stream, names: Sequence[str], delimiter: str
    ) -> Iterator[Any]:
        first = stream.read(1)
        if not first:
            return
        stream._rest = first + stream._rest
        reader = arrow_csv.open_csv(
            pa.PythonFile(stream, "r"),
            arrow_csv.ReadOptions(
                column_names=names, block_size=max(BLOCK, LINES * self.longest)
            ),
            arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=sorted(MISSING.union(self.options.missing)),
                strings_can_be_null=True,
            ),
        )
        for batch in reader:
            if self.layout.is_padded:
                if batch.column(len(names) - 1).null_count < batch.num_rows:
                    self._blame()
                batch = batch.select(names[:-1])
            yield batch

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
