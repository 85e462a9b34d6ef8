# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a terminal shows: notes and a table by rich, in plain text for files."""

import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from skneon._tables._words import Lazy, count, printable

console, tables, texts = Lazy("rich.console"), Lazy("rich.table"), Lazy("rich.text")
progress = Lazy("rich.progress")
# reasons of a row, and widths of a line and of its columns
LEADING, LINE = 3, 88
WIDTHS = {"label": (7, 20), "figure": (11, 11), "because of": (12, 30), "share": (6, 6)}


def outlier_text(
    entries: Any, gamma: float, notes: Sequence[str], n_support: Any
) -> str:
    """What there is to say of outlying rows, the heading and notes first."""
    by = "all the others" if n_support is None else f"a sample of {n_support} others"
    heading = f"The most outlying row, judged by {by}"
    if len(entries) > 1:
        heading = f"The {len(entries)} most outlying rows, each judged by {by}"
    words = [
        heading,
        f"(kernel density, gamma {gamma:.3g}; rows count from 0; outlierness in "
        "squared",
        "standard deviations; share of it that a column accounts for)",
    ]
    first = "id" if entries and "id" in entries[0] else "row"
    rows = [(e.get("id", e["row"]), f"{e['score']:.2f}", e["reasons"]) for e in entries]
    return _text(notes, words, (first, "outlierness", "value", "typical"), rows)


def cluster_text(entries: Any, notes: Sequence[str]) -> str:
    """What there is to say of clusters, the heading and notes first."""
    words = [
        f"What speaks for membership of {count(len(entries), 'cluster')}",
        "(k-means; share of the members' mean evidence that a column accounts for;",
        "means of the column inside and outside the cluster)",
    ]
    rows = [(e["cluster"], str(e["rows"]), e["reasons"]) for e in entries]
    return _text(notes, words, ("cluster", "rows", "inside", "outside"), rows)


def _text(
    notes: Sequence[str], words: Sequence[str], heads: tuple[str, ...], rows: Any
) -> str:
    """All of it as a text, with colours where standard output is a terminal."""
    file = io.StringIO()
    screen = console.Console(
        file=file, width=LINE, force_terminal=sys.stdout.isatty(), highlight=False
    )
    heading, *rest = notes
    screen.print(texts.Text(printable(heading)), soft_wrap=True)
    for line in rest:
        note = texts.Text(" ".join(printable(line).split()))
        lines = note.wrap(screen, LINE - 2)
        for number, part in enumerate(lines):
            screen.print(texts.Text("  " * (number > 0)) + part)
    screen.print()
    for line in words:
        screen.print(texts.Text(line))
    screen.print()
    screen.print(_table(heads, rows))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def _table(heads: tuple[str, ...], rows: Any) -> Any:
    """A table of rows (label, figure, reasons)."""
    label, figure, *cells = heads
    table = tables.Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for head, (low, high) in zip(
        (label, figure, "because of", "share"), WIDTHS.values(), strict=True
    ):
        right = "left" if head == "because of" else "right"
        table.add_column(
            head, justify=right, min_width=low, max_width=high, no_wrap=True,
            style="bold" if head == label else "", overflow="ellipsis",
        )  # fmt: skip
    for head in cells:
        table.add_column(
            head, justify="right", min_width=9, max_width=14, no_wrap=True,
            overflow="ellipsis",
        )  # fmt: skip
    for name, number, reasons in rows:
        lines: list[tuple[str, ...]] = [
            (r["feature"], f"{r['share']:.0%}", *(_shown(r, cell) for cell in cells))
            for r in reasons[:LEADING]
        ]
        for line in lines or [("no other cluster to compare", "", "", "")]:
            shown = [" ".join(printable(str(c)).split()) for c in (name, number, *line)]
            table.add_row(*map(texts.Text, shown))
            name = number = ""
    return table


def _shown(reason: Any, name: str) -> str:
    """A cell of a reason; groups of several columns have none."""
    cell = reason.get(name, "")
    if isinstance(cell, str):
        return cell
    if cell is None or np.isnan(cell):
        return "" if name == "typical" else "missing"
    # four digits, but at least all before the decimal point, up to 999999
    return f"{cell:.0f}" if 1000 <= abs(cell) < 1e6 else f"{cell:.4g}"


@contextmanager
def bar(n_rows: int, shown: bool) -> Iterator[Any]:
    """A function that is told how many rows were done, and shows them."""
    if not shown:
        yield lambda n: None
        return
    columns = [progress.BarColumn(), progress.MofNCompleteColumn(),
               progress.TextColumn("rows"), progress.TimeRemainingColumn()]  # fmt: skip
    screen = console.Console(file=sys.stderr)
    with progress.Progress(*columns, console=screen) as shows:
        task = shows.add_task("rows", total=n_rows)
        yield lambda n: shows.update(task, advance=n)
