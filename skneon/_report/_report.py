# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A report on a table: outliers, clusters, and the reasons, as one HTML file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from os import PathLike
from typing import Any

import numpy as np

from skneon._report._contents import (
    clusters_section,
    count,
    data_section,
    faithful_section,
    map_section,
    rows_sections,
    settings_section,
    summary_notes,
)
from skneon._report._models import plane
from skneon._report._page import in_a_frame, render, write
from skneon._report._parts import Parts, default_parts, explanation_parts, model_parts
from skneon._report._table import Table
from skneon._tables._words import pd
from skneon._validation import import_optional
from skneon.explanation._explanation import Explanation
from skneon.explanation._text import one_line, shorten
from skneon.network.numerics._types import Array
from skneon.plotting._display import check_count

LONGEST_TITLE = 200


@dataclass(frozen=True, repr=False)
class Report:
    """A report, as `skneon.report` makes it.

    Parameters
    ----------
    html : str
        A whole page, which needs no other file and no network.
    explanations : dict of str to Explanation
        What it tells of: "outliers" and "clusters", or "model".
    models : dict of str to fitted estimator
        Their models, where they are known.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skneon import report
    >>> page = report(None, load_iris(as_frame=True).data, n_clusters=3)
    >>> page.explanations["clusters"]
    <Explanation of cluster: 150 rows, 4 features>
    """

    html: str
    explanations: dict[str, Explanation] = field(default_factory=dict)
    models: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Report: {', '.join(self.explanations)}; {len(self.html)} characters>"

    def _repr_html_(self) -> str:
        """The page in a frame, as notebooks show it."""
        return in_a_frame(self.html)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page to a file, by a temporary one beside it.

        Parameters
        ----------
        path : str or path-like

        Raises
        ------
        OSError
            Where it cannot be written; a file that was there stays as it was.
        """
        write(self.html, path)


def report(
    model: Any,
    X: Any,
    *,
    path: str | PathLike[str] | None = None,
    title: str | None = None,
    top: int = 10,
    embedding: Any = None,
    n_clusters: int | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    random_state: int = 0,
) -> Report:
    """Report on a table as one HTML file: what stands out, and why.

    Sections: the data, the most outlying rows with their reasons, a table of rows and
    leading columns, profiles of the clusters, a map, how faithful the explanations are,
    and the settings. The file needs no network. All texts of the table are escaped.

    Beyond 10,000 rows, models are fitted to, and pictures show, that many rows drawn at
    random (5000 of a model's own rows); up to 100,000 rows are scored, and the largest
    scores explained.

    Parameters
    ----------
    model : fitted estimator, Explanation or None
        None fits two models, `NeonKDE` for outliers and `NeonKMeans` for clusters,
        behind the steps of `skneon.prepare`, as the command line does. Else any model
        that `skneon.explain` takes, or an explanation of the rows of X. Where X is what
        a density model was fitted to, each row is left out of its own model.
    X : array-like or frame of shape (n, d), str or Prepared
        The table, as the model takes it. For ``model=None`` also the name of a file, or
        what `skneon.prepare` gives. None for an explanation's own rows.
    path : str or path-like, default=None
        File to write the page to.
    title : str, default=None
    top : int, default=10
        Number of rows whose reasons are told.
    embedding : array-like or frame of shape (n, 2), default=None
        Positions of the rows on the map. None takes two principal components of the
        standardised numbers.
    n_clusters : int, default=None
        For ``model=None``. None takes that of the largest silhouette among 2 to 8; 0
        leaves clusters out.
    groups : dict of str to list of str, default=None
        Columns whose contributions are told as one, as in `Explanation.aggregate`.
    random_state : int, default=0
        Draws rows, k-means' centroids, and the orders that explanations are compared
        to.

    Returns
    -------
    report : Report
        With ``html``, ``save(path)``, ``explanations`` and ``models``.

    Raises
    ------
    ImportError
        Without jinja2, matplotlib, pandas and pyarrow:
        ``pip install "skneon[report]"``.
    TypeError
        For a model that `skneon.explain` does not take.
    ValueError
        For bad arguments; for columns that share a name, infinite values, a single row
        and a table in which nothing varies; for rows that the model does not take.
    NotFittedError
        For a model that is not fitted.
    OSError
        Where the file cannot be written.

    See Also
    --------
    explain : The explanations by themselves.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skneon import report
    >>> page = report(None, load_wine(as_frame=True).data, top=3)
    >>> page.html[:15], len(page.html) < 3e6
    ('<!DOCTYPE html>', True)
    >>> sorted(page.models)
    ['clusters', 'outliers']
    """
    for module in ("jinja2", "matplotlib", "pandas", "pyarrow"):
        import_optional(module, "report")
    _check_arguments(model, top, n_clusters, random_state)
    if model is None:
        parts = default_parts(X, n_clusters, random_state)
    elif isinstance(model, Explanation):
        parts = explanation_parts(model, X, random_state)
    else:
        parts = model_parts(model, X, random_state)
    options = {"top": top, "groups": groups, "n_clusters": n_clusters}
    options["random_state"] = random_state
    page = page_of(parts, options, title, embedding)
    if path is not None:
        page.save(path)
    return page


def _check_arguments(
    model: Any, top: int, n_clusters: int | None, random_state: int
) -> None:
    check_count("top", top)
    if n_clusters is not None:
        check_count("n_clusters", n_clusters, least=0)
        if model is not None:
            raise ValueError("n_clusters is for model=None: a model has its own.")
    if not isinstance(random_state, Integral) or isinstance(random_state, bool):
        raise ValueError(f"random_state must be an int, got {random_state!r}.")


def page_of(
    parts: Parts, options: dict[str, Any], title: str | None, embedding: Any = None
) -> Report:
    """The page that these parts make."""
    table, n = parts.table, len(parts.table.frame)
    main, clusters, groups = parts.main, parts.clusters, options["groups"]
    if groups is not None:
        main = main.aggregate(groups)
        clusters = None if clusters is None else clusters.aggregate(groups)
    sampled = main[: parts.n_sample]
    sample = parts.numbers[: parts.n_sample]
    positions, map_words = _positions(table, embedding, parts.numbers, sample)
    on_sample = None if positions is None else positions.iloc[: parts.n_sample]
    contents = {
        "title": _title(parts, title),
        "subtitle": f"{count(n, 'row')}, {count(len(table.kinds), 'column')}; every "
        "score is explained column by column.",
        "default": parts.default,
        "notes": parts.notes + summary_notes(sampled),
        **data_section(table, parts.default),
        **rows_sections(main, sampled, options["top"], n),
        **clusters_section(clusters, table, sample, parts.silhouettes),
        **map_section(main, positions, clusters, on_sample, map_words),
        **faithful_section(parts.measured),
        **settings_section(*_settings(parts, options)),
    }
    heads = {
        "short": "In short",
        "data": "The data",
        "rows": contents["rows_head"],
        "table": "Table",
        "clusters": "Clusters",
        "map": "Map",
        "faithful": "Faithfulness",
        "settings": "Settings",
    }
    if not contents["profiles"]:
        del heads["clusters"]
    html = render(contents | {"sections": list(heads.items())})
    return Report(html, parts.explanations, parts.models)


def _title(parts: Parts, title: str | None) -> str:
    if title is not None:
        return shorten(one_line(title), LONGEST_TITLE) or "Report"
    if parts.default:
        both = parts.clusters is not None
        return "Outliers and clusters, and why" if both else "Outliers, and why"
    meta = parts.main.meta
    name = meta.get("last_step", meta.get("model", "A model"))
    return shorten(one_line(f"{name}, explained"), LONGEST_TITLE)


def _positions(
    table: Table, embedding: Any, numbers: Array, sample: Array
) -> tuple[Any, str]:
    """Positions of some rows as a frame, or None; and what they are."""
    n = len(table.frame)
    if embedding is not None:
        names = [str(c) for c in getattr(embedding, "columns", ("", ""))]
        try:
            given = np.asarray(embedding, dtype=float)
        except (TypeError, ValueError) as error:
            raise ValueError(f"embedding must be numbers: {error}") from None
        if given.shape != (n, 2) or not np.isfinite(given).all():
            raise ValueError(
                f"embedding must be finite and of shape ({n}, 2), got {given.shape}."
            )
        frame = pd.DataFrame(given[numbers], columns=names)
        return frame, "The rows at the positions that were given."
    if len(table.frame) < 3 or not table.usable.shape[1]:
        return None, "There is too little to draw a map of."
    place, what = plane(table, sample)
    if place is None:
        return None, "There are too few columns to draw a map of."
    words = (
        f"Two principal components of {what}, imputed and standardised. They show the "
        "widest directions of the table, not all that the model sees: what looks near "
        "here may be far in another column."
    )
    return place(numbers), words


def _settings(parts: Parts, options: dict[str, Any]) -> Any:
    groups = "" if options["groups"] is None else f", groups={options['groups']!r}"
    common = f"top={options['top']}, random_state={options['random_state']}{groups}"
    if parts.default:
        given = options["n_clusters"]
        clusters = "" if given is None else f", n_clusters={given}"
        snippet = (
            "import skneon\n\n"
            f"report = skneon.report(None, X{clusters}, {common})  # X: the table\n"
            'report.save("report.html")\n'
            'report.models["outliers"]  # fitted Pipelines, for further rows\n'
            'report.explanations["outliers"].to_frame()  # all contributions'
        )
        words = "To make this report again, and to go on from it:"
    else:
        what = "model" if parts.models else "explanation"
        snippet = (
            "import skneon\n\n"
            f"report = skneon.report({what}, X, {common})\n"
            'report.save("report.html")\n'
            'report.explanations["model"].to_frame()  # all contributions'
        )
        words = f"To make this report again from the fitted {what} and its rows X:"
        if not parts.models:
            words = "To make this report again from the explanation and its rows X:"
    heads = {"outliers": "Outliers", "clusters": "Clusters", "model": "The model"}
    models = [(heads[name], model) for name, model in parts.models.items()]
    return snippet, models, words
