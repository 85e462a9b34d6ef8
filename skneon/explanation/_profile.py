# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What tells each cluster from its rivals, over its rows."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skneon._validation import import_optional
from skneon.explanation._cluster_names import noise_last, noise_of
from skneon.network.numerics._types import Array

if TYPE_CHECKING:
    from skneon.explanation._fields import Fields


class Profile(NamedTuple):
    """What the rows of one cluster have in common.

    Attributes
    ----------
    cluster : int or label
    rows : ndarray of int
        Numbers of the rows that are explained for it, and have a rival.
    rival : int or label
        The strongest rival of most of them; None where none is known.
    relevance, share, spread : ndarray of shape (d,)
        Means over the rows of relevances and of their parts in the sum of |relevance|,
        and the standard deviation of these parts.
    """

    cluster: Any
    rows: Array
    rival: Any
    relevance: Array
    share: Array
    spread: Array


def profiles(explanation: "Fields") -> Iterator[Profile]:
    """The profile of each cluster that rows are explained for, in their order.

    Rows in no cluster come last.

    Raises
    ------
    ValueError
        Where there are no clusters, or no rows.
    """
    target = explanation.target
    if isinstance(target, str):
        raise ValueError(
            f"The explanation has no clusters, its target is {target!r}: explain a "
            "clustering."
        )
    if not len(target):
        raise ValueError("The explanation has no rows: explain at least one.")
    relevance = np.asarray(explanation.relevance)
    share = shares(relevance)
    known = np.isfinite(explanation.score)
    for cluster in noise_last(clusters_of(target), noise_of(explanation.meta)):
        rows = np.flatnonzero((target == cluster) & known)
        some = rows if len(rows) else np.flatnonzero(target == cluster)
        yield Profile(
            cluster,
            rows,
            _usual(explanation.rival, rows),
            relevance[some].mean(axis=0),
            share[some].mean(axis=0),
            share[some].std(axis=0),
        )


def shares(relevance: Array) -> Array:
    """Parts of relevances in the sum of their absolute values, by row; (n, d).

    Evidence is near 0 at a border: this is of what speaks for and against.
    """
    size = np.abs(relevance).sum(axis=1, keepdims=True)
    return np.asarray(relevance / np.where(size > 0, size, 1.0))


def clusters_of(target: Array) -> list[Any]:
    """Distinct clusters, sorted where they can be."""
    found = list(dict.fromkeys(target.tolist()))
    try:
        return sorted(found)
    except TypeError:
        return found


def _usual(rival: Array | None, rows: Array) -> Any:
    """The most frequent rival; of equally frequent ones the first."""
    if rival is None or not len(rows):
        return None
    return Counter(rival[rows].tolist()).most_common(1)[0][0]


def profile_frame(explanation: "Fields") -> Any:
    """See `Explanation.profile`."""
    pandas = import_optional("pandas", "pandas")
    names, parts = explanation.feature_names, []
    for found in profiles(explanation):
        order = np.argsort(-np.abs(found.share), kind="stable")
        columns = {
            "cluster": [found.cluster] * len(names),
            "feature": [names[i] for i in order],
            "relevance": found.relevance[order],
            "share": found.share[order],
            "spread": found.spread[order],
            "rival": [found.rival] * len(names),
            "rows": len(found.rows),
        }
        parts.append(pandas.DataFrame(columns))
    whole = pandas.concat(parts, ignore_index=True)
    return whole.set_index(["cluster", "feature"])
