# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""From a study to one HTML file that needs nothing else; words are in the template."""

import platform
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Any

import numpy as np

from skneon._report._entries import Clusters
from skneon._report._figures import pictures
from skneon._report._judge import largest
from skneon._report._study import TABLE_ROWS, Study
from skneon._report._table import overview, plane
from skneon._report._words import count, percent, plain_lines, shown_cell, shown_name
from skneon._tables._libraries import pd
from skneon._validation import import_optional
from skneon._version import __version__
from skneon.explanation._explanation import Explanation
from skneon.explanation._text import (
    is_missing,
    number_text,
    one_line,
    rival_name,
    row_name,
    score_name,
    shorten,
)

Contents = dict[str, Any]
# nothing is loaded but the pictures in the page; the one script is known by its hash
POLICY = (
    "default-src 'none'; script-src 'sha256-{}'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
LONGEST_TITLE, LONGEST_MODEL = 200, 6000
TABLE_FEATURES, CLUSTERS, REASONS = 8, 20, 4
# a reason of a smaller part is not worth a line, unless it is the first
LEAST_PART = 0.03
# a residual above this part of the score is shown
NEGLIGIBLE = 1e-6
PACKAGES = ("scikit-learn", "numpy", "scipy", "pandas", "pyarrow", "matplotlib")
OUTLIERNESS = ("outlier", "mean_distance", "kth_distance", "local_outlier_factor")
HEADS = {"outliers": "Outliers", "clusters": "Clusters", "model": "The model"}


def page_of(
    study: Study, title: str | None, groups: Mapping[str, Sequence[str]] | None,
    embedding: Any = None, **settings: Any,
) -> str:  # fmt: skip
    """The page that tells of a study."""
    main, clusters = study.main, study.clusters
    if groups is not None:
        main = main.aggregate(groups)
        clusters = None if clusters is None else clusters.aggregate(groups)
    sampled, target = main[: study.n_sample], main.target
    positions, map_words = _positions(study, embedding)
    gaps, columns = overview(study.plan, study.found)
    contents = {
        "study": study, "main": main, "clusters": clusters, "settings": settings,
        "title": _title(study, title), "groups": groups,
        "score_name": score_name(target), "is_clusters": not isinstance(target, str),
        "is_outlier": isinstance(target, str) and target in OUTLIERNESS,
        "cards": [(one, _leading(one)) for one in _largest(main, settings["top"])],
        "unexplained": _unexplained(sampled), "quantiles": _quantiles(sampled),
        "columns": columns, "gaps": gaps, "notes": _notes(study),
        "map_words": map_words,
        "kinds": Counter(column["kind"] for column in columns),
        "profiles": _profiles(study, clusters, groups or {}),
        "pictures": pictures(main, study.n_sample, clusters, positions),
        "models": [(HEADS[n], _text(model)) for n, model in study.models.items()],
        "versions": _versions(), **_contributions(main),
    }  # fmt: skip
    return render(contents)


def render(contents: Contents) -> str:
    """The page of these contents; every text among them is escaped."""
    jinja2 = import_optional("jinja2", "report")
    markup = import_optional("markupsafe", "report").Markup
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.tests["missing"] = is_missing
    environment.filters |= {
        # names break at underscores; join escapes the parts
        "name": lambda name: markup("_<wbr>").join(shown_name(name).split("_")),
        "cell": shown_cell, "line": one_line, "number": number_text,
        "thousands": "{:,}".format, "percent": percent,
        "repr": lambda value: repr(float(value)),
    }  # fmt: skip
    environment.globals |= {
        "count": count, "row_name": row_name, "rival_name": rival_name, "inf": np.inf
    }  # fmt: skip
    style, script = _template("report.css"), _template("report.js")
    policy = POLICY.format(b64encode(sha256(script.encode()).digest()).decode())
    own = {"style": markup(style), "script": markup(script), "policy": policy}
    page: str = environment.from_string(_template("report.html.j2")).render(
        contents | own, version=__version__
    )
    return page.lstrip() + "\n"


def _template(name: str) -> str:
    return files("skneon._report").joinpath("templates", name).read_text("utf-8")


def _title(study: Study, title: str | None) -> str:
    if title is None and study.is_default:
        return f"Outliers{' and clusters' * (study.clusters is not None)}, and why"
    if title is None:
        meta = study.main.meta
        title = f"{meta.get('last_step', meta.get('model', 'A model'))}, explained"
    return shorten(one_line(title), LONGEST_TITLE) or "Report"


def _notes(study: Study) -> list[str]:
    """What was decided; which columns are left out stands in a place of its own."""
    return [n for n in study.notes if not (n.startswith("Left out, ") and ": " in n)]


def _positions(study: Study, embedding: Any) -> tuple[Any, str]:
    """Positions of the rows that are explained as a frame, or None; what they are."""
    if embedding is None:
        return plane(study.plan, study.features, study.n_sample)
    names = [str(c) for c in getattr(embedding, "columns", ("", ""))]
    try:
        given = np.asarray(embedding, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"embedding must be numbers: {error}") from None
    shape = study.n_rows, 2
    if given.shape != shape or not np.isfinite(given).all():
        raise ValueError(
            f"embedding must be finite and of shape {shape}, got {given.shape}."
        )
    words = "The rows at the positions that were given."
    return pd.DataFrame(given[study.numbers], columns=names), words


def _largest(explanation: Explanation, k: int) -> list[Explanation]:
    """The rows of the largest scores, each by itself."""
    return [explanation[row] for row in largest(explanation.score, k)]


def _leading(one: Explanation) -> list[Any]:
    """The reasons of a row that are worth a line each."""
    first, *others = one.top(REASONS)[0]
    return [first, *(part for part in others if abs(part.share) >= LEAST_PART)]


def _profiles(
    study: Study, clusters: Explanation | None, groups: Any
) -> list[Contents]:
    """What makes the clusters: reasons for each, and some against."""
    if clusters is None:
        return []
    told = Clusters(study.plan, clusters.feature_names, groups)
    told.add(study.features.iloc[: study.n_sample], clusters)
    profiles = told.entries()
    for profile in profiles[:CLUSTERS]:
        reasons = profile["reasons"]
        # what speaks against is rare, and would hardly be among the first
        against = [r for r in reasons[::-1] if r["share"] <= -LEAST_PART][:REASONS]
        leading = [r for r in reasons if r["share"] >= LEAST_PART][: REASONS + 1]
        profile["reasons"] = leading + against
    return profiles


def _contributions(explanation: Explanation) -> Contents:
    """Rows of the largest scores, columns that lead there, and what has no column."""
    part = explanation[largest(explanation.score, TABLE_ROWS)]
    size = np.abs(part.relevance)
    leading = largest(size.mean(axis=0), TABLE_FEATURES)
    known = np.isfinite(part.score)
    residual, score = np.where(known, [part.residual, part.score], 0.0)
    is_lossy = (np.abs(residual) > NEGLIGIBLE * np.abs(score)).any()
    return {
        "part": part, "leading": leading, "strongest": size[:, leading].max() or 1.0,
        "others": np.setdiff1d(np.arange(size.shape[1]), leading),
        "residual": residual if is_lossy else None,
    }  # fmt: skip


def _quantiles(explanation: Explanation) -> Any:
    """Scores below which half and 95 % of the rows are; None where few are finite."""
    score = explanation.score[np.isfinite(explanation.score)]
    return None if len(score) < 20 else np.quantile(score, [0.5, 0.95])


def _unexplained(explanation: Explanation) -> float:
    """The part of the median score that the rule dissipates; 0 where it is small."""
    score, residual = explanation.score, explanation.residual
    usable = np.isfinite(score) & (score != 0)
    missed = np.median(np.abs(residual[usable] / score[usable])) if usable.any() else 0
    return 0.0 if missed < 0.01 else float(missed)


def _text(model: Any) -> str:
    """A model and its parameters, cut where it is very long."""
    try:
        text = model.__repr__(N_CHAR_MAX=LONGEST_MODEL)
    except TypeError:
        text = repr(model)
    text = plain_lines(text)
    return text if len(text) <= LONGEST_MODEL + 3 else text[:LONGEST_MODEL] + "..."


def _versions() -> str:
    found = [f"Python {platform.python_version()}", f"skneon {__version__}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)
