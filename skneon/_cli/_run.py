# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A run of the command: from the arguments to what is printed and written."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from skneon._cli._arguments import FLAGS, options_of
from skneon._cli._fitted import Fitted, fit, rows_of
from skneon._cli._flags import flags_of
from skneon._cli._lines import lines_of
from skneon._cli._model_file import load, save
from skneon._cli._output import Output, format_of
from skneon._cli._said import Said
from skneon._cli._show import bar
from skneon._normal_tail import tail_shape
from skneon._p_values import p_values
from skneon._report._entries import Clusters, Entry, Groups, apart, reasons
from skneon._report._files import replacing, writing
from skneon._report._judge import Judge, Leading, largest, suspects_note
from skneon._report._origin import Origin, identity, lines_of_clusters
from skneon._report._page import page_of
from skneon._report._report import check_installed
from skneon._report._scale import Scale
from skneon._report._study import TABLE_ROWS, Study
from skneon._tables._again import read_again
from skneon._tables._data_sets import data_set
from skneon._tables._prepare import SUPPORT
from skneon._tables._read import open_table
from skneon._tables._source import Source
from skneon._tables._words import Doubt, TableError, listed, pd
from skneon._validation import import_optional
from skneon.explanation._cluster_names import is_none, noise_of
from skneon.explanation._explanation import Explanation
from skneon.explanation._groups import group_members
from skneon.explanation._text import count
from skneon.network.numerics._types import Array
from skneon.neuralization._in_sample import in_sample
from skneon.neuralization._own_rows import knows_its_rows
from skneon.neuralization._training_scores import training_scores

# rows from which on a terminal shows progress
LONG = 20_000
IN_SAMPLE = (
    "Most rows are among those that the model was fitted to, and meet themselves in "
    "it: {} too {}. Without --model-file or --fit-on each is left out."
)
SCORES, EVIDENCE = ("scores are", "small"), ("evidence is", "large")
BY_RULE = (
    'All rows are explained, by the quick rule "{}"; the default is for up to {:,}.'
)
FILES = {
    "output": "All rows, with values and relevances, are", "report": "The report is",
    "save": "The model, and the rows it was fitted to, are",
}  # fmt: skip


def run(arguments: Namespace) -> tuple[str, int]:
    """Do what the arguments say; what is to be printed, and how many are flagged."""
    with ExitStack() as stack:
        if arguments.output:
            format_of(arguments.output)
        if arguments.report:
            check_installed()
        if arguments.save or arguments.model_file:
            import_optional("skops.io", "model")
        files = {
            option: stack.enter_context(replacing(path))
            for option in ("output", "report", "save")
            if (path := getattr(arguments, option))
        }
        import_optional("pandas", "tables")
        options, fitted = options_of(arguments), None
        if arguments.model_file:
            fitted = load(arguments.model_file)
        elif arguments.fit_on:
            with open_table(arguments.fit_on, options) as table:
                fitted, _ = fit(arguments, table)
        data = arguments.data
        of_table = data_set("wine") if data is None else (data, "")
        table = stack.enter_context(open_table(of_table[0], options, of_table[1]))
        return Run(arguments, table, files, fitted).told()


