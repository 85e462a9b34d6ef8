# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""From a study to one HTML file that needs nothing else; words are in the template."""

import os
import platform
import re
import time
from collections import Counter
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from sklearn.decomposition import PCA

from skneon._report._driven import Driven, driven_rows
from skneon._report._entries import LONE, Clusters, Groups, apart, is_lone
from skneon._report._figures import cluster_map, drivers, score_histogram, score_map
from skneon._report._harmless import csv_link
from skneon._report._judge import largest
from skneon._report._render import render, short_cell
from skneon._report._residual import residual_line, residual_words, residuals
from skneon._report._spark import Spark
from skneon._report._study import TABLE_ROWS, Study
from skneon._tables._guess import Texts
from skneon._tables._plan import Plan, table_of
from skneon._tables._survey import Survey
from skneon._tables._words import pd
from skneon.explanation import _text as words
from skneon.explanation._cluster_names import cluster_name, is_none, noise_of
from skneon.explanation._contributions import LEAST_SHARE, telling_columns
from skneon.explanation._explanation import Explanation
from skneon.explanation._noise import LEVEL, far_text, mostly_text
from skneon.explanation._ranking import chosen_ranking, chosen_rows, importance

Contents = dict[str, Any]
LONGEST_NOTE, LONGEST_TITLE, LONGEST_MODEL = 160, 200, 6000
TABLE_FEATURES, CLUSTERS, REASONS = 8, 20, 4
# a reason of a smaller part is not worth a line, unless it is the first
LEAST_PART = 0.03
MODULES = "skneon", "sklearn", "numpy", "scipy", "pandas", "pyarrow"
OUTLIERNESS = ("outlier", "mean_distance", "kth_distance", "local_outlier_factor")
HEADS = {
    "outliers": "The model of outliers",
    "clusters": "The model of clusters",
    "model": "The model",
}


def page_of(
    study: Study, title: str | None, groups: Groups | None, embedding: Any = None,
    **settings: Any,
) -> str:  # fmt: skip
    """The page that tells of a study."""
    main, clusters = study.main, study.clusters
    if groups is not None:
        main = main.aggregate(groups)
        clusters = None if clusters is None else clusters.aggregate(groups)
    sampled, target = main[: study.n_sample], main.target
    positions, map_words = _positions(study, embedding)
    frame = _cells(study.found)
    columns, gaps = _overview(study, frame), frame.isna().to_numpy()
    order = largest(main.judged_score, settings["top"]).tolist()
    driven = driven_rows(main, study.n_sample, study.scale)
    given = {"groups": groups or None, "title": title, **settings}
    code = {name: repr(value) for name, value in given.items() if value is not None}
    code |= {"embedding": "embedding"} if embedding is not None else {}
    return render({
        "study": study, "main": main, "code": code,
        "title": _title(study, title), "score_name": words.score_name(target),
        "is_clusters": not isinstance(target, str),
        "is_outlier": isinstance(target, str) and target in OUTLIERNESS,
        "cards": [
            (main[row], _leading(main[row]), study.features.iloc[row],
             residual_line(main, row, not study.is_signed))
            for row in order
        ],
        "spark": cache(lambda name: Spark(frame[name], name in study.plan.log)
                       if name in frame else None),
        "columns": columns, "gaps": gaps, "kinds": Counter(c["kind"] for c in columns),
        # which columns are left out stands in a place of its own
        "notes": [n for n in study.notes if not re.match("Left out, [^:]+: ", n)],
        "profiles": _profiles(study, clusters, groups), "map_words": map_words,
        "outside": _outside(clusters, settings["top"]),
        "cluster_words": _cluster_words, "one_apart": _far,
        "cluster_name": cluster_name, "noise": noise_of(main.meta),
        "histogram": score_histogram(study.scores, main[order], study.scale),
        "drivers": drivers(driven), "driven": driven,
        "drivers_head": _drivers_head(driven),
        "by_excess": chosen_ranking(main, None) == "excess",
        "maps": _maps(study, main, clusters, positions),
        "download": csv_link(main), "made": _date(),
        "lone": LONE if is_lone(main) else "",
        "models": [(HEADS[n], _text(model)) for n, model in study.models.items()],
        "python": platform.python_version(),
        "versions": [f"{m} {import_module(m).__version__}" for m in MODULES],
        "level_words": LEVEL, "silhouette": study.choice.verdict,
        **_scores(sampled), **_contributions(main),
    })  # fmt: skip


def _drivers_head(driven: Driven) -> str:
    """What the chart of drivers is about."""
    target, chosen = driven.beside.target, chosen_rows(driven.beside, driven.rows)
    if driven.title or not isinstance(target, str):
        return driven.title or f"What drives the {words.score_name(target)}"
    if target in OUTLIERNESS:
        return f"What drives {words.all_of(len(chosen), 'most outlying row')}"
    of = f"of the largest {words.score_name(target)}"
    return f"What drives {words.all_of(len(chosen), 'row')} {of}"


