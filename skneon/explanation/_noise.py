# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rows in no cluster: what they have as their cluster, and how far away they are."""

from typing import TYPE_CHECKING, Any

import numpy as np

from skneon.explanation._text import one_line

if TYPE_CHECKING:
    from skneon.explanation._fields import Fields

NOISE = -1


def noise_of(meta: Any) -> Any:
    """What rows in no cluster have as their cluster; None where all are in one.

    Clusterings by density say where clusters end: at a radius, or each at its level.
    """
    return NOISE if "radius" in meta or "levels" in meta else None


def is_noise(cluster: Any, noise: Any) -> bool:
    """Whether a name stands for no cluster."""
    return noise is not None and bool(cluster == noise)


def noise_last(clusters: list[Any], noise: Any) -> list[Any]:
    """The same names, noise behind the clusters."""
    return sorted(clusters, key=lambda cluster: is_noise(cluster, noise))


def cluster_name(cluster: Any, noise: Any = None) -> str:
    """A cluster as readers see it: "none" for noise, "" where there is none known."""
    if cluster is None:
        return ""
    return "none" if is_noise(cluster, noise) else one_line(cluster)


def distance_ratio(explanation: "Fields", row: int) -> float | None:
    """How far a row in no cluster is away, relative to where clusters end.

    The score is by how much the squared distance to the nearest cluster, in this sense,
    is beyond the square of where that ends. None for other rows.
    """
    meta, rival = explanation.meta, explanation.rival
    if not is_noise(explanation.target[row], noise_of(meta)):
        return None
    score = float(explanation.score[row])
    if not np.isfinite(score) or rival is None:
        return None
    end = float(meta["radius"] if "radius" in meta else meta["levels"][rival[row]])
    if not 0 < end < np.inf:
        return None
    return float(np.sqrt(max(1 + score / end**2, 0.0)))


def noise_text(explanation: "Fields", row: int) -> str:
    """How far a row in no cluster is away from one, in words; "" where unknown."""
    ratio = distance_ratio(explanation, row)
    if ratio is None:
        return ""
    times = f"{ratio:.0f}" if ratio >= 10 else f"{ratio:#.3g}" if ratio < 1.1 else ""
    times = times or f"{ratio:.1f}"
    if "radius" in explanation.meta:
        return f"{times} times the radius away from the nearest core row"
    assert explanation.rival is not None
    name = one_line(explanation.rival[row])
    return f"{times} times as far away from cluster {name} as that reaches"
