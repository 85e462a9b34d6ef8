# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The command: from the arguments to what is printed and written."""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_wine
from sklearn.pipeline import Pipeline

from skneon._cli._arguments import options_of, parsed
from skneon._cli._output import Relevances, format_of
from skneon._cli._show import bar, text
from skneon._kde import NeonKDE
from skneon._report._entries import Clusters, Entry, Groups, reasons
from skneon._report._files import replacing, writing
from skneon._report._judge import Judge, Leading
from skneon._report._models import Fitting, kmeans
from skneon._report._page import page_of
from skneon._report._report import check_installed
from skneon._report._scale import Scale, scale_of, times
from skneon._report._study import TABLE_ROWS, Study
from skneon._tables._plan import plan
from skneon._tables._prepare import SUPPORT
from skneon._tables._read import open_table
from skneon._tables._source import Source
from skneon._tables._words import TableError, pd
from skneon._validation import import_optional
from skneon._version import __version__
from skneon.explanation._explanation import Explanation
from skneon.explanation._groups import group_members
from skneon.explanation._text import count, one_line
from skneon.network.numerics._types import Array
from skneon.neuralization import neuralize
from skneon.neuralization._training_scores import training_scores

MAX_SUPPORT = {"kde": SUPPORT, "kmeans": 100_000}
N_CLUSTERS = 3
# rows from which on a terminal shows progress
LONG = 20_000
WINE = "scikit-learn's wine data"
OUTLIERS = """\
The {} judged by {} others
(kernel density, gamma {:.3g}; rows count from 0; outlierness in squared
standard deviations; share of it that a column accounts for)
{}
"""
CLUSTERS = """\
What speaks for membership of {}
(k-means; share of the members' mean evidence that a column accounts for;
means of the column inside and outside the cluster)
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : list of str or None
        Arguments; None: those of the process.

    Returns
    -------
    code : int
        0, or 2 for unusable input or arguments, or 130 for an interrupt.
    """
    try:
        if text := run(parsed(argv)):
            print(text)
        sys.stdout.flush()
    except (TableError, ImportError) as error:
        print(f"skneon: error: {one_line(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        # the interpreter is not to flush what cannot be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            # nobody reads on
            return 0
        print(f"skneon: error: output cannot be written: {error}", file=sys.stderr)
        return 2
    return 0


def run(arguments: Namespace) -> str:
    """Do what the arguments say; what is to be printed."""
    with ExitStack() as stack:
        if arguments.output:
            format_of(arguments.output)
        if arguments.report:
            check_installed()
        files = {
            option: stack.enter_context(replacing(path))
            for option in ("output", "report")
            if (path := getattr(arguments, option))
        }
        import_optional("pandas", "tables")
        wine = arguments.data is None
        data = load_wine(as_frame=True).data if wine else arguments.data
        table = stack.enter_context(open_table(data, options_of(arguments), WINE))
        return Run(arguments, table, files).text()


class Run:
    """A table, the plan of its columns, a model fitted to a sample of its rows."""

    def __init__(self, arguments: Namespace, table: Source, files: dict[str, Path]):
        self.arguments, self.table, self.files = arguments, table, files
        self.is_density = arguments.model == "kde"
        size = arguments.max_support or MAX_SUPPORT[arguments.model]
        self.plan, self.found = plan(table, options_of(arguments), size)
        self.is_sampled = self.found.n_rows > size
        self.notes, self.groups = list(self.plan.notes), dict(arguments.group)
        try:
            names = list(group_members(self.groups, self.plan.names))
        except ValueError as error:
            raise TableError(f"--group: {error}") from None
        self.own, self.labels = self._rows(self.found.rows, self.found.sample)
        if len(self.own) < 2:
            raise TableError(
                f"{table.name} has {count(len(self.own), 'row')} with any value: at "
                "least 2 are needed to compare."
            )
        self.model = self._fitted()
        # typical values are those of the columns as they are, not as they are filled in
        rows = {"X_train": self.own} if self.is_density else {}
        network = neuralize(self.model, n_jobs=arguments.n_jobs, **rows)
        self.judge = Judge(network, self.own.index.to_numpy())
        self.facts = network.facts()
        self.leading = Leading(max(arguments.top, TABLE_ROWS))
        self.clusters = Clusters(self.plan, names, self.groups)

    def _rows(self, rows: Array, columns: Any) -> tuple[Any, Array]:
        """Features, by row number, and labels of the rows that have any value."""
        features = self.plan.features(rows, columns)
        labels = self.plan.labels(rows, columns)
        return features, labels[np.searchsorted(rows, features.index)]

    def _fitted(self) -> Pipeline:
        arguments, fitting = self.arguments, Fitting(self.plan, self.own)
        if self.is_density:
            gamma = arguments.gamma or "scale"
            if gamma == "auto":
                gamma, notes = fitting.gamma()
                self.notes += notes
            return fitting.pipeline(NeonKDE(gamma, n_jobs=arguments.n_jobs))
        k, n_distinct = arguments.clusters or N_CLUSTERS, fitting.n_distinct
        if k > n_distinct:
            raise TableError(f"--clusters {k}: only {n_distinct} rows are distinct.")
        return fitting.pipeline(kmeans(k))

    def text(self) -> str:
        """Explain all rows, write what is to be written, and say what was found."""
        arguments = self.arguments
        n_used = self._pass()
        if missing := self.found.n_rows - n_used:
            self.notes.append(f"Left out, {count(missing, 'row')} without any value.")
        if self.is_sampled:
            own = "; each of them is left out where it is judged itself"
            self.notes.append(
                f"The model was fitted to {len(self.own)} rows drawn at random "
                f"(--max-support){own * self.is_density}."
            )
        if arguments.output:
            self.notes.append(f"All relevances are in {arguments.output}.")
        scale, score = None, np.concatenate(self.leading.scores)
        if self.is_density:
            scale = scale_of(training_scores(self.judge.network), score)
        if arguments.report:
            self._write_report(n_used, scale)
            self.notes.append(f"The report is in {arguments.report}.")
        found = self._outliers(scale) if scale else self.clusters.entries()
        if arguments.json:
            return self._document(n_used, found, scale)
        if arguments.quiet:
            return ""
        n, d, names = len(self.plan.numbers), len(self.plan.names), "standardised"
        if n < d:
            names = f"{f'{n} standardised, {d - n}' if n else 'all'} of categories"
        size = f"{count(n_used, 'row')}, {count(d, 'column')}"
        heading = f"{self.table.name}: {size}, {names}"
        return text([heading, *self.notes], *self._table(found, scale))

    def _parts(self) -> Iterator[tuple[int, Any, Array]]:
        """Numbers of rows, their features and labels, in parts where there are many."""
        if not self.is_sampled:
            yield self.found.n_rows, self.own, self.labels
            return
        start = 0
        for n_rows, columns in self.table.parts(self.plan.columns):
            yield n_rows, *self._rows(np.arange(start, start + n_rows), columns)
            start += n_rows

    def _pass(self) -> int:
        """The second pass over the table; number of rows with any value."""
        arguments, n_seen, n_used, writer = self.arguments, 0, 0, None
        is_long = self.found.n_rows > LONG and not arguments.quiet
        shows = arguments.progress or (is_long and sys.stderr.isatty())
        with ExitStack() as stack:
            update = stack.enter_context(bar(self.found.n_rows, shows))
            if arguments.output:
                label, part = self.plan.id or "row", self.files["output"]
                writer = stack.enter_context(Relevances(arguments.output, part, label))
            for n_rows, features, labels in self._parts():
                n_seen, n_used = n_seen + n_rows, n_used + len(features)
                if len(features):
                    self._tell(features, labels, writer)
                update(n_rows)
        if n_seen != self.found.n_rows:
            raise TableError(
                f"{self.table.name} was changed while it was read: start again."
            )
        return n_used

    def _tell(self, features: Any, labels: Array, writer: Relevances | None) -> None:
        """Hand rows on to what is shown and written."""
        if self.is_density and writer is None:
            score = self.judge.score(features, features.index.to_numpy())
            self.leading.add(score, labels, features)
            return
        explanation = self._explained(features, labels, self.groups)
        self.leading.add(explanation.score, labels, features)
        if not self.is_density:
            self.clusters.add(features, explanation)
        if writer is not None:
            writer.add(explanation)

    def _explained(self, features: Any, labels: Array, groups: Groups) -> Explanation:
        found = self.judge.explain(features, features.index.to_numpy(), labels)
        shown = self.plan.shown(found)
        return shown.aggregate(groups) if groups else shown

    def _outliers(self, scale: Scale) -> list[Entry]:
        """What there is to say of the leading rows."""
        _, labels, rows = self.leading.rows
        rows = rows.iloc[: self.arguments.top]
        found = self._explained(rows, labels[: len(rows)], self.groups)
        return [
            {"row": int(row), **({"id": labels[k]} if self.plan.id else {}),
             "score": float(found.score[k]), **scale.numbers(found.score[k]),
             "reasons": reasons(found, k, self.groups)}
            for k, row in enumerate(rows.index)
        ]  # fmt: skip

    def _table(
        self, said: list[Entry], scale: Scale | None
    ) -> tuple[str, list[str], list[Any]]:
        """Words, heads and rows of the table that a terminal shows."""
        if scale is None:
            heads = ["cluster", "rows", "because of", "share", "inside", "outside"]
            rows = [[e["cluster"], e["rows"], e["reasons"]] for e in said]
            return CLUSTERS.format(count(len(said), "cluster")), heads, rows
        by = f"a sample of {len(self.own)}" if self.is_sampled else "all the"
        many = f"{len(said)} most outlying rows, each" * (len(said) > 1)
        words = OUTLIERS.format(
            many or "most outlying row,", by, self.facts["gamma"],
            scale.verdict("outlierness"),
        )  # fmt: skip
        label, own = "id" if self.plan.id else "row", ["because of", "share"]
        heads = [label, "outlierness", "x median", *own, "value", "typical"]
        rows = [
            [e[label], f"{e['score']:.2f}", times(e["multiple"]), e["reasons"]]
            for e in said
        ]
        return words, heads, rows

    def _write_report(self, n_rows: int, scale: Scale | None) -> None:
        """A report on the rows of the fit, and the leading ones of all."""
        (_, labels, rows), own = self.leading.rows, self.own
        others, size = ~rows.index.isin(own.index), len(own)
        rows = pd.concat([own, rows[others]])
        labels = np.concatenate([self.labels, labels[others]])
        main = self._explained(rows, labels, {})
        what = "Outlierness" if self.is_density else "Evidence for clusters"
        numbers, title = rows.index.to_numpy(), Path(self.table.name).name
        try:
            faithful = [self.judge.faithfulness(what, own, numbers[:size], 0)]
            study = Study(
                self.plan, self.found, n_rows, numbers, size, rows, main, faithful,
                scale, models={"model": self.model}, notes=self.notes, is_fit=True,
            )  # fmt: skip
            settings = {"top": self.arguments.top, "random_state": 0}
            html = page_of(study, title, self.groups or None, **settings)
        except (TypeError, ValueError) as error:
            raise TableError(f"--report: {error}") from error
        with writing(self.arguments.report):
            self.files["report"].write_text(html, encoding="utf-8", newline="\n")

    def _document(self, n_rows: int, said: list[Entry], scale: Scale | None) -> str:
        plan, kind = self.plan, "rows" if self.is_density else "clusters"
        kinds = {name: kind.kind for name, kind in plan.kinds.items()}
        own = {"gamma": self.facts["gamma"]} if self.is_density else {kind: len(said)}
        settings = {
            "model": self.arguments.model, "columns": plan.names,
            "categories": plan.categories, "kinds": kinds, "log": plan.log,
            "id": plan.id, "groups": self.groups, "n_support": len(self.own), **own,
            "rule": self.facts["rule"],
        }  # fmt: skip
        document = {
            "skneon_version": __version__, "source": self.table.name, "n_rows": n_rows,
            "settings": settings, "notes": self.notes,
            **(scale.facts() if scale else {}), kind: said,
        }  # fmt: skip
        # what is not finite is null
        plain = json.loads(json.dumps(document), parse_constant=lambda name: None)
        return json.dumps(plain, indent=1)