def _date() -> str:
    """Today, or the day that builds which can be repeated are given."""
    seconds = float(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


def _maps(study: Study, main: Explanation, clusters: Any, positions: Any) -> Contents:
    """Maps of the scores and of the clusters, or None in their places."""
    if positions is None:
        return {"scores": None, "clusters": None}
    own = positions.iloc[: study.n_sample]
    by_cluster = None if clusters is None else cluster_map(clusters, own)
    return {
        "scores": score_map(main, positions, study.scale), "clusters": by_cluster
    }  # fmt: skip


def _title(study: Study, title: str | None) -> str:
    if title is None and study.is_default:
        also = " and clusters" * (study.clusters is not None)
        return f"Most outlying rows{also}, and why"
    meta = study.main.meta
    name = meta.get("last_step", meta.get("model", "A model"))
    title = f"{name}, explained" if title is None else title
    return words.shorten(words.one_line(title), LONGEST_TITLE) or "Report"


def _positions(study: Study, embedding: Any) -> tuple[Any, str]:
    """Positions of the rows that are explained as a frame, or None; what they are."""
    if embedding is None:
        return _plane(study.plan, study.features, study.n_sample)
    names = [str(c) for c in getattr(embedding, "columns", ("", ""))]
    try:
        given = np.asarray(embedding, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"embedding must be numbers: {error}") from None
    if given.shape != (study.n_rows, 2) or not np.isfinite(given).all():
        raise ValueError(
            f"embedding must be finite and of shape {study.n_rows, 2}, "
            f"got {given.shape}."
        )
    what = "The rows at the positions that were given."
    return pd.DataFrame(given[study.numbers], columns=names), what


def _cells(found: Survey) -> Any:
    """Cells of all columns, of the rows that were drawn."""
    kinds = {name: column.kind for name, column in found.columns.items()}
    return table_of(kinds, found.sample, found.rows)


def _overview(study: Study, frame: Any) -> list[dict[str, Any]]:
    """A line a column: kind, range, what is frequent."""
    kinds = {name: column.kind for name, column in study.found.columns.items()}
    lines = []
    for name, kind in kinds.items():
        present = frame[name].dropna()
        line: dict[str, Any] = {
            "name": name, "kind": kind.kind, "numbers": [], "frequent": "",
            "aside": study.plan.aside.get(name), "missing": len(frame) - len(present),
        }  # fmt: skip
        if len(present) and isinstance(kind, Texts):
            counts = present.value_counts()
            line |= {"frequent": counts.index[0], "distinct": len(counts)}
            line["often"] = counts.iloc[0] / len(present)
        elif len(present):
            three = [float(f()) for f in (present.min, present.median, present.max)]
            shown = words.cell_texts(kind.shown(three))
            line["numbers"] = list(zip(three, shown, strict=True))
        lines.append(line)
    return lines


def _plane(plan: Plan, rows: Any, n_sample: int) -> tuple[Any, str]:
    """Positions of rows by two components of the first ones, and what they are."""
    if n_sample < 3 or not plan.names:
        return None, "There is too little to draw a map of."
    first = rows.iloc[:n_sample]
    Z = plan.steps(first).fit(first).transform(rows)
    sample = Z[:n_sample]
    if sample.shape[1] < 2 or not np.ptp(sample, axis=0).any():
        return None, "There are too few columns to draw a map of."
    pca = PCA(2, svd_solver="full").fit(sample)
    part = pca.explained_variance_ratio_
    names = [
        f"{nth} principal component, {words.percent(one)} of the variance"
        for nth, one in zip(("first", "second"), part, strict=True)
    ]
    what = (
        "Two principal components of all columns that are used, imputed and "
        "standardised. They show the widest directions of the table, not all that the "
        "model sees: what looks near here may be far in another column."
    )
    return pd.DataFrame(pca.transform(Z), columns=names), what


def _leading(one: Explanation) -> list[Any]:
    """The reasons of a row that are worth a line each, and what stands beside them.

    Their values are texts that differ from what is beside them.
    """
    (columns,), (parts,) = telling_columns(one, REASONS), one.reasons(REASONS)
    found = []
    for k, (i, part) in enumerate(zip(columns, parts, strict=True)):
        if k == 0 or abs(part.share) >= LEAST_PART:
            value, beside = _beside(one, i)
            shown = part.value if words.is_missing(part.value) else value
            found.append((part._replace(value=shown), beside))
    return found


def _beside(one: Explanation, i: int) -> tuple[str, str]:
    """The value of a column, what it compares to, and where in the column it stands."""
    typical = np.nan if one.typical is None else one.typical[i]
    known = isinstance(one.target, str) and not words.is_missing(typical)
    if not known or words.is_conditional(one):
        note = words.shorten(words.note_text(one, 0, i), LONGEST_NOTE)
        return words.value_text(one, 0, i), note
    value, said = words.cell_texts([one.data[0, i], typical])
    standing = words.standing_text(one, 0, i)
    return value, ", ".join(filter(None, [f"typical {short_cell(said)}", standing]))


def _profiles(study: Study, clusters: Any, groups: Groups | None) -> list[Contents]:
    """What makes the clusters: reasons for each, and some against."""
    if clusters is None:
        return []
    told = Clusters(study.plan, clusters.feature_names, groups or {})
    told.add(study.features.iloc[: study.n_sample], clusters)
    profiles = told.entries()
    for profile in profiles:
        profile["name"] = cluster_name(profile["cluster"], told.noise)
        profile["against"] = cluster_name(profile["rival"], told.noise)
        profile["is_noise"] = is_none(profile["cluster"], told.noise)
    for profile in profiles[:CLUSTERS]:
        reasons = profile["reasons"]
        # what speaks against is rare, and would hardly be among the first
        against = [r for r in reasons[::-1] if r["share"] <= -LEAST_PART][:REASONS]
        leading = [r for r in reasons if sets_apart(r)][: REASONS + 1]
        profile["reasons"] = [_told_apart(reason) for reason in leading + against]
    return profiles


def _outside(clusters: Any, top: int) -> list[Contents]:
    """The farthest rows in no cluster, and how far they are."""
    if clusters is None or (noise := noise_of(clusters.meta)) is None:
        return []
    rows = np.flatnonzero(clusters.target == noise)
    some = rows[largest(clusters.score[rows], top)]
    return [{"row": words.row_name(clusters, k), **apart(clusters, k)} for k in some]


def _cluster_words(one: Explanation) -> str:
    """The cluster of a row and its rival; of one in none, how far away it is."""
    if isinstance(one.target, str):
        return ""
    noise = noise_of(one.meta)
    if is_none(one.target[0], noise):
        return "in no cluster"
    rival = words.rival_name(one, 0)
    against = (
        ""
        if rival is None or one.rival is None
        else (f", rival {cluster_name(one.rival[0], noise)}")
    )
    return f"cluster {words.one_line(one.target[0])}{against}"


def _far(one: Explanation) -> str:
    """How far from all clusters a row is, and by which columns; "" of other rows."""
    far = far_text(one, 0)
    return ", ".join(filter(None, [far, mostly_text(one, 0)])) if far else ""


def _told_apart(reason: Contents) -> Contents:
    """A reason whose values in a cluster and elsewhere are texts that differ."""
    if "inside" not in reason:
        return reason
    names = "inside", "outside"
    texts = words.cell_texts([reason[name] for name in names])
    pairs = zip(names, texts, strict=True)
    return reason | {n: t for n, t in pairs if not words.is_missing(reason[n])}


def sets_apart(reason: Contents) -> bool:
    """Whether a column speaks for a cluster, by a share that does not round to 0 %.

    Reasons of single rows have neither a spread nor sides, and always do.
    """
    of_cluster = not {"inside", "spread"}.isdisjoint(reason)
    return not of_cluster or bool(reason["share"] > LEAST_SHARE)


def _contributions(explanation: Explanation) -> Contents:
    """Rows of the largest scores, columns that lead there, and what has no column."""
    part = explanation[largest(explanation.judged_score, TABLE_ROWS)]
    size, ranked = np.abs(part.relevance), importance(part, None)
    leading = largest(ranked.mean(axis=0), TABLE_FEATURES)
    return {
        "part": part, "leading": leading, "strongest": size[:, leading].max() or 1.0,
        "firsts": [part.feature_names[i] for i in ranked.argmax(axis=1)],
        "others": np.setdiff1d(np.arange(size.shape[1]), leading),
        "residual": residuals(part),
    }  # fmt: skip


def _scores(explanation: Explanation) -> Contents:
    """Where most scores are, and what of them belongs to no column."""
    judged = explanation.judged_score[np.isfinite(explanation.score)]
    quantiles = np.quantile(judged, [0.5, 0.95]) if len(judged) >= 20 else None
    return {"quantiles": quantiles, "unexplained": residual_words(explanation)}


def _text(model: Any) -> str:
    """A model and its parameters, cut where it is very long."""
    try:
        text = model.__repr__(N_CHAR_MAX=LONGEST_MODEL)
    except TypeError:
        text = repr(model)
    # what cannot be printed, but for ends of lines, is a blank
    text = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return text if len(text) <= LONGEST_MODEL + 3 else text[:LONGEST_MODEL] + "..."
