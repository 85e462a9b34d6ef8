# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Where a table begins in a text, what separates its columns, and their names."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

from skneon._tables._numbers import is_mark_of_letters
from skneon._tables._words import Doubt, Options, TableError, listed
from skneon.explanation._text import count

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}
OPTION = {"\t": "tab", "|": "'|'", ";": "';'", " ": "space"}
# lines that tell how the table is written, and how many of them may be no part of it
HEAD, BEFORE = 200, 40
SEP = re.compile(r'"?sep=(.)"?\s*')
# a quoted text, or blanks between texts
BLANKS = re.compile(r'("(?:[^"]|"")*")|(?<=\S)[ \t]+(?=\S)|^[ \t]+|[ \t]+(?=\r?\n?$)')
NUMBER = re.compile(r"\s*[+-]?(\d+[\d.,]*|[.,]\d+)([eE][+-]?\d+)?%?\s*")
GAPS = frozenset(("?", "-", "--", ".", "..", "*"))
Records = list[list[str]]


@dataclass
class Layout:
    """Delimiter, names, lines before the data, and what is said of them."""

    delimiter: str
    columns: list[str]
    n_lines: int
    notes: list[str] = field(default_factory=list)
    labels: str | None = None
    is_padded: bool = False


def tabbed(line: str) -> str:
    """The line with a tab for every run of blanks that is not quoted."""

    def to_tab(found: re.Match[str]) -> str:
        inside = 0 < found.start() and found.end() < len(line.rstrip("\r\n"))
        return found[1] or ("\t" if inside else "")

    return BLANKS.sub(to_tab, line)


def reader(lines: Iterable[str], delimiter: str) -> Any:
    """Python's reader of records; a blank as delimiter stands for any run of them."""
    if delimiter == " ":
        lines, delimiter = map(tabbed, lines), "\t"
    return csv.reader(lines, delimiter=delimiter, strict=True)


def records(lines: Sequence[str], delimiter: str) -> tuple[Records, list[int]]:
    """The records before one where a quote is open, and the lines they end in."""
    rows, found, ends = reader(lines, delimiter), [], []
    with suppress(csv.Error):
        for record in filter(None, rows):
            found.append(record)
            ends.append(rows.line_num)
    return found, ends


def is_number(cell: str) -> bool:
    """Whether a cell is written as numbers are."""
    return NUMBER.fullmatch(cell) is not None


def layout(lines: Sequence[str], options: Options, name: str) -> Layout:
    """Find the table in the first lines of a text."""
    ahead, notes, delimiter = options.skip_lines, [], options.delimiter
    if lines[ahead:] and (sep := SEP.fullmatch(lines[ahead])):
        ahead, delimiter = ahead + 1, delimiter or sep[1]
        notes.append("The first line names the separator.")
    first = ahead
    if options.comment is None:
        rest = list(enumerate(lines))[first:]
        table = (i for i, t in rest if t[:1] != "#" and (i == first or t.strip()))
        # what looks like comments may be the table
        ahead = next(table, first)
    body = lines[ahead:]
    if not any(map(str.strip, body)):
        raise TableError(f"{name} is empty.")
    delimiter = delimiter or _delimiter(body, name)
    found, ends = records(body, delimiter)
    if not found:
        raise TableError(
            f"{name}: line {ahead + 1} cannot be read as CSV: look for a double quote "
            "without its partner."
        )
    start = _start(found) or 0
    if ahead > first:
        notes.append(f"Skipped, {count(ahead - first, 'line')} of comments.")
        above = records([lines[ahead - 1].lstrip("#").strip()], delimiter)[0]
        fits = above and len(above[0]) == len(found[0]) > 1 and start == 0
        if options.header and fits and any(map(is_number, found[0])):
            # the names are the last of the comments
            found, ends = above + found, [0, *ends]
    if start:
        title = f"{count(ends[start - 1], 'line')} of a title: {body[0].strip()[:40]!r}"
        notes.append(f"Skipped, {title}.")
    before = [ahead, *(ahead + end for end in ends)]
    result = named(found[start:], before[start:], options, name)
    by = f"separated by {NAMES.get(delimiter, repr(delimiter))}"
    form = f"Read as text, {by if len(result.columns) > 1 else 'of a single column'}."
    return replace(result, delimiter=delimiter, notes=[form, *notes, *result.notes])


def _delimiter(lines: Sequence[str], name: str) -> str:
    """The delimiter by which the records are most alike."""
    ranks: dict[int, list[str]] = {0: [], 1: [], 2: [], 3: []}
    for delimiter in ",;\t|":
        found, _ = records(lines, delimiter)
        widths = list(map(len, found))
        # a quote without its partner: this delimiter stood in a quoted name
        if max(widths, default=0) < 2 or any(c.count('"') % 2 for c in found[0]):
            continue
        start = _start(found)
        all_fit = len({*widths}) == 1, start == 0, start is not None, widths[0] > 1
        if any(all_fit):
            ranks[all_fit.index(True)].append(delimiter)
    fits = next(filter(None, ranks.values()), [])
    if len(fits) > 1:
        none = ", but by none has every line as many fields" * (fits is ranks[3])
        raise TableError(
            f"{name} may be separated by {' or '.join(NAMES[d] for d in fits)}{none}: "
            f"say which, as in --delimiter {OPTION.get(fits[-1], ',')}."
        )
    if fits:
        return fits[0]
    found, _ = records(lines, " ")
    start = _start(found) if len(found) > 2 and len(found[-1]) > 1 else None
    if start is not None:
        columns = zip(*found[start + 1 :], strict=True)
        if any(all(map(is_number, column)) for column in columns):
            return " "
    filled = [line.strip() for line in lines[1:] if line.strip(' "\r\n')]
    commas = any("," in text for text in filled) and all(map(is_number, filled))
    # a single column of numbers may have decimal commas
    return ";" if commas else ","


