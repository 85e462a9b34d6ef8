# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Names of clusters as readers see them, and what stands for no cluster."""

from typing import Any

from skneon.explanation._noise import NOISE
from skneon.explanation._text import one_line


def noise_of(meta: Any) -> Any:
    """What rows in no cluster have as their cluster; None where all are in one.

    Clusterings by density say where clusters end: at a radius, or each at its level.
    """
    return NOISE if "radius" in meta or "levels" in meta else None


def is_none(cluster: Any, noise: Any) -> bool:
    """Whether a name stands for no cluster."""
    return noise is not None and bool(cluster == noise)


def noise_last(clusters: list[Any], noise: Any) -> list[Any]:
    """The same names, noise behind the clusters."""
    return sorted(clusters, key=lambda cluster: is_none(cluster, noise))


def cluster_name(cluster: Any, noise: Any = None) -> str:
    """A cluster as readers see it: "none" for noise, "" where there is none known."""
    if cluster is None:
        return ""
    return "none" if is_none(cluster, noise) else one_line(cluster)
