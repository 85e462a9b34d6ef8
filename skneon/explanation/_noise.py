# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The words for rows that are in no cluster: how far away, and by which columns."""

from math import isfinite, sqrt
from typing import TYPE_CHECKING

import numpy as np

from skneon.explanation._text import number_text, one_line, rival_name, two_digits

if TYPE_CHECKING:
    from skneon.explanation._fields import Fields

# how clusterings call noise
NOISE = -1
# two digits of a number that is nearer to 1 would read as 1
NEAR_ONE = 0.06
# up to so many columns are named, which together have at least this part of a score
MOST, LEAST_PART = 3, 0.5
# what `far_text` calls a level
LEVEL = (
    "level: the mutual reachability distance at which a cluster meets the rows outside "
    "of it"
)


def is_noise(explanation: "Fields", row: int) -> bool:
    """Whether a row is asked why it is in no cluster that ends at a level."""
    ends = "radius" in explanation.meta or "levels" in explanation.meta
    target = explanation.target
    return ends and not isinstance(target, str) and bool(target[row] == NOISE)


def far_text(explanation: "Fields", row: int, short: bool = False) -> str:
    """How far a row is from clusters that end at a level, in words.

    Of rows that are asked why they are noise, and of scores of outliers beside a
    radius; "" for all others. In short without the cluster that is the nearest.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.cluster import DBSCAN
    >>> from skneon import explain
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [5.0, 0.5]])
    >>> reasons = explain(DBSCAN(eps=1.6, min_samples=3).fit(X), X_train=X)
    >>> far_text(reasons, 3)
    'in no cluster: 2.5 times the radius away from the nearest core row of cluster 0'
    >>> far_text(reasons, 3, short=True)
    'in no cluster: 2.5 times the radius away'
    >>> far_text(reasons, 0)
    ''
    """
    times = times_away(explanation, row)
    if times is None:
        return ""
    # who came too early may be noise of OPTICS all the same
    said = "in no cluster" if times > 1 else "within reach"
    near = abs(times - 1) < NEAR_ONE
    number = number_text(times) if near else two_digits(times)
    rival = rival_name(explanation, row)
    if "radius" in explanation.meta:
        away = f"{said}: {number} times the radius away"
        of = "" if rival is None else f" of cluster {rival}"
        return away if short else f"{away} from the nearest core row{of}"
    return f"{said}: it reaches cluster {rival} at {number} times the level"


def mostly_text(explanation: "Fields", row: int) -> str:
    """The few columns that have half of a row's score; "" where no few have.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.cluster import DBSCAN
    >>> from skneon import explain
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [5.0, 0.5]])
    >>> reasons = explain(DBSCAN(eps=1.6, min_samples=3).fit(X), X_train=X)
    >>> mostly_text(reasons, 3)
    'mostly by x0'
    """
    score, parts = explanation.score[row], np.asarray(explanation.relevance[row])
    if not 0 < score < np.inf:
        return ""
    order = np.argsort(-parts, kind="stable")
    n = int((np.cumsum(parts[order]) < LEAST_PART * score).sum()) + 1
    if n > MOST or n == len(parts) > 1:
        return ""
    *names, last = (one_line(explanation.feature_names[i]) for i in order[:n])
    return f"mostly by {', '.join(names)}{' and ' if names else ''}{last}"


def times_away(explanation: "Fields", row: int) -> float | None:
    """How many times its level away a row is; None where there is no level."""
    score, radius = float(explanation.score[row]), explanation.meta.get("radius")
    if isinstance(explanation.target, str):
        if radius is None or explanation.target != "outlier":
            return None
        return sqrt(max(score, 0.0)) / float(radius)
    if not is_noise(explanation, row) or explanation.rival is None:
        return None
    rival = explanation.rival[row]
    if rival is None or not isfinite(score):
        return None
    level = float(explanation.meta["levels"][rival] if radius is None else radius)
    if not 0 < level < np.inf:
        return None
    return sqrt(max(score + level**2, 0.0)) / level