def _start(found: Records) -> int | None:
    """The first record of those that have as many fields; None where a later lacks."""
    filled = [sum(map(bool, map(str.strip, cells))) for cells in found]
    lead = next((i for i, n in enumerate(filled) if n > 1), 0)
    # titles may have as many separators as rows have
    titles = lead if filled[lead] == len(found[lead]) > 1 else 0
    if titles and len(found[lead]) == 2:
        # of two columns a name may lack
        below = zip_longest(*found[lead + 1 :], fillvalue="")
        words = not any(map(is_number, found[lead]))
        titles *= words and any(all(map(is_number, column)) for column in below)
    widths = [1] * titles + [len(cells) for cells in found[titles:]]
    width, start = widths[-1], len(widths) - 1
    while start and widths[start - 1] == width:
        start -= 1
    short = start and widths[start - 1] == width - 1 > 1 and len(widths) - start > 1
    if short and not _is_second_header(found[start:]):
        # a header that is one field short
        start -= 1
    if not start:
        return 0
    apart = all(n != width for n in widths[:start]) and width > 1
    header = not any(map(is_number, found[start]))
    return start if apart and header and BEFORE >= start < len(widths) - 2 else None


def named(found: Records, before: Sequence[int], options: Options, name: str) -> Layout:
    """Names by the records of a table, the header first; each has lines before it."""
    body, header, labels, used = found, [], None, 0
    notes: list[str] = []
    if options.names is not None or not options.header:
        header = list(options.names or (f"x{i}" for i in range(len(found[0]))))
    else:
        header, body, used = [cell.strip() for cell in found[0]], found[1:], 1
        where = "The first line" if before[1] <= 1 else f"Line {before[1]}"
        below = zip_longest(*(map(str.strip, cells) for cells in body))
        pairs = zip(header, below, strict=False)
        again = [name for name, cells in pairs if name and name in cells]
        numbers = any(map(is_number, header))
        if numbers or again:
            names = f", {listed(header, 5)}," if numbers else ""
            too = f", but below in their columns are {listed(map(repr, again), 5)}, too"
            said = f"{where}{names} was taken for the header{'' if numbers else too}"
            notes.append(Doubt(f"{said}: if it is a row, say --no-header."))
        if _is_second_header(body, options.missing):
            said, used = f"Line {before[2]}, {listed(body[0], 5)}, was taken for", 2
            if all(header) and len({*header}) == len(header):
                notes.append(
                    f"{said} units (--skip-lines {before[1]}, if it is the header)."
                )
            else:
                header = _joined(header, body[0])
                notes.append(f"{said} a second header.")
            body = body[1:]
    over = {len(cells) - len(header) for cells in body}
    if options.names is not None and len(over) == 1 and over != {0}:
        raise TableError(
            f"--names: {len(header)} names for rows of {len(body[0])} cells: name "
            f"each column of {name}."
        )
    is_padded = over == {1} and not any(cells[-1].strip() for cells in body)
    if is_padded:
        notes.append("A separator at the end of each line was left out.")
    elif over == {1} and len(body) > 1:
        labels = "row_name"
        header = [labels, *header]
        notes.append("The header lacks a name: the first column labels the rows.")
    columns = column_names(header, name)
    return Layout("", columns, before[used], notes, labels, is_padded)


def _is_second_header(body: Records, missing: Sequence[str] = ()) -> bool:
    """Whether the first record has words where all the others have numbers."""
    first, others = body[0] if body else [], body[1:]
    if len(others) < 2 or {len(cells) for cells in others} != {len(first)}:
        return False
    cells, gaps = list(map(str.strip, first)), GAPS.union(missing)
    columns = [list(filter(str.strip, column)) for column in zip(*others, strict=True)]
    return any(cells) and all(
        column and all(map(is_number, column)) and not is_number(cell)
        and cell not in gaps and not is_mark_of_letters(cell)
        for cell, column in zip(cells, columns, strict=True) if cell
    )  # fmt: skip


def _joined(header: Sequence[str], second: Sequence[str]) -> list[str]:
    """Names of two lines; a group's name stands for the columns without one."""
    joined, group = [], ""
    for one, other in zip(header, map(str.strip, second), strict=False):
        group = one or group
        joined.append(one if one and not other else f"{group} {other}".strip())
        if not other and one:
            # a name of its own, and of no group
            group = ""
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
