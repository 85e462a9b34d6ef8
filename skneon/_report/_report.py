# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A report on a table: outliers, clusters, and the reasons, as one HTML file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from html import escape
from numbers import Integral
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from skneon._report._files import replacing, writing
from skneon._report._page import page_of
from skneon._report._study import default_study, explanation_study, model_study
from skneon._tables._words import Options, listed
from skneon._validation import import_optional
from skneon.explanation._explanation import Explanation
from skneon.plotting._display import check_count

# what to ask of a model: explanations have it
EXPLAINED = frozenset({
    "target", "evidence", "component", "rule", "cluster", "rival", "members",
    "X_train", "background",
})  # fmt: skip


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
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="Report" '
            'sandbox="allow-scripts allow-downloads" '
            'style="width:100%;height:40rem;border:0"></iframe>'
        )

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page to a file, by a temporary one beside it.

        Parameters
        ----------
        path : str or path-like

        Raises
        ------
        ValueError
            For names that do not end in .html.
        OSError
            Where it cannot be written; a file that was there stays as it was.
        """
        _check_path(path)
        with replacing(path) as part, writing(path):
            part.write_text(self.html, encoding="utf-8", newline="\n")


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
    **options: Any,
) -> Report:
    """Report on a table as one HTML file: what stands out, and why.

    First it says how many rows are beyond the `skneon.threshold` of the training rows'
    scores, where these are at hand; new rows are flagged by their p-values, with a
    false discovery rate of 10 %. Sections: the data, the most outlying rows with
    their reasons and what drives them, a table of rows and leading columns, which can
    be searched, sorted and taken away as CSV, profiles of the clusters, a map, how
    faithful the explanations are, and the settings. The file needs no network. All
    texts of the table are escaped. Its date is today's, or that of the environment
    variable ``SOURCE_DATE_EPOCH``.

    Clusters whose silhouette is not above that of tables without clusters, of the same
    columns and rank correlations, are no finding: their profiles are folded away. See
    :doc:`thresholds </thresholds>`.

    Beyond 10,000 rows, models are fitted to, and pictures show, that many rows drawn at
    random (5000 for a given model); all rows are scored, and the largest scores
    explained.

    Parameters
    ----------
    model : fitted estimator, Explanation or None
        None fits two models, ``NeonKDE(gamma="likelihood")`` for outliers and
        `NeonKMeans` for clusters, behind the steps of `skneon.prepare`, as the command
        line does. Else any model that `skneon.explain` takes, or an explanation of the
        rows of X. Where X is what a density model, or a clustering that has no
        `predict`, was fitted to, each row is left out of its own model.
    X : array-like or frame of shape (n, d), str or Prepared
        The table, as the model takes it, or what `skneon.prepare` gives. For
        ``model=None`` also the name of a file. None for an explanation's own rows.
    path : str or path-like, default=None
        File to write the page to, which ends in .html.
    title : str, default=None
    top : int, default=10
        Number of rows whose reasons are told.
    embedding : array-like or frame of shape (n, 2), default=None
        Positions of the rows on the map. None takes two principal components of the
        columns, as `skneon.prepare` makes numbers of them.
    n_clusters : int, default=None
        For ``model=None``, at least 2. None takes that of the largest silhouette among
        2 to 8; 0 leaves clusters out.
    groups : dict of str to list of str, default=None
        Columns whose contributions are told as one, as in `Explanation.aggregate`.
    random_state : int, default=0
        Draws rows, k-means' centroids, and the orders and tables that explanations and
        clusters are compared to.
    **options
        For ``model=None``: how the table is to be read, as in `skneon.prepare`, such as
        ``missing="?"`` or ``log="none"``.

    Returns
    -------
    report : Report
        With ``html``, ``save(path)``, ``explanations`` and ``models``.

    Raises
    ------
    ImportError
        Without jinja2, pandas and pyarrow:
        ``pip install "skneon[report]"``.
    TypeError
        For a model that `skneon.explain` does not take, and unknown options.
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
    check_installed()
    _check_arguments(model, top, n_clusters, random_state)
    if path is not None:
        _check_path(path)
    _check_options(model, options)
    if model is None:
        study = default_study(X, n_clusters, random_state, top, options)
    elif isinstance(model, Explanation):
        study = explanation_study(model, X, random_state, top)
    else:
        study = model_study(model, X, random_state, top)
    settings = {"n_clusters": n_clusters, "top": top, "random_state": random_state}
    html = page_of(study, title, groups, embedding, **settings)
    page = Report(html, study.explanations, study.models)
    if path is not None:
        page.save(path)
    return page


def check_installed() -> None:
    """Say which extra brings what pages are made with."""
    for module in ("jinja2", "pandas", "pyarrow"):
        import_optional(module, "report")


def _check_arguments(
    model: Any, top: int, n_clusters: int | None, random_state: int
) -> None:
    check_count("top", top)
    if n_clusters is not None:
        check_count("n_clusters", n_clusters, least=0)
        if n_clusters == 1:
            raise ValueError(
                "n_clusters must be at least 2, or 0, which leaves clusters out; got 1."
            )
        if model is not None:
            raise ValueError("n_clusters is for model=None: a model has its own.")
    if not isinstance(random_state, Integral) or isinstance(random_state, bool):
        raise ValueError(f"random_state must be an int, got {random_state!r}.")


def _check_path(path: str | PathLike[str]) -> None:
    if Path(path).suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"path={fspath(path)!r}: it must end in .html.")


def _check_options(model: Any, options: Mapping[str, Any]) -> None:
    known = [field.name for field in fields(Options)]
    if asked := [name for name in options if name in EXPLAINED]:
        raise TypeError(
            f"report() has no argument {asked[0]!r}, which is one of skneon.explain: "
            f"pass an explanation, report(explain(model, X, {asked[0]}=...), X)."
        )
    if unknown := [name for name in options if name not in known]:
        raise TypeError(
            f"report() has no argument {unknown[0]!r}. Options of skneon.prepare are "
            f"{listed(known)}."
        )
    if options and model is not None:
        raise ValueError(
            f"{listed(options)}: options of reading are for model=None. Else the table "
            "is prepared for the model already."
        )
