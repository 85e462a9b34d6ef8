# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a terminal shows: notes and a table by rich, in plain text for files."""

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from skneon._report._page import sets_apart
from skneon._tables._words import Lazy
from skneon.explanation._text import cell_texts, is_missing, one_line

console, tables, texts = Lazy("rich.console"), Lazy("rich.table"), Lazy("rich.text")
progress = Lazy("rich.progress")
# reasons of a row, widths of a line, and of its columns, of labels and of others
LEADING, LINE = 3, 88
REASON = "because of"
WIDTHS = {
    REASON: (12, 30), "share": (6, 6), "outlierness": (11, 11), "rows": (5, 11),
    "rival": (5, 10),
    "adds": (6, 8), "x median": (8, 8), "top %": (6, 8), "p": (6, 8),
}  # fmt: skip
# what a column has of a score
PARTS = {"share": "{share:.0%}", "adds": "{relevance:.2f}"}
LABELS, OTHERS = (7, 20), (9, 14)
NOTHING, ALONE, ALIKE = (
    "nothing unusual", "no other cluster to compare", "no column sets it apart"
)  # fmt: skip


def text(
    notes: Sequence[str], words: str, heads: Sequence[str], rows: Any,
    last: Iterable[str] = (),
) -> str:  # fmt: skip
    """Notes, words, and a table of rows (label, figure, reasons), their cells by name.

    Behind it last lines, the first of which is their head.

    With styles where standard output is a terminal.
    """
    file = io.StringIO()
    screen = console.Console(
        file=file, width=LINE, force_terminal=sys.stdout.isatty(), highlight=False
    )
    heading, *rest = notes
    screen.print(texts.Text(one_line(heading)), soft_wrap=True)
    for note in rest:
        first, *more = texts.Text(one_line(note)).wrap(screen, LINE - 2)
        screen.print(first, *(texts.Text("  ") + line for line in more), sep="\n")
    screen.print("", texts.Text(words), _table(heads, rows), sep="\n")
    for k, line in enumerate(last):
        first, *more = texts.Text(one_line(line)).wrap(screen, LINE - 4)
        parts = [texts.Text("  " * bool(k)) + first]
        parts += [texts.Text("    ") + part for part in more]
        screen.print(*[""] * (not k), *parts, sep="\n")
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def _table(heads: Sequence[str], rows: Any) -> Any:
    lines = [heads]
    for *label, reasons in rows:
        telling = [reason for reason in reasons if _is_telling(reason)]
        nothing = (ALIKE if reasons else ALONE) if heads[0] == "cluster" else NOTHING
        for reason in telling[:LEADING] or [{}]:
            part = PARTS[heads[len(label) + 1]].format(**reason) if reason else ""
            cells = _shown(reason, heads[len(label) + 2 :])
            feature = reason.get("feature", nothing)
            lines.append(list(map(one_line, (*label, feature, part, *cells))))
            label = [""] * len(label)
    table = tables.Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for head, (low, high) in zip(heads, _widths(lines), strict=True):
        table.add_column(
            head, justify="left" if head == REASON else "right", min_width=low,
            max_width=high, no_wrap=True, style="" if table.columns else "bold",
            overflow="ellipsis",
        )  # fmt: skip
    for line in lines[1:]:
        table.add_row(*map(texts.Text, line))
    return table


def _widths(lines: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Least and largest widths of the columns; reasons have what others leave."""
    heads = lines[0]
    limits = [WIDTHS.get(head, OTHERS) if i else LABELS for i, head in enumerate(heads)]
    longest = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    place = heads.index(REASON)
    taken = [
        min(max(n, low), high) for n, (low, high) in zip(longest, limits, strict=True)
    ]
    low, high = limits[place]
    room = LINE - len(heads) - sum(taken) + taken[place]
    limits[place] = low, max(low, min(high, room))
    return limits


def _shown(reason: Any, names: Sequence[str]) -> list[str]:
    """Cells of a reason, which differ where they do; groups of columns have none."""
    cells = [reason.get(name, "") for name in names]
    texts = cell_texts(cells)
    for i, (name, cell) in enumerate(zip(names, cells, strict=True)):
        if isinstance(cell, str):
            texts[i] = cell
        elif is_missing(cell) and name in ("typical", "outside"):
            texts[i] = ""
    return [text.replace("\N{MINUS SIGN}", "-", 1) for text in texts]


def _is_telling(reason: Any) -> bool:
    """Whether a reason of a row, or of a cluster, is one."""
    return bool(reason.get("telling", True)) and sets_apart(reason)


@contextmanager
def bar(n_rows: int, shown: bool) -> Iterator[Any]:
    """A function that is told how many rows were done, and may show them."""
    if not shown:
        # older versions of rich end a line even where a bar is disabled
        yield lambda n: None
        return
    columns = [progress.BarColumn(), progress.MofNCompleteColumn(),
               progress.TextColumn("rows"), progress.TimeRemainingColumn()]  # fmt: skip
    screen = console.Console(file=sys.stderr)
    with progress.Progress(*columns, console=screen) as shows:
        task = shows.add_task("rows", total=n_rows)
        yield lambda n: shows.update(task, advance=n)
