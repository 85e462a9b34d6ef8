# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What files of explanations hold: a line a row, or one for each row and column."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from skneon._tables._words import pd
from skneon.explanation._explanation import Explanation
from skneon.explanation._text import is_missing
from skneon.network.numerics._types import Array


def lines_of(
    explanation: Explanation,
    scores: Mapping[str, Array],
    label: str,
    form: str,
    texts: Collection[str],
) -> Any:
    """A frame of labels, clusters, scores, and what is known of the columns.

    Parameters
    ----------
    explanation : Explanation of n rows
    scores : dict of str to ndarray of shape (n,)
        What is known of each row by its score.
    label : str
        What the labels of the rows are called.
    form : {"wide", "long"}
    texts : collection of str
        Features whose values are texts.
    """
    clusters = not isinstance(explanation.target, str)
    about = {"cluster": explanation.target} if clusters else {}
    about |= {**scores, "residual": explanation.residual}
    if form == "long":
        frame = explanation.to_frame("long")
        of_row = np.repeat(np.arange(len(explanation)), len(explanation.feature_names))
        labels, about = frame.pop("row"), {n: v[of_row] for n, v in about.items()}
    else:
        frame, labels = _wide(explanation, texts), explanation.index
    for name, values in reversed(about.items()):
        frame.insert(0, unused(name, frame), values)
    frame.insert(0, unused(label, frame), labels)
    return frame


def _wide(explanation: Explanation, texts: Collection[str]) -> Any:
    """Value, typical value, relevance and share of each feature beside one another."""
    n, typical = len(explanation), explanation.typical
    columns: dict[str, Any] = {}
    for i, name in enumerate(explanation.feature_names):
        own = None if typical is None else typical[i]
        cells = {
            name: _cells(explanation.data[:, i], name in texts),
            f"{name} typical": _cells(np.full(n, own, dtype=object), name in texts),
            f"{name} relevance": explanation.relevance[:, i],
            f"{name} share": explanation.share[:, i],
        }
        for told, values in cells.items():
            columns[unused(told, columns)] = values
    return pd.DataFrame(columns)


def _cells(cells: Array, are_texts: bool) -> Array:
    """Cells as floats, or as texts; what is missing is NaN or None."""
    gaps = [is_missing(cell) for cell in cells]
    if are_texts:
        return np.array(
            [None if g else str(c) for g, c in zip(gaps, cells, strict=True)], object
        )
    return np.where(gaps, np.nan, cells).astype(float)


def unused(name: str, table: Any) -> str:
    """The name, with as many trailing underscores as set it apart from the columns."""
    return name if name not in table else unused(name + "_", table)
