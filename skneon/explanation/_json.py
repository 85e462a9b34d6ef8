# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations as JSON texts, and back."""

import json
import re
from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from skneon.explanation._ordinary import Known, Ordinary
from skneon.explanation._row_products import RowProducts
from skneon.explanation._shared_rows import SharedRows
from skneon.explanation._sparse_relevance import SparseRelevance
from skneon.network.numerics._types import Array

if TYPE_CHECKING:
    from skneon.explanation._explanation import Explanation


# fields of shape (n, d), and of pairs
CELLS = ("relevance", "data", "compared_with", "standard_error", "centres", "ranks")
PAIRS = {"ranks": (2,)}


def write_json(explanation: "Explanation") -> str:
    """All fields of an explanation, and its residual, as a JSON text."""
    content = {
        field.name: _to_plain(getattr(explanation, field.name))
        for field in fields(explanation)
    }
    if explanation.index is not None:
        content["index"] = [_label_to_plain(label) for label in explanation.index]
    content["residual"] = _to_plain(explanation.residual)
    content["ranks"] = _to_plain(explanation.standing)
    content["ordinary"] = _ordinary_to_plain(explanation.ordinary)
    return json.dumps(content, allow_nan=False)


def read_json(text: str, names: set[str]) -> dict[str, Any]:
    """The fields of an explanation that `write_json` wrote.

    Parameters
    ----------
    text : str
    names : set of str
        Names of the fields.

    Returns
    -------
    content : dict

    Raises
    ------
    ValueError
        For a text that is no explanation.
    """
    content = json.loads(text)
    keys = names | {"residual"}
    if not isinstance(content, dict) or set(content) != keys:
        raise ValueError(
            f"Not an explanation: it must have the keys {sorted(keys)}, and no others."
        )
    del content["residual"]
    d = len(content["feature_names"])
    content["ordinary"] = _to_ordinary(content["ordinary"])
    for name in CELLS:
        if isinstance(content[name], dict):
            content[name] = _to_table(content[name], d)
        elif content[name] is not None:
            content[name] = _to_cells(content[name]).reshape(
                -1, d, *PAIRS.get(name, ())
            )
    for name in ("score", "p_value", "training_score", "held_out_score"):
        if content[name] is not None:
            content[name] = _to_cells(content[name])
    for name in ("target", "rival"):
        if isinstance(content[name], list):
            content[name] = _to_clusters(content[name])
    if content["index"] is not None:
        content["index"] = _to_labels(content["index"])
    if content["index_names"] is not None:
        content["index_names"] = tuple(map(_to_label, content["index_names"]))
    content["feature_names"] = tuple(content["feature_names"])
    return content


def _ordinary_to_plain(ordinary: Ordinary | None) -> dict[str, Any] | None:
    """Typical values, and the medians of the relevances."""
    if ordinary is None:
        return None
    relevance = None if ordinary.why else ordinary.relevance
    return {
        "n_rows": ordinary.n_rows,
        "typical": _to_plain(ordinary.typical),
        "relevance": _to_plain(relevance),
        "why": ordinary.why,
    }


def _to_ordinary(content: dict[str, Any] | None) -> Ordinary | None:
    """What `_ordinary_to_plain` wrote."""
    if content is None:
        return None
    relevance = content["relevance"]
    sample = None if relevance is None else _to_cells([relevance])
    typical = _to_cells(content["typical"])
    return Known(content["n_rows"], typical, (sample, content["why"]), medians=True)


def _to_plain(value: Any) -> Any:
    """Nested lists, numbers and texts that JSON can hold."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if sparse.issparse(value):
        value = {name: getattr(value, name) for name in ("data", "indices", "indptr")}
    if isinstance(value, SparseRelevance | SharedRows | RowProducts):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): _to_plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_to_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None if np.isnan(value) else ("inf" if value > 0 else "-inf")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _label_to_plain(label: Any) -> Any:
    """A row label; dates and durations say what they are."""
    if isinstance(label, tuple):
        return [_label_to_plain(part) for part in label]
    if isinstance(label, np.datetime64):
        return {"date": str(label)}
    if isinstance(label, np.timedelta64):
        return {"nanoseconds": int(label.astype("timedelta64[ns]").astype(int))}
    return {"date": label.isoformat()} if isinstance(label, date) else _to_plain(label)


def _to_label(value: Any) -> Any:
    """What `_label_to_plain` wrote."""
    if isinstance(value, list):
        return tuple(map(_to_label, value))
    if not isinstance(value, dict):
        return value
    if "nanoseconds" in value:
        return np.timedelta64(value["nanoseconds"], "ns")
    moment = value["date"]
    zoned = re.search(r"T.*[+-]\d\d:\d\d", moment)
    return datetime.fromisoformat(moment) if zoned else np.datetime64(moment)


def _to_cells(values: Any) -> Array:
    """What `_to_plain` wrote: floats, None for NaN, "inf"; objects among categories."""
    cells = np.array(values, dtype=object)
    if {v for v in cells.ravel() if isinstance(v, str)} <= {"inf", "-inf"}:
        # float(None) is an error, while numpy reads it as NaN
        return cells.astype(float)
    return np.where(np.equal(cells, np.array(None)), np.nan, cells)


def _to_table(values: dict[str, Any], d: int) -> Any:
    """The table of d columns whose parts `_to_plain` wrote."""
    if "indptr" in values:
        # scikit-learn takes numbers of columns of 32 bits alone
        kind = np.int32 if max(d, len(values["indices"])) < 2**31 else np.int64
        indices, indptr = (np.array(values[k], kind) for k in ("indices", "indptr"))
        parts = np.array(_to_cells(values["data"]), dtype=float), indices, indptr
        return sparse.csr_array(parts, shape=(len(indptr) - 1, d))
    if "points" in values:
        points = _to_cells(values["points"]).reshape(-1, d)
        return SharedRows(points, np.array(values["numbers"], dtype=int))
    stored = _to_table(values["stored"], d)
    weights = _to_cells(values["weights"]).reshape(stored.shape[0], -1)
    constants = _to_cells(values["constants"]).reshape(weights.shape[1], d)
    products = values["products"]
    if products is not None:
        names = ("left", "right", "slopes")
        left, right, slopes = (_to_cells(products[name]) for name in names)
        left = left.reshape(stored.shape[0], -1)
        products = RowProducts(left, right.reshape(-1, d), slopes.reshape(-1, d))
    return SparseRelevance(stored, weights, constants, products)


def _to_clusters(values: list[Any]) -> Array:
    """Cluster numbers or names that `_to_plain` wrote, None where there is none."""
    clusters = np.array(values)
    return clusters.astype(int) if clusters.size == 0 else clusters


def _to_labels(values: list[Any]) -> Array:
    """Row labels that `_label_to_plain` wrote: numbers, texts, dates, or tuples."""
    labels = list(map(_to_label, values))
    kinds = {type(label) for label in labels}
    # numbers and texts together would all become texts, and tuples a table
    if kinds <= {int, float, bool} or (len(kinds) == 1 and kinds != {tuple}):
        return np.array(labels)
    objects = np.empty(len(labels), dtype=object)
    objects[:] = labels
    return objects
