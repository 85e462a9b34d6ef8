# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What is said of the leading rows, for the terminal and for JSON alike."""

import numpy as np


def entries(explanation, rows, groups, has_ids):
    """What there is to say of each row.

    Parameters
    ----------
    explanation : Explanation
        Of the rows to show; its index labels them.
    rows : array-like of int
        Their numbers in the table.
    groups : dict of str to list of str
    has_ids : bool
        Whether the labels are others than the numbers.

    Returns
    -------
    entries : list of dict
        Keys row, id where there are labels, score, and reasons: the features by
        descending relevance, with value and typical value, or columns for groups.
    """
    found, share = [], explanation.share
    for k, row in enumerate(rows):
        entry = {"row": int(row)}
        if has_ids:
            entry["id"] = explanation.index[k]
        order = np.argsort(-explanation.relevance[k], kind="stable")
        entry["score"] = float(explanation.score[k])
        entry["reasons"] = [
            {
                "feature": explanation.feature_names[i],
                "relevance": float(explanation.relevance[k, i]),
                "share": float(share[k, i]),
                **_cells(explanation, k, i, groups),
            }
            for i in order
        ]
        found.append(entry)
    return found


def _cells(explanation, k, i, groups):
    columns = groups.get(explanation.feature_names[i], [])
    if len(columns) > 1:
        return {"columns": columns}
    cells = explanation.data[k, i], explanation.reference[k, i]
    return dict(zip(("value", "typical"), map(_plain, cells), strict=True))


def _plain(cell):
    """A text, or a float."""
    return cell if isinstance(cell, str) else float(cell)


def jsonable(value):
    """The same with None for numbers that are not finite."""
    if isinstance(value, dict):
        return {key: jsonable(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(v) for v in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
