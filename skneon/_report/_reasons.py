# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What an explanation says, as the lines and cells of a report."""

from collections import Counter
from typing import Any

import numpy as np

from skneon._report._table import Table, shown_cell, shown_name
from skneon._tables._guess import Texts
from skneon.explanation._explanation import Explanation
from skneon.explanation._text import (
    is_missing,
    number_text,
    rival_name,
    row_name,
    score_name,
)
from skneon.network.numerics._types import Array
from skneon.plotting._display import distinct

Entry = dict[str, Any]

REASONS = 4
# a reason of a smaller part is not worth a line, unless it is the first
LEAST_PART = 0.03
TABLE_ROWS = 100
TABLE_FEATURES = 8
TABLE_CLUSTERS = 20
# a residual above this part of the score is shown
NEGLIGIBLE = 1e-6


def percent(part: float) -> str:
    """A part of a whole as per cent, with a sign as text has it."""
    text = f"{part:.0%}".removesuffix("%")
    text = "0" if text == "-0" else text.replace("-", "\N{MINUS SIGN}")
    return f"{text}\N{NO-BREAK SPACE}%"


def leading_rows(explanation: Explanation, top: int) -> Array:
    """Numbers of the rows of the largest scores, the largest first."""
    rows: Array = np.argsort(-explanation.score, kind="stable")[:top]
    return rows


def row_reasons(explanation: Explanation, row: int) -> Entry:
    """The leading features of a row, in words: values, what they compare to, parts."""
    one = explanation[int(row)]
    parts = one.top(min(REASONS, one.relevance.shape[1]))[0]
    rival = rival_name(one, 0)
    reasons = []
    for number, part in enumerate(parts):
        if number and abs(part.share) < LEAST_PART:
            break
        reasons.append(
            {
                "feature": shown_name(part.feature),
                "value": _value(part),
                "reference": ""
                if is_missing(part.reference)
                else shown_cell(part.reference),
                "share": percent(part.share),
                "part": float(np.clip(abs(part.share), 0, 1)),
                "against": part.relevance < 0,
            }
        )
    rest = 1 - sum(part.share for part in parts[: len(reasons)])
    n_others = one.relevance.shape[1] - len(reasons)
    clusters = not isinstance(one.target, str)
    return {
        "row": shown_name(row_name(one, 0)),
        "score": number_text(one.score[0]),
        "cluster": shown_name(one.target[0]) if clusters else "",
        "rival": "" if rival is None else shown_name(rival),
        "reasons": reasons,
        "n_others": n_others,
        "rest": percent(rest) if np.isfinite(one.score[0]) else "",
    }


def _value(part: Any) -> str:
    """The value of a feature; "" for groups, which have none."""
    both = is_missing(part.value) and is_missing(part.reference)
    return "" if both else shown_cell(part.value)


def contribution_table(explanation: Explanation) -> Entry:
    """Rows of the largest scores, and what the leading features contribute."""
    rows = leading_rows(explanation, TABLE_ROWS)
    part = explanation[rows]
    importance = np.abs(part.relevance).mean(axis=0)
    leading = np.argsort(-importance, kind="stable")[:TABLE_FEATURES]
    others = np.setdiff1d(np.arange(part.relevance.shape[1]), leading)
    sizes = np.abs(part.relevance[:, leading])
    largest = sizes.max(initial=0) or 1.0
    clusters = not isinstance(part.target, str)
    finite = np.where(np.isfinite(part.score), part.score, 0.0)
    residual = np.where(np.isfinite(part.score), part.residual, 0.0)
    has_residual = (np.abs(residual) > NEGLIGIBLE * np.abs(finite)).any()
    heads = ["cluster"] if clusters else []
    heads += [score_name(part.target), "leading feature"]
    heads += [shown_name(part.feature_names[i]) for i in leading]
    if len(others):
        heads.append("1 other" if len(others) == 1 else f"{len(others)} others")
    heads += ["residual"] if has_residual else []
    body = []
    for n in range(len(part)):
        first = part[n].top(1)[0][0]
        cells = [_text(shown_name(part.target[n]))] if clusters else []
        cells += [_number(part.score[n]), _text(shown_name(first.feature))]
        for i in leading:
            cell = _number(part.relevance[n, i])
            missing = is_missing(part.data[n, i])
            known = not (missing and is_missing(part.reference[n, i]))
            cell["detail"] = shown_cell(part.data[n, i]) if known else ""
            tint = abs(part.relevance[n, i]) / largest
            cell["tint"] = f"{0.45 * tint:.3f}"
            cell["against"] = part.relevance[n, i] < 0
            cells.append(cell)
        if len(others):
            cells.append(_number(part.relevance[n, others].sum()))
        if has_residual:
            cells.append(_number(residual[n]))
        body.append({"name": shown_name(row_name(part, n)), "cells": cells})
    return {"heads": heads, "rows": body, "n_others": len(others)}


