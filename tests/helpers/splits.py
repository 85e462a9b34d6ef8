# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Slow walks along trees of splits."""

import numpy as np

from helpers import reference
from helpers.reference import LONG


def path_to(children, labels, c, node=0):
    """Pairs (own child, its sibling) from the root to a cluster's leaf."""
    if labels[node] == c:
        return []
    if children[node][0] < 0:
        return None
    for own, sibling in (children[node], children[node][::-1]):
        rest = path_to(children, labels, c, own)
        if rest is not None:
            return [(own, sibling), *rest]
    return None


def units(x, centers, splits):
    """h_t = |x - s_t|^2 - |x - o_t|^2, and their shares."""
    x, centers = LONG(1) * x, LONG(1) * centers
    shares = [(x - centers[s]) ** 2 - (x - centers[o]) ** 2 for o, s in splits]
    return np.array(shares).sum(axis=1), np.array(shares)


def walk(x, centers, children, node=0):
    """Leaf that a row reaches, and the least difference on the way."""
    closest = np.inf
    while children[node][0] >= 0:
        h = reference.distances(x, centers[children[node]])
        closest = min(closest, abs(h[0] - h[1]))
        node = children[node][int(h[1] < h[0])]
    return node, closest
