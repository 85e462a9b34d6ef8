# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Where a table begins in a text, what separates its columns, and their names."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from skneon._tables._kinds._missing import is_mark_of_letters
from skneon._tables._options import Options
from skneon._tables._words import Doubt, TableError, listed

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}
OPTION = {"\t": "tab", "|": "'|'", ";": "';'", " ": "space"}
# lines that tell how the table is written, and how many of them may be no part of it
HEAD, BEFORE = 200, 40
SEP = re.compile(r'"?sep=(.)"?\s*')
# a quoted text, or blanks between texts
BLANKS = re.compile(r'("(?:[^"]|"")*")|(?<=\S)[ \t]+(?=\S)|^[ \t]+|[ \t]+(?=\r?\n?$)')
NUMBER = re.compile(r"[+-]?(\d+[\d.,]*|[.,]\d+)([eE][+-]?\d+)?%?")
GAPS = frozenset(
    ("?", "-", "--", ".", "..", "*", "na", "n/a", "nan", "null", "missing")
)


@dataclass
class Layout:
    """Delimiter, names, lines before the data, and what is said of them."""

    delimiter: str
    columns: list[str]
    n_lines: int
    notes: list[str] = field(default_factory=list)
    labels: str | None = None
    is_padded: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether any run of blanks separates columns."""
        return self.delimiter == " "


def tabbed(line: str) -> str:
    """The line with a tab for every run of blanks that is not quoted."""

    def to_tab(found: re.Match[str]) -> str:
        inside = 0 < found.start() and found.end() < len(line.rstrip("\r\n"))
        return found[1] or ("\t" if inside else "")

    return BLANKS.sub(to_tab, line)


Record = tuple[int, list[str]]


def records(lines: Sequence[str], delimiter: str) -> list[Record]:
    """Line number and fields of the records, less the last where a quote is open."""
    if delimiter == " ":
        lines, delimiter = [tabbed(line) for line in lines], "\t"
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    found = []
    try:
        for record in reader:
            if record:
                found.append((reader.line_num, record))
    except csv.Error:
        pass
    return found


def layout(lines: Sequence[str], options: Options, name: str) -> Layout:
    """Find the table in the first lines of a text.

    Raises
    ------
    TableError
        Where several delimiters are possible; the message names the option.
    """
    skipped, notes = options.skip_lines, []
    delimiter = options.delimiter
    if lines[skipped:] and (sep := SEP.fullmatch(lines[skipped])):
        skipped, delimiter = skipped + 1, delimiter or sep[1]
        notes.append("The first line names the separator.")
    comments = 0
    while options.comment is None and lines[skipped + comments :]:
        line = lines[skipped + comments]
        if not line.startswith("#") and (line.strip() or not comments):
            break
        comments += 1
    body = lines[skipped + comments :]
    if not any(line.strip() for line in body):
        # what looks like comments is the table
        comments, body = 0, lines[skipped:]
    if not any(line.strip() for line in body):
        raise TableError(f"{name} is empty.")
    delimiter, start = _found(body, delimiter, name)
    found = records(body, delimiter)
    if not found:
        raise TableError(
            f"{name}: line {skipped + comments + 1} cannot be read as CSV: look for a "
            "double quote without its partner."
        )
    above = lines[skipped + comments - 1].lstrip("#").strip() if comments else ""
    named = [cells for _, cells in records([above], delimiter)]
    if comments and options.header and len(named[:1]) and start == 0:
        width = len(found[0][1])
        if len(named[0]) == width > 1 and any(map(is_number, found[0][1])):
            # the names are the last of the comments
            found.insert(0, (0, named[0]))
    if comments:
        notes.append(f"Skipped, {_lines(comments)} of comments.")
    if start:
        first = body[0].strip()[:40]
        notes.append(f"Skipped, {_lines(found[start - 1][0])} of a title: {first!r}.")
    ahead = skipped + comments
    return _named(found[start:], delimiter, ahead, options, name, notes)


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number} lines"


def _found(lines: Sequence[str], given: str | None, name: str) -> tuple[str, int]:
    """The delimiter, and the record in which the table starts."""
    starts: dict[str, int | None] = {}
    exact: list[str] = []
    for delimiter in [given] if given else [",", ";", "\t", "|"]:
        found = [cells for _, cells in records(lines, delimiter)]
        if delimiter == given and not found:
            return given, 0
        # a quote without its partner: this delimiter stood in a quoted name
        torn = any(cell.count('"') % 2 for cell in found[0]) if found else True
        if not torn and (given or max(map(len, found)) > 1):
            starts[delimiter] = _start(found)
            if len({*map(len, found)}) == 1:
                exact.append(delimiter)
    whole = [d for d, start in starts.items() if start == 0]
    later = [d for d, start in starts.items() if start]
    fits = exact or whole or later
    if len(fits) == 1:
        return fits[0], starts[fits[0]] or 0
    wide = [d for d in starts if len(records(lines, d)[0][1]) > 1]
    if not fits and len(wide) <= 1:
        if not wide and not given and _is_blank_separated(lines):
            return " ", _start([cells for _, cells in records(lines, " ")]) or 0
        if not wide and not given and _is_one_of_commas(lines):
            return ";", 0
        return given or next(iter(wide), ","), 0
    choice = " or ".join(NAMES[d] for d in (fits or wide))
    raise TableError(
        f"{name} may be separated by {choice}"
        f"{'' if fits else ', but by none has every line as many fields'}: say "
        f"which, as in --delimiter {OPTION.get((fits or wide)[-1], ',')}."
    )


def _start(found: list[list[str]]) -> int | None:
    """The first record of those that have as many fields; None where a later lacks."""
    widths = [len(cells) for cells in found]
    width, start = widths[-1], len(widths) - 1
    while start and widths[start - 1] == width:
        start -= 1
    short = start and widths[start - 1] == width - 1 > 1 and len(widths) - start > 1
    if short and not _second_header([(0, cells) for cells in found[start:]]):
        # a header that is one field short
        start -= 1
    if not start:
        return 0
    apart = all(n != width for n in widths[:start]) and width > 1
    header = not any(map(is_number, found[start]))
    long = len(widths) - start > 2 and start <= BEFORE
    return start if apart and header and long else None


def _is_one_of_commas(lines: Sequence[str]) -> bool:
    """Whether there is a single column, of numbers with decimal commas."""
    filled = [line.strip() for line in lines[1:] if line.strip(' "\r\n')]
    commas = any("," in text for text in filled)
    return commas and all(is_number(text) for text in filled)


def _is_blank_separated(lines: Sequence[str]) -> bool:
    """Whether lines have as many words each, with numbers among them."""
    found = [cells for _, cells in records(lines, " ")]
    start = _start(found) if found else None
    if start is None or len(found[-1]) < 2 or len(found) < 3:
        return False
    columns = zip(*found[start + 1 :], strict=True)
    return any(all(map(is_number, column)) for column in columns)


def is_number(cell: str) -> bool:
    """Whether a cell is written as numbers are."""
    return NUMBER.fullmatch(cell.strip()) is not None


def _named(
    found: list[Record], delimiter: str, ahead: int, options: Options, name: str,
    notes: list[str],
) -> Layout:  # fmt: skip
    """The layout by the records of the table, the header first."""
    body = found
    n_lines, header = ahead, []
    if options.names is not None:
        header = list(options.names)
    elif not options.header:
        header = [f"x{i}" for i in range(len(found[0][1]))]
    else:
        (line, header), body = found[0], found[1:]
        n_lines += line
        if any(map(is_number, header)):
            where = "The first line" if n_lines <= 1 else f"Line {n_lines}"
            notes.append(
                Doubt(f"{where}, {listed(header, 5)}, was taken for the header.")
            )
        elif again := _recurring(header, body):
            notes.append(
                Doubt(
                    "The first line was taken for the header, but below in their "
                    f"columns are {listed(map(repr, again), 5)}, too: if it is a row, "
                    "say --no-header."
                )
            )
        second = _second_header(body, options.missing)
        if second:
            n_lines = ahead + body[0][0]
            said, filled = listed(body[0][1], 5), [cell.strip() for cell in header]
            if all(filled) and len({*filled}) == len(filled):
                notes.append(f"Line {n_lines}, {said}, was taken for units.")
            else:
                header = _joined(header, body[0][1])
                notes.append(f"Line {n_lines}, {said}, was taken for a second header.")
            body = body[1:]
    result = Layout(delimiter, [], n_lines, notes)
    over = {len(cells) - len(header) for _, cells in body}
    if options.names is not None and len(over) == 1 and over != {0}:
        raise TableError(
            f"--names: {len(header)} names for rows of {len(body[0][1])} cells: name "
            f"each column of {name}."
        )
    if over == {1} and len(header) > 0:
        result.is_padded = not any(cells[-1].strip() for _, cells in body)
        if not result.is_padded and len(body) > 1:
            header.insert(0, result.labels or "row_name")
            result.labels = header[0]
            notes.append("The header lacks a name: the first column labels the rows.")
        elif result.is_padded:
            notes.append("A separator at the end of each line was left out.")
    result.columns = column_names(header, name)
    form = f"separated by {NAMES.get(delimiter, repr(delimiter))}"
    if len(result.columns) == 1:
        form = "of a single column"
    notes.insert(0, f"Read as text, {form}.")
    return result


def _recurring(header: Sequence[str], body: list[Record]) -> list[str]:
    """The names that are values of their columns, too."""
    columns = zip_longest(*(cells for _, cells in body), fillvalue="")
    pairs = zip(map(str.strip, header), columns, strict=False)
    return [name for name, cells in pairs if name and name in map(str.strip, cells)]


def _second_header(body: list[Record], missing: Sequence[str] = ()) -> bool:
    """Whether the first record has words where all the others have numbers."""
    first, others = body[0][1] if body else [], [cells for _, cells in body[1:]]
    if len(others) < 2 or {len(cells) for cells in others} != {len(first)}:
        return False
    found = False
    columns = zip(*others, strict=True)
    for cell, column in zip(map(str.strip, first), columns, strict=True):
        filled = [text for text in column if text.strip()]
        if filled and all(map(is_number, filled)):
            gap = cell.lower() in GAPS or cell in missing or is_mark_of_letters(cell)
            if is_number(cell) or gap:
                return False
            found = found or bool(cell)
        elif cell:
            return False
    return found


def _joined(header: Sequence[str], second: Sequence[str]) -> list[str]:
    """Names of two lines; a group's name stands for the columns without one."""
    joined, group = [], ""
    for one, other in zip(header, second, strict=False):
        group = one.strip() or group
        if one.strip() and not other.strip():
            # a name of its own, and of no group
            joined.append(one.strip())
            group = ""
            continue
        joined.append(f"{group} {other.strip()}".strip())
    return joined


def column_names(header: Sequence[object], name: str) -> list[str]:
    """Names without blanks around them; those that are empty get one by number."""
    names = [str(column).strip() for column in header]
    names = [column or f"column{i + 1}" for i, column in enumerate(names)]
    twice = sorted(column for column, n in Counter(names).items() if n > 1)
    if twice:
        raise TableError(
            f"{name} has several columns named {listed(twice)}: rename all but one."
        )
    return names
