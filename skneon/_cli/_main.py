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

from skneon._cli._arguments import check, options_of, parser
from skneon._cli._clusters import Clusters
from skneon._cli._model import fitted
from skneon._cli._outliers import Explainer, Leading, entries
from skneon._cli._output import Relevances, kind_of, replacing
from skneon._cli._show import bar, cluster_text, outlier_text
from skneon._report._parts import model_parts
from skneon._report._report import page_of
from skneon._tables._plan import Plan, plan
from skneon._tables._prepare import SUPPORT
from skneon._tables._read import open_table
from skneon._tables._source import Source
from skneon._tables._words import TableError, count, printable
from skneon._validation import import_optional
from skneon._version import __version__
from skneon.explanation._explanation import Explanation

MAX_SUPPORT = {"kde": SUPPORT, "kmeans": 100_000}
# rows from which on a terminal shows progress
LONG = 20_000
WINE = "scikit-learn's wine data"


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
        arguments = parser().parse_args(argv)
        check(arguments)
        text = run(arguments)
        if text:
            print(text)
        sys.stdout.flush()
    except (TableError, ImportError) as error:
        message = printable(" ".join(str(error).split()))
        print(f"skneon: error: {message}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # nobody reads on
        _close_output()
    except OSError as error:
        _close_output()
        print(f"skneon: error: output cannot be written: {error}", file=sys.stderr)
        return 2
    return 0


def _close_output() -> None:
    """Keep the interpreter from flushing what cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run(arguments: Namespace) -> str:
    """Do what the arguments say; what is to be printed."""
    with ExitStack() as stack:
        if arguments.output:
            kind_of(arguments.output)
        files = {
            option: stack.enter_context(replacing(path))
            for option in ("output", "report")
            if (path := getattr(arguments, option))
        }
        import_optional("pandas", "tables")
        wine = arguments.data is None
        data = load_wine(as_frame=True).data if wine else arguments.data
        table = open_table(data, options_of(arguments), WINE)
        return Run(arguments, stack.enter_context(table), files).text()


class Run:
    """One run: a table, the plan of its columns, a model, and what is said of it."""

    def __init__(self, arguments: Namespace, table: Source, files: dict[str, Path]):
        self.arguments, self.table, self.files = arguments, table, files
        self.is_density = arguments.model == "kde"
        size = arguments.max_support or MAX_SUPPORT[arguments.model]
        options = options_of(arguments)
        self.plan, self.found = plan(table, options, size)
        self.groups = _groups(arguments.group, self.plan)
        features = self.plan.features(self.found.rows, self.found.sample)
        if len(features) < 2:
            raise TableError(
                f"{table.name} has {count(len(features), 'row')} with any value: at "
                "least 2 are needed to compare."
            )
        self.features, self.is_sampled = features, self.found.n_rows > size
        self.model, notes = fitted(features, self.plan, arguments)
        self.notes = [*self.plan.notes, *notes]
        own = features.index.to_numpy()
        self.explainer = Explainer(
            self.model, self.plan, self.groups, own, arguments.n_jobs
        )

    def text(self) -> str:
        """Explain all rows, write what is to be written, and say what was found."""
        arguments, n_rows = self.arguments, self.found.n_rows
        leading = Leading(arguments.top)
        clusters = Clusters(arguments.clusters, self.plan, self.groups)
        n_used = self._pass(leading, clusters)
        if n_used < n_rows:
            self.notes.append(
                f"Left out, {count(n_rows - n_used, 'row')} without any value."
            )
        if self.is_sampled:
            fitted_to = (
                f"The model was fitted to {len(self.features)} rows drawn at random"
            )
            own = "; each of them is left out where it is judged itself"
            self.notes.append(f"{fitted_to} (--max-support){own * self.is_density}.")
        if arguments.output:
            self.notes.append(f"All relevances are in {arguments.output}.")
        if arguments.report:
            self._write_report()
            self.notes.append(f"The report is in {arguments.report}.")
        if self.is_density:
            found = self.explainer.explain(leading.features, leading.labels)
            rows = leading.features.index
            said = entries(found, rows, self.groups, self.plan.id is not None)
        else:
            said = clusters.entries()
        if arguments.json:
            return self._document(n_used, said)
        if arguments.quiet:
            return ""
        heading = f"{self.table.name}: {n_used} rows, {_columns(self.plan)}"
        lines = [heading, *self.notes]
        if not self.is_density:
            return cluster_text(said, lines)
        gamma = self.explainer.network.facts()["gamma"]
        support = len(self.features) if self.is_sampled else None
        return outlier_text(said, gamma, lines, support)

    def _parts(self) -> Iterator[tuple[Any, Any]]:
        """Numbers and columns of rows, from the table where the sample lacks some."""
        if not self.is_sampled:
            yield self.found.rows, self.found.sample
            return
        start = 0
        for n_rows, columns in self.table.parts(self.plan.columns):
            yield np.arange(start, start + n_rows), columns
            start += n_rows

    def _pass(self, leading: Leading, clusters: Clusters) -> int:
        """The second pass over the table; number of rows with any value."""
        arguments, n_seen, n_used = self.arguments, 0, 0
        long = self.found.n_rows > LONG and not arguments.quiet
        shows = arguments.progress or (long and sys.stderr.isatty())
        writer = None
        with ExitStack() as stack:
            if arguments.output:
                label = "row" if self.plan.id is None else self.plan.id
                relevances = Relevances(arguments.output, self.files["output"], label)
                writer = stack.enter_context(relevances)
            update = stack.enter_context(bar(self.found.n_rows, shows))
            for rows, columns in self._parts():
                n_seen += len(rows)
                features = self.plan.features(rows, columns)
                n_used += len(features)
                if len(features):
                    labels = self.plan.labels(rows, columns)
                    labels = labels[np.searchsorted(rows, features.index)]
                    self._tell(features, labels, leading, clusters, writer)
                update(len(rows))
        if n_seen != self.found.n_rows:
            raise TableError(
                f"{self.table.name} was changed while it was read: start again."
            )
        return n_used

    def _tell(
        self, features: Any, labels: Any, leading: Leading, clusters: Clusters,
        writer: Relevances | None,
    ) -> None:  # fmt: skip
        """Hand rows on to what is shown and written."""
        if self.is_density and writer is None:
            leading.add(self.explainer.score(features), features, labels)
            return
        explanation = self.explainer.explain(features, labels)
        if self.is_density:
            leading.add(explanation.score, features, labels)
        else:
            clusters.add(features, explanation)
        if writer is not None:
            writer.add(explanation)

    def _write_report(self) -> None:
        """A report on the rows that the model was fitted to."""
        places = np.searchsorted(self.found.rows, self.features.index)
        labels = self.plan.labels(self.found.rows, self.found.sample)[places]
        title = Path(self.table.name).name
        options = {"top": self.arguments.top, "groups": self.groups or None}
        try:
            parts = model_parts(self.model, self.features.set_axis(labels), 0)
            shown = [e and self.plan.shown(e) for e in (parts.main, parts.clusters)]
            parts.main, parts.clusters = shown[0] or parts.main, shown[1]
            parts.table.notes = list(self.notes)
            parts.table.kinds = {**parts.table.kinds, **self.plan.kinds}
            page = page_of(parts, options | {"random_state": 0}, title)
        except (TypeError, ValueError) as error:
            raise TableError(f"--report: {error}") from error
        page.save(self.files["report"])

    def _document(self, n_rows: int, said: Any) -> str:
        plan, arguments = self.plan, self.arguments
        facts = self.explainer.network.facts()
        settings: dict[str, Any] = {
            "model": arguments.model,
            "columns": plan.names,
            "categories": plan.categories,
            "kinds": {name: kind.kind for name, kind in plan.kinds.items()},
            "log": list(plan.log),
            "id": plan.id,
            "groups": self.groups,
            "n_support": len(self.features),
        }
        if self.is_density:
            settings |= {"gamma": facts["gamma"], "rule": facts["rule"]}
        else:
            settings |= {"clusters": arguments.clusters, "rule": facts["rule"]}
        document = {
            "skneon_version": __version__,
            "source": self.table.name,
            "n_rows": n_rows,
            "settings": settings,
            "notes": self.notes,
            "rows" if self.is_density else "clusters": said,
        }
        return json.dumps(_jsonable(document), indent=1, allow_nan=False)


def _jsonable(value: Any) -> Any:
    """The same with None for numbers that are not finite."""
    if isinstance(value, dict):
        return {key: _jsonable(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(v) for v in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _columns(plan: Plan) -> str:
    columns = count(len(plan.names), "column")
    if not plan.categories:
        return f"{columns}, standardised"
    categories = f"{len(plan.categories)} of categories"
    if not plan.numbers:
        return f"{columns}, all of categories"
    return f"{columns}, {len(plan.numbers)} standardised, {categories}"


def _groups(pairs: Any, plan: Plan) -> dict[str, list[str]]:
    """Groups of columns, which an Explanation without rows checks."""
    groups, none = dict(pairs), np.empty((0, len(plan.names)))
    names = tuple(plan.names)
    try:
        Explanation(none, none[:, 0], "", names, none, none).aggregate(groups)
    except ValueError as error:
        raise TableError(f"--group: {error}") from None
    return groups