def _number(value: float) -> Entry:
    cell: Entry = {"text": number_text(value), "sort": repr(float(value))}
    return cell | {"detail": "", "tint": "", "against": False}


def _text(text: str) -> Entry:
    return {"text": text, "sort": None}


def cluster_profiles(
    explanation: Explanation, table: Table, rows: Array
) -> list[Entry]:
    """What speaks for and against each cluster, by the rows explained for it."""
    profiles = []
    for cluster in distinct(np.asarray(explanation.target))[:TABLE_CLUSTERS]:
        members = explanation.target == cluster
        score = explanation.score[members]
        mean = explanation.relevance[members].mean(axis=0)
        evidence = float(score.mean())
        whole = evidence if np.isfinite(evidence) and evidence > 0 else np.inf
        share = mean / whole
        by_size = np.argsort(-np.abs(mean), kind="stable")
        order = [i for i in by_size if abs(share[i]) >= LEAST_PART]
        # what speaks against is rare, and would hardly be among the first
        against = [i for i in order if share[i] < 0][:REASONS]
        reasons = [
            {
                "feature": shown_name(explanation.feature_names[i]),
                "share": percent(share[i]),
                "part": float(np.clip(abs(share[i]), 0, 1)),
                "against": bool(share[i] < 0),
                **_both_sides(table, explanation.feature_names[i], rows, members),
            }
            for i in [*[i for i in order if share[i] > 0][: REASONS + 1], *against]
        ]
        profiles.append(
            {
                "name": shown_name(cluster),
                "count": int(members.sum()),
                "part": percent(members.mean()),
                "evidence": number_text(evidence),
                "reasons": reasons,
            }
        )
    return profiles


def _both_sides(table: Table, name: str, rows: Array, members: Array) -> Entry:
    """What a column is like inside and outside of a cluster."""
    if name not in table.frame:
        return {"inside": "", "outside": ""}
    cells = table.frame[name].to_numpy()[rows]
    inside, outside = cells[members], cells[~members]
    return {
        "inside": _middle(table, name, inside),
        "outside": _middle(table, name, outside),
    }


def _middle(table: Table, name: str, cells: Array) -> str:
    """Median of numbers, or the most frequent value and how frequent it is."""
    present = [cell for cell in cells if cell == cell]
    if not present:
        return ""
    if not isinstance(table.kinds[name], Texts):
        return table.shown(name, [float(np.median(present))])[0]
    [(text, often)] = Counter(present).most_common(1)
    return f"{shown_cell(text)} ({percent(often / len(cells))})"


def score_sentence(explanation: Explanation) -> str:
    """Where most scores are, or "" where none is finite."""
    score = explanation.score[np.isfinite(explanation.score)]
    if len(score) < 20:
        return ""
    middle, high = np.quantile(score, [0.5, 0.95])
    name = score_name(explanation.target)
    return (
        f"Half of the rows have {name} below {number_text(middle)}, 95 % of them "
        f"below {number_text(high)}."
    )
