# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The command: from the arguments to what is printed and written."""

import json
import os
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

from skneon._cli._arguments import check, parser
from skneon._cli._clusters import Clusters
from skneon._cli._entries import entries, jsonable
from skneon._cli._errors import TableError, count, printable
from skneon._cli._model import fitted
from skneon._cli._output import Relevances, kind_of, replacing
from skneon._cli._plan import plan, wanted
from skneon._cli._report import write_report
from skneon._cli._show import cluster_lines, outlier_lines, wrapped
from skneon._cli._stream import Explainer, Leading, stream
from skneon._cli._survey import survey
from skneon._cli._table import open_table
from skneon._version import __version__

MAX_SUPPORT = {"kde": 10_000, "kmeans": 100_000}
# rows from which on a terminal shows progress
LONG = 20_000


def main(argv=None):
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


def _close_output():
    """Keep the interpreter from flushing what cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run(arguments):
    """Do what the arguments say.

    Parameters
    ----------
    arguments : Namespace

    Returns
    -------
    text : str
        What is to be printed.
    """
    with ExitStack() as stack:
        parts = {}
        if arguments.output:
            kind_of(arguments.output)
        for option in ("output", "report"):
            path = getattr(arguments, option)
            if path:
                parts[option] = stack.enter_context(replacing(path))
        form = arguments.encoding, arguments.delimiter, arguments.decimal
        table = stack.enter_context(open_table(arguments.data, *form))
        return _run(arguments, table, parts)


def _run(arguments, table, parts):
    size = arguments.max_support or MAX_SUPPORT[arguments.model]
    names = wanted(table, arguments)
    ids = [] if arguments.id is None else [arguments.id]
    found = survey(table, [*names, *ids], size)
    if not found.n_rows:
        raise TableError(f"{table.name} has a header line but no rows.")
    if found.n_rows < 2:
        raise TableError(f"{table.name} has 1 row: at least 2 are needed to compare.")
    how = plan(found, names, table, arguments)
    features = how.features(found.sample)
    if len(features) < 2:
        raise TableError(
            f"{table.name} has {count(len(features), 'row')} with any value: at least "
            "2 are needed to compare."
        )
    model, notes = fitted(features, how, arguments)
    training_rows = features.index.to_numpy()
    explainer = Explainer(model, how, training_rows, arguments.n_jobs)
    sampled = size if found.n_rows > size else None
    is_density = arguments.model == "kde"
    n_clusters = arguments.clusters
    tally = Leading(arguments.top) if is_density else Clusters(n_clusters, how)
    n_used = _pass(arguments, table, found.n_rows, explainer, tally, parts)
    notes = [*table.notes, *how.notes, *notes]
    if n_used < found.n_rows:
        notes.append(
            f"Left out, {count(found.n_rows - n_used, 'row')} without any value."
        )
    if sampled:
        notes.append(_sample_note(len(features), is_density))
    if is_density:
        leading = explainer.explain(tally.features, tally.labels)
        numbers = tally.features.index
        said = entries(leading, numbers, how.groups, arguments.id is not None)
    else:
        said = tally.entries()
    if arguments.output:
        notes.append(f"All relevances are in {arguments.output}.")
    heading = f"{table.name}: {n_used} rows, {_columns(how)}"
    if arguments.report:
        labels = how.labels(found.sample.loc[features.index])
        write_report(
            model,
            features.set_axis(labels),
            parts["report"],
            title=Path(table.name).name,
            top=arguments.top,
            groups=how.groups,
        )
        notes.append(f"The report is in {arguments.report}.")
    meta = explainer.network.facts()
    if arguments.json:
        settings = _settings(arguments, how, meta, len(features))
        return _document(table, n_used, settings, notes, said, is_density)
    if arguments.quiet:
        return ""
    if is_density:
        lines = outlier_lines(said, meta["gamma"], len(features) if sampled else None)
    else:
        lines = cluster_lines(said)
    notes = [line for note in notes for line in wrapped(note)]
    return "\n".join(map(printable, [heading, *notes, "", *lines]))


def _pass(arguments, table, n_rows, explainer, tally, parts):
    """The second pass over the table; number of rows with any value."""
    how = explainer.plan
    consumers = [_scores_to(tally) if isinstance(tally, Leading) else tally.add]
    with ExitStack() as stack:
        if arguments.output:
            label = "row" if arguments.id is None else arguments.id
            relevances = Relevances(arguments.output, parts["output"], label)
            consumers.append(stack.enter_context(relevances).add)
        scores_only = isinstance(tally, Leading) and not arguments.output
        verbose = _shows_progress(arguments, n_rows)
        given = table, how, explainer, n_rows, consumers, scores_only, verbose
        return stream(*given)


def _scores_to(leading):
    def consume(score, features, labels, explanation):
        leading.add(score, features, labels)

    return consume


def _shows_progress(arguments, n_rows):
    is_long = n_rows > LONG and not arguments.quiet
    has_bar = find_spec("tqdm") is not None
    return arguments.progress or (is_long and has_bar and sys.stderr.isatty())


def _sample_note(n_support, is_density):
    note = f"The model was fitted to {n_support} rows drawn at random (--max-support)"
    if is_density:
        return note + "; each of them is left out where it is judged itself."
    return note + "."


def _columns(how):
    columns = count(len(how.names), "column")
    if not how.categories:
        return f"{columns}, standardised"
    categories = f"{len(how.categories)} of categories"
    if not how.numbers:
        return f"{columns}, all of categories"
    return f"{columns}, {len(how.numbers)} standardised, {categories}"


def _settings(arguments, how, meta, n_support):
    known = {
        "model": arguments.model,
        "columns": how.names,
        "categories": how.categories,
        "log": how.log,
        "id": how.id,
        "groups": how.groups,
        "n_support": n_support,
    }
    if arguments.model == "kde":
        return known | {"gamma": meta["gamma"], "rule": meta["rule"]}
    return known | {"clusters": arguments.clusters, "rule": meta["rule"]}


def _document(table, n_rows, settings, notes, said, is_density):
    document = {
        "skneon_version": __version__,
        "source": table.name,
        "n_rows": n_rows,
        "settings": settings,
        "notes": notes,
        "rows" if is_density else "clusters": said,
    }
    return json.dumps(jsonable(document), indent=1, allow_nan=False)