class Run:
    """A table, whose rows are those of the fit or new to the model, and what they are.

    ``own`` are rows of a sample of the table: all of them, where there are few.
    """

    def __init__(
        self,
        arguments: Namespace,
        table: Source,
        files: dict[str, Path],
        fitted: Fitted | None,
    ) -> None:
        self.arguments, self.files, self.is_new = arguments, files, fitted is not None
        if fitted is None:
            self.fitted, self.found = fit(arguments, table)
            self.notes = list(self.fitted.notes)
        else:
            self.fitted, strict = fitted, arguments.strict
            table, self.found = read_again(table, fitted.known, SUPPORT, strict)
            of_fit = [f"{fitted.source}: {note}" for note in fitted.notes]
            self.notes = [*of_fit, *self.found.notes]
        self.table, self.plan = table, self.fitted.plan
        self.is_sampled = self.found.n_rows > len(self.found.rows)
        self.kind, self.groups = self.fitted.kind, dict(arguments.group)
        self.finds_outliers = self.kind.finds_outliers
        try:
            members = group_members(self.groups, self.plan.names)
        except ValueError as error:
            raise TableError(f"--group: {error}") from None
        # what the relevances are of, and which of these have texts as values
        self.names = list(members)
        self.texts = {
            n for n, i in members.items() if len(i) == 1 and self._is_text(*i)
        }
        known_rows = None if self.is_new else self.fitted.rows
        drawn = self.found.rows, self.found.sample
        self.own, self.labels = rows_of(self.plan, *drawn, known_rows)
        if not len(self.own):
            raise TableError(f"{table.name} has no row with any value.")
        explains_all = arguments.output or not self.finds_outliers
        self.rule = rule = self.kind.rule(self.found.n_rows if explains_all else 0)
        network = self.fitted.network(arguments.n_jobs, rule, self.is_new)
        if rule:
            self.notes.append(BY_RULE.format(rule, self.kind.most))
        numbers = None if self.is_new else self.own.index.to_numpy()
        if self.is_new and knows_its_rows(network) and in_sample(network, self.own, {}):
            said = SCORES if self.finds_outliers else EVIDENCE
            self.notes.append(Doubt(IN_SAMPLE.format(*said)))
        self.judge, self.facts = Judge(network, numbers), network.facts()
        self.notes += suspects_note(self.facts)
        self.leading = Leading(max(arguments.top, TABLE_ROWS))
        if not self.finds_outliers:
            self._refuse_flags()
        self.clusters = Clusters(self.plan, self.names, self.groups)
        # rows in no cluster
        self.outside: list[Entry] = []

    def _refuse_flags(self) -> None:
        """Clusters from a file have no outliers either."""
        for option in (*FLAGS, "fail_on_outliers"):
            if getattr(self.arguments, option) not in (None, False):
                name = option.replace("_", "-")
                raise TableError(f"--{name}: clusters have no outliers.")

    def _is_text(self, column: int) -> bool:
        """Whether values of a column are shown as texts."""
        kind = self.plan.kinds[self.plan.names[column]]
        return kind.kind != "number" or bool(getattr(kind, "base", 0))

    def _flags(self, scores: Array | None) -> Scale | None:
        """Which rows are flagged; by all scores, where these are known."""
        if not self.finds_outliers:
            return None
        known = np.asarray(training_scores(self.judge.network), dtype=float)
        n_rows = self.found.n_rows if self.is_sampled else len(self.own)

        def all_p() -> Array:
            found = scores
            if found is None:
                parts = (rows for _, rows, _ in self._parts() if len(rows))
                found = np.concatenate([self._score(rows) for rows in parts])
            return p_values(found, known)

        return flags_of(
            self.arguments, known, n_rows, self.is_new, all_p, tail_shape(self.facts)
        )

    def told(self) -> tuple[str, int]:
        """Explain all rows, write what is to be written, and say what was found."""
        arguments, flags = self.arguments, None
        if arguments.output:
            # files have them in the only pass
            flags = self._flags(None)
        n_used = self._pass(flags)
        scores = np.concatenate(self.leading.scores)
        if flags := flags or self._flags(scores):
            flags = replace(flags, score=scores)
        if arguments.save:
            with writing(arguments.save):
                save(self.fitted, self.files["save"])
        self.notes += self._last_notes(self.found.n_rows - n_used)
        if not self.finds_outliers:
            self.notes += self._empty_clusters()
        if arguments.report:
            self._write_report(n_used, flags)
        # pages are no place for where they are
        for option, what in FILES.items():
            if path := getattr(arguments, option):
                self.notes.append(f"{what} in {path}.")
        entries = self._outliers(flags) if flags else self.clusters.entries()
        said = Said(
            self.table.name, n_used, entries, self.fitted, self.facts, flags,
            self.groups, self.notes, self.is_new, self.is_sampled, self.outside,
        )  # fmt: skip
        n_flagged = flags.n_beyond if flags else 0
        if arguments.json:
            return said.document(), n_flagged
        return "" if arguments.quiet else said.text(), n_flagged

    def _last_notes(self, n_missing: int) -> Iterator[str]:
        """What there is to say of all rows."""
        fitted = self.fitted
        if n_missing:
            yield f"Left out, {count(n_missing, 'row')} without any value."
        if fitted.n_rows > fitted.n_support + n_missing:
            own = "; each of them is left out where it is judged itself"
            yield (
                f"The model was fitted to {fitted.n_support} rows drawn at random "
                f"(--max-support){own * (self.judge.own is not None)}."
            )

    def _empty_clusters(self) -> Iterator[str]:
        """Clusters of the model that no row of the table is in."""
        network = self.judge.network
        named = network.classes
        known = range(network.n_clusters) if named is None else named.tolist()
        known = [c for c in known if not is_none(c, noise_of(self.facts))]
        if empty := [str(c) for c in known if c not in self.clusters.sums]:
            which = count(len(empty), "cluster")
            has = "has" if len(empty) == 1 else "have"
            yield f"{which} {has} no row in {self.table.name}: {listed(empty)}."

    def _parts(self) -> Iterator[tuple[int, Any, Array]]:
        """Numbers of rows, their features and labels, in parts where there are many."""
        if not self.is_sampled:
            yield self.found.n_rows, self.own, self.labels
            return
        start = 0
        for n_rows, columns in self.table.parts(self.plan.columns):
            numbers = np.arange(start, start + n_rows)
            yield n_rows, *rows_of(self.plan, numbers, columns)
            start += n_rows

    def _pass(self, flags: Scale | None) -> int:
        """The last pass over the table; number of rows with any value."""
        arguments, n_seen, n_used, output = self.arguments, 0, 0, None
        is_long = self.found.n_rows > LONG and not arguments.quiet
        shows = arguments.progress or (is_long and sys.stderr.isatty())
        with ExitStack() as stack:
            update = stack.enter_context(bar(self.found.n_rows, shows))
            if arguments.output:
                file = Output(arguments.output, self.files["output"])
                output = stack.enter_context(file)
            for n_rows, features, labels in self._parts():
                n_seen, n_used = n_seen + n_rows, n_used + len(features)
                if len(features):
                    self._tell(features, labels, output, flags)
                update(n_rows)
        if n_seen != self.found.n_rows:
            raise TableError(
                f"{self.table.name} was changed while it was read: start again."
            )
        return n_used

    def _tell(
        self, features: Any, labels: Array, output: Output | None, flags: Scale | None
    ) -> None:
        """Hand rows on to what is shown and written."""
        if self.finds_outliers and output is None:
            self.leading.add(self._score(features), labels, features)
            return
        explanation = self._explained(features, labels, self.groups)
        self.leading.add(explanation.score, labels, features)
        if not self.finds_outliers:
            self.clusters.add(features, explanation)
            self._set_apart(explanation, features.index, labels)
        if output is not None:
            score, label = explanation.score, self.plan.id or "row"
            about = flags.columns(score) if flags else {"score": score}
            form = self.arguments.output_form
            output.add(lines_of(explanation, about, label, form, self.texts))

    def _score(self, features: Any) -> Array:
        return self.judge.score(features, features.index.to_numpy())

    def _explained(self, features: Any, labels: Array, groups: Groups) -> Explanation:
        found = self.judge.explain(features, features.index.to_numpy(), labels)
        shown = self.plan.shown(found)
        return shown.aggregate(groups) if groups else shown

    def _outliers(self, flags: Scale) -> list[Entry]:
        """What there is to say of the leading rows."""
        score, labels, rows = self.leading.rows
        rows = rows.iloc[: self.arguments.top]
        found = self._explained(rows, labels[: len(rows)], self.groups)
        return [
            {"row": int(row), **({"id": labels[k]} if self.plan.id else {}),
             **flags.numbers(score[k]), "residual": float(found.residual[k]),
             "reasons": reasons(found, k, self.groups)}
            for k, row in enumerate(rows.index)
        ]  # fmt: skip

    def _set_apart(self, explanation: Explanation, numbers: Any, labels: Array) -> None:
        """Keep the farthest of the rows in no cluster, and why."""
        noise = np.flatnonzero(explanation.target == noise_of(self.facts))
        for k in noise[largest(explanation.score[noise], self.arguments.top)]:
            label = {"id": labels[k]} if self.plan.id else {}
            reason = reasons(explanation, k, self.groups)
            one = {"row": int(numbers[k]), **label, **apart(explanation, k)}
            left = {"residual": float(explanation.residual[k])}
            self.outside.append({**one, **left, "reasons": reason})
        self.outside.sort(key=lambda entry: -entry["score"])
        del self.outside[self.arguments.top :]

    def _lines(self) -> tuple[str, ...]:
        """Python that makes the same clusters; none for outliers."""
        if self.finds_outliers:
            return ()
        size, fitted = len(self.found.rows) if self.is_sampled else None, self.fitted
        return lines_of_clusters(
            self.arguments.data,
            options_of(self.arguments),
            size,
            fitted.model[-1],
            fitted.choice.words,
            self.kind.keeps_rows,
            self.rule,
        )

    def _reference(self) -> tuple[str, int] | None:
        fitted = self.fitted
        return (Path(fitted.source).name, fitted.n_support) if self.is_new else None

    def _write_report(self, n_rows: int, scale: Scale | None) -> None:
        """A report on a sample of the rows, and the leading ones of all."""
        (_, labels, rows), own = self.leading.rows, self.own
        others, size = ~rows.index.isin(own.index), len(own)
        rows = pd.concat([own, rows[others]])
        labels = np.concatenate([self.labels, labels[others]])
        main = self._explained(rows, labels, {})
        what = "Outlierness" if self.finds_outliers else "Evidence for clusters"
        numbers, title = rows.index.to_numpy(), Path(self.table.name).name
        data = self.arguments.data
        is_file = data is not None and Path(data).is_file()
        known = identity(data, own) if is_file else ("", "", "")
        lines = self._lines() if is_file and not self.is_new else ()
        origin = Origin(*known, lines, command=self.arguments.command)
        try:
            faithful = [self.judge.faithfulness(what, own, numbers[:size], 0)]
            study = Study(
                self.plan, self.found, n_rows, numbers, size, rows, main, faithful,
                scale, models={"model": self.fitted.model}, notes=self.notes,
                choice=self.fitted.choice,
                is_fit=not self.is_new, origin=origin,
                reference=self._reference(),
            )  # fmt: skip
            settings = {"top": self.arguments.top, "random_state": 0}
            html = page_of(study, title, self.groups or None, **settings)
        except (TypeError, ValueError) as error:
            raise TableError(f"--report: {error}") from error
        with writing(self.arguments.report):
            self.files["report"].write_text(html, encoding="utf-8", newline="\n")
