# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The contents of a report: words, figures and pictures, section by section."""

import platform
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from skneon._report._figures import picture
from skneon._report._page import plain_lines
from skneon._report._reasons import (
    TABLE_CLUSTERS,
    TABLE_FEATURES,
    cluster_profiles,
    contribution_table,
    leading_rows,
    percent,
    row_reasons,
    score_sentence,
)
from skneon._report._table import Table, shown_name
from skneon._version import __version__
from skneon.explanation._explanation import Explanation
from skneon.explanation._text import one_line, score_name
from skneon.network.numerics._types import Array
from skneon.plotting import ClusterProfileDisplay, ScoreMapDisplay, SummaryDisplay
from skneon.plotting._display import distinct

Contents = dict[str, Any]
COLUMNS = 100
ASIDE = 20
BARS = 12
LONGEST_MODEL = 6000
PACKAGES = ("scikit-learn", "numpy", "scipy", "pandas", "pyarrow", "matplotlib")
OUTLIERNESS = ("outlier", "mean_distance", "kth_distance", "local_outlier_factor")


def count(number: int, noun: str) -> str:
    """A number of things, in words."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def data_section(table: Table, default: bool) -> Contents:
    """Overview of the columns, and what was decided on them."""
    n_rows, d = table.frame.shape
    gaps_at = table.frame.isna().to_numpy()
    missing, rows_missing = int(gaps_at.sum()), int(gaps_at.any(axis=1).sum())
    kinds = Counter(kind.kind for kind in table.kinds.values())
    words = ", ".join(
        count(n, kind).replace("categorys", "categories") for kind, n in kinds.items()
    )
    gaps = "no value is missing"
    if missing:
        gaps = (
            f"{count(missing, 'value')} missing ({percent(missing / (n_rows * d))} of "
            f"the cells), in {count(rows_missing, 'row')}"
        )
    caption = f"The {count(d, 'column')}"
    if d > COLUMNS:
        caption = f"The first {COLUMNS} of {d} columns"
    aside = list(table.aside.items()) if default else []
    more = len(aside) - ASIDE
    return {
        "data_words": f"{count(d, 'column')} ({words}); {gaps}.",
        "columns_caption": caption,
        "columns": table.overview(COLUMNS),
        "aside": [(shown_name(name), why) for name, why in aside[:ASIDE]],
        "n_aside_more": f" and {more} more" if more > 0 else "",
        "table_notes": [one_line(note) for note in table.notes],
    }


def rows_sections(
    explanation: Explanation, sampled: Explanation, top: int, n_rows: int
) -> Contents:
    """The leading rows of all that are explained, and a summary of those sampled."""
    leading = leading_rows(explanation, top)
    name = score_name(explanation.target)
    outliers = _has_target(explanation) and explanation.target in OUTLIERNESS
    table = contribution_table(explanation)
    shown = len(table["rows"])
    caption = f"{count(shown, 'row')} of the largest {name}, of {n_rows:,}"
    if shown == n_rows:
        caption = f"{count(shown, 'row')}, by {name}"
    if table["n_others"]:
        d = explanation.relevance.shape[1]
        caption += f"; {TABLE_FEATURES} leading columns of {d}"
    centroids = explanation.rival is not None
    numbered = explanation.index is None or explanation.index.dtype.kind in "iu"
    return {
        "entries": [row_reasons(explanation, row) for row in leading],
        "leading_words": "Most outlying" if outliers else f"Largest {name}",
        "rows_head": "The most outlying rows"
        if outliers
        else f"Rows of the largest {name}",
        "score_name": name,
        "score_column": table["heads"].index(name),
        "score_words": _score_words(explanation, sampled, outliers, numbered),
        "against": "rival's centroid" if centroids else "typical",
        "table": table,
        "table_caption": caption,
        "summary": summary_picture(sampled, name),
    }


def _has_target(explanation: Explanation) -> bool:
    return isinstance(explanation.target, str)


def _score_words(
    explanation: Explanation, sampled: Explanation, outliers: bool, numbered: bool
) -> str:
    if not _has_target(explanation):
        first = (
            "The evidence for a row's cluster says how much nearer it is to that than "
            "to its strongest rival. Beside each value stands the rival's centroid. "
        )
    elif outliers:
        first = (
            "The larger the score, the farther a row is from its neighbours. Beside "
            "each value stands what is typical of them. "
        )
    else:
        first = ""
    last = " Row numbers count from 0." if numbered else ""
    return first + score_sentence(sampled) + last


def summary_picture(explanation: Explanation, name: str) -> Contents:
    """Which columns matter."""
    n, d = explanation.relevance.shape
    bars = min(d, BARS) + (d > BARS)
    return picture(
        SummaryDisplay,
        explanation,
        k=BARS,
        size=(6.2, 1.2 + 0.3 * bars),
        alt=f"Bars: mean size of the contribution of each column to the {name}. "
        "The same figures, row by row, are in the table of the next section.",
        caption=f"Which columns matter over {count(n, 'row')}. Where the bar reaches "
        "beyond the line of quartiles, few rows have most of it.",
    )


def clusters_section(
    explanation: Explanation | None, table: Table, rows: Array,
    silhouettes: dict[int, float],
) -> Contents:  # fmt: skip
    """Profiles of the clusters; none where there are no clusters."""
    if explanation is None or _has_target(explanation):
        return {"profiles": [], "n_clusters": 0, "profile_picture": None}
    n_clusters = len(distinct(np.asarray(explanation.target)))
    words = (
        "After each column: its median (or most frequent value) in the cluster and "
        "elsewhere, and its part in the mean evidence of the cluster's rows against "
        "the nearest other cluster."
    )
    if silhouettes:
        best = max(silhouettes, key=lambda k: silhouettes[k])
        most = max(silhouettes)
        words += (
            f" The number of clusters, {best}, has the largest mean silhouette "
            f"({silhouettes[best]:.2f}) of 2 to {most}; near 0 the clusters run into "
            "one another."
        )
    if n_clusters > TABLE_CLUSTERS:
        words += f" The first {TABLE_CLUSTERS} of {n_clusters} clusters are shown."
    if not np.isfinite(explanation.score).any():
        words = "There is a single cluster, and nothing to compare it with."
    d = explanation.relevance.shape[1]
    profile_picture = None
    if n_clusters <= TABLE_CLUSTERS:
        bars = min(d, BARS) + (d > BARS)
        profile_picture = picture(
            ClusterProfileDisplay,
            explanation,
            k=BARS,
            size=(min(3 + 1.2 * n_clusters, 10), 1.6 + 0.32 * bars),
            alt="Lanes of bars: what each column contributes to the evidence for each "
            "cluster. The leading figures are in the lists above.",
            caption="Mean contribution of each column to the evidence for each "
            "cluster: red speaks for it, blue against it.",
        )
    return {
        "profiles": cluster_profiles(explanation, table, rows),
        "n_clusters": n_clusters,
        "cluster_sizes": _sizes(explanation.target),
        "clusters_words": words,
        "profile_picture": profile_picture,
    }


def _sizes(target: Array | str) -> str:
    """Numbers of rows of the clusters, in words."""
    clusters = distinct(np.asarray(target))
    sizes = [f"{np.sum(target == cluster):,}" for cluster in clusters]
    if len(sizes) == 1:
        return f"A single cluster, of {sizes[0]} rows"
    if len(sizes) > 8:
        return f"{len(sizes)} clusters, of {', '.join(sizes[:8])}, ... rows"
    return f"{len(sizes)} clusters, of {', '.join(sizes[:-1])} and {sizes[-1]} rows"


def map_section(
    explanation: Explanation, plane: Any, clusters: Explanation | None,
    clusters_plane: Any, words: str,
) -> Contents:  # fmt: skip
    """The rows in a plane, by score and, those of the sample, by cluster."""
    if plane is None:
        return {"maps": [], "map_words": words}
    name = score_name(explanation.target)
    score = explanation.score
    log = _has_target(explanation) and np.isfinite(score).all() and score.min() > 0
    wide = score.max() > 10 * max(score.min(), np.finfo(float).tiny)
    maps = [
        picture(
            ScoreMapDisplay,
            explanation,
            plane,
            size=(6.2, 4.6),
            alt=f"Scatter plot: rows in the plane, coloured by {name}; those of the "
            "largest are labelled by row and leading column.",
            caption=f"Coloured by {name}; labels: the rows of the largest, and the "
            "column that contributes most.",
            **({"norm": "log"} if log and wide else {}),
        )
    ]
    if clusters is not None and not _has_target(clusters):
        maps.append(
            picture(
                ScoreMapDisplay,
                clusters,
                clusters_plane,
                color="cluster",
                k=0,
                size=(6.2, 4.6),
                alt="Scatter plot: the same plane, coloured by cluster.",
                caption="Coloured by cluster. Faint rows are near a border.",
            )
        )
    return {"maps": maps, "map_words": words}


def faithful_section(measured: list[tuple[str, Contents]]) -> Contents:
    """Sentences about measurements, by what is explained."""
    return {
        "faithful": [
            {"what": what, "sentences": _faithful_sentences(figures)}
            for what, figures in measured
        ]
    }


def _faithful_sentences(figures: Contents) -> list[str]:
    n = count(figures["n"], "row")
    error = figures["error"]
    sentences = []
    if np.isfinite(error):
        exact = "they add up to the score" if error < 1e-6 else "part is not explained"
        sentences.append(
            f"Conservation error {error:.1e}: what the contributions of a row miss of "
            f"its score, relative to their size, at worst over {n}; {exact}."
        )
    else:
        sentences.append("Scores are infinite: there is nothing to add up.")
    own, other = figures["own"], figures["random"]
    if own is not None:
        verdict = "as it should be, clearly lower" if own < 0.9 * other else "no better"
        sentences.append(
            f"Flipping score {own:.2f}, in random order {other:.2f} ({verdict}): the "
            "columns of a row are taken out of the model, the largest contribution "
            "first; the lower the mean height of the falling score, the better do the "
            f"contributions find what carries it. Over {n}."
        )
    return sentences


def settings_section(
    snippet: str, models: list[tuple[str, Any]], words: str
) -> Contents:
    """What it takes to make the report again."""
    found = [f"Python {platform.python_version()}", f"skneon {__version__}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return {
        "settings_words": words,
        "snippet": plain_lines(snippet),
        "models": [(head, model_text(model)) for head, model in models],
        "versions": ", ".join(found) + ".",
        "version": __version__,
    }


def model_text(model: Any) -> str:
    """A model and its parameters, cut where it is very long."""
    try:
        text = model.__repr__(N_CHAR_MAX=LONGEST_MODEL)
    except TypeError:
        text = repr(model)
    text = plain_lines(text)
    return text if len(text) <= LONGEST_MODEL + 3 else text[:LONGEST_MODEL] + "..."


def summary_notes(explanation: Explanation) -> list[str]:
    """A warning where the explanation leaves much unexplained."""
    finite = np.isfinite(explanation.score) & (explanation.score != 0)
    if not finite.any():
        return []
    missed = np.abs(explanation.residual[finite] / explanation.score[finite])
    if np.median(missed) < 0.01:
        return []
    part = percent(np.median(missed))
    return [f"The rule leaves {part} of the median score unexplained (residual)."]
