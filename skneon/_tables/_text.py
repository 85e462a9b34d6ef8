# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Text tables, read in parts by Arrow, as texts; nothing ragged is taken."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from skneon._tables._layout import HEAD, layout, reader, tabbed
from skneon._tables._open import File
from skneon._tables._source import MISSING, Source
from skneon._tables._words import Lazy, Options, TableError, pa
from skneon.explanation._text import count

arrow_csv = Lazy("pyarrow.csv")
# bytes that are parsed at a time, at the least, and lines of the head in them
BLOCK, LINES = 1 << 22, 64


class Bytes(io.RawIOBase):
    """Pieces of bytes as a stream that counts the double quotes in it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        # a line that ends makes no record
        self._pieces, self._rest, self.n_quotes = chain(pieces, [b"\n"]), b"", 0

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Put the next bytes into the buffer; their number."""
        if not self._rest:
            self._rest = next(self._pieces, b"")
            self.n_quotes += self._rest.count(b'"')
        n = min(len(buffer), len(self._rest))
        buffer[:n], self._rest = self._rest[:n], self._rest[n:]
        return n


class TextTable(Source):
    """The text table in a file: its layout, and its records as Arrow has them."""

    def __init__(self, file: File, options: Options) -> None:
        self.file, self.options = file, options
        self.encoding = options.encoding or "utf-8"
        if self.encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
            self.encoding = "utf-8-sig"
        with self._lines() as lines:
            head = list(islice(lines, options.skip_lines + HEAD))
        if any("\0" in line for line in head):
            raise TableError(
                f"{file.name} holds NUL characters, as UTF-16 has in the place of "
                "others: say its --encoding, such as utf-16 or utf-16-le."
            )
        self.block = max(BLOCK, LINES * max(map(len, head), default=0))
        found = self.layout = layout(head, options, file.name)
        batches, missing = self._batches, options.missing
        super().__init__(
            file.name, found.columns, batches, found.notes, found.labels, missing
        )

    @contextmanager
    def _lines(self) -> Iterator[Iterator[str]]:
        """Lines of text, without comments; what cannot be decoded is told."""
        options, mark = self.options, self.options.comment
        try:
            with (
                self.file.opened() as raw,
                io.TextIOWrapper(raw, self.encoding, newline="") as text,
            ):
                yield (t for t in text if not (mark and t.startswith(mark)))
        except UnicodeError as error:
            raise TableError(
                f"{self.file.name} is not {options.encoding or 'UTF-8'} text "
                f"({error}): say its --encoding, such as latin-1, cp1252 or utf-16, or "
                "save it as UTF-8."
            ) from None
        except LookupError:
            raise TableError(f"--encoding {options.encoding} is not known.") from None

    @contextmanager
    def _bytes(self) -> Iterator[Bytes]:
        """The same as bytes of UTF-8, with tabs in the place of blanks."""
        blank = self.layout.delimiter == " "
        if self.encoding == "utf-8-sig" and not (self.options.comment or blank):
            with self.file.opened() as raw:
                yield Bytes(iter(lambda: raw.read(BLOCK), b""))
                return
        with self._lines() as lines:
            lines = map(tabbed, lines) if blank else lines
            yield Bytes(iter(lambda: "".join(islice(lines, LINES)).encode(), b""))

    def _batches(self) -> Iterator[Any]:
        """Record batches of texts."""
        found, n = self.layout, len(self.layout.columns)
        names = [str(i) for i in range(n + found.is_padded)]
        how = (
            arrow_csv.ReadOptions(
                column_names=names, skip_rows=found.n_lines, block_size=self.block
            ),
            arrow_csv.ParseOptions(
                delimiter=found.delimiter.replace(" ", "\t"), newlines_in_values=True
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=sorted(MISSING.union(self.options.missing)),
                strings_can_be_null=True,
            ),
        )
        try:
            with self._bytes() as stream:
                # as much as is asked for comes at a time
                whole = io.BufferedReader(stream, BLOCK)
                for batch in arrow_csv.open_csv(whole, *how):
                    if found.is_padded and batch.column(n).null_count < batch.num_rows:
                        self._blame()
                    yield batch.select(names[:n])
                if stream.n_quotes % 2:
                    self._blame()
        except (pa.ArrowInvalid, UnicodeError) as error:
            self._blame()
            reason = str(error).splitlines()[0]
            raise TableError(f"{self.file.name} cannot be read: {reason}") from None

    def _blame(self) -> None:
        """Name the line that Arrow does not take, by Python's own reader."""
        found, width, said = self.layout, len(self.columns), ""
        with self._lines() as lines:
            rows = reader(islice(lines, found.n_lines, None), found.delimiter)
            try:
                for record in filter(None, rows):
                    padded = found.is_padded and not "".join(record[width:]).strip()
                    if (n := len(record) - padded) != width:
                        said = (
                            f"has {count(n, 'field')}, the header line has {width}. "
                            "Fix that line; texts that hold the separator belong in "
                            "double quotes, and lines of no table are left out by "
                            "--skip-lines or --comment."
                        )
                        break
            except csv.Error as error:
                said = f"cannot be read as CSV ({error}): look for a double quote "
                said += "without its partner."
        if said:
            line = found.n_lines + rows.line_num
            raise TableError(f"{self.name}: line {line} {said}")
