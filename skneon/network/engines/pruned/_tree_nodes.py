# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Bounds of the distances between groups of rows and a tree's nodes.

No bound is rounded to the wrong side: distances by plain differences are off by a few
units in the last place, relative to themselves, and that is added or taken away.
"""

import numpy as np

# leaves are dropped by classes of the log of their share of the tolerance
WIDTH, CLASSES = 0.25, 64


class Groups:
    """Rows group after group, and the groups' boxes by column."""

    def __init__(self, Z, groups, absent):
        numbers = np.concatenate(groups)
        self.rows = Z[numbers]
        self.absent = None if absent is None else absent[numbers]
        sizes = np.array([len(rows) for rows in groups])
        self.number = np.repeat(np.arange(len(groups)), sizes)
        self.first = np.cumsum(sizes) - sizes
        self.low = np.ascontiguousarray(np.minimum.reduceat(self.rows, self.first).T)
        self.high = np.ascontiguousarray(np.maximum.reduceat(self.rows, self.first).T)


class Nodes:
    """Nodes of a tree: boxes; or balls, which are boxes of one point and a radius."""

    def __init__(self, bounds, radius):
        self._low, self._high = (np.ascontiguousarray(bounds[i].T) for i in (0, -1))
        self._down = 1 - rounding(len(self._low))
        self._radius = None if radius is None else radius / self._down

    def least_distance(self, node, groups, group):
        """Squared distance that no point of the node is nearer to a row: (pairs,)."""
        total = np.zeros(len(node))
        sides = self._low, self._high, groups.low, groups.high
        for node_low, node_high, low, high in zip(*sides, strict=True):
            gap = node_low[node] - high[group]
            np.maximum(gap, low[group] - node_high[node], out=gap)
            np.maximum(gap, 0.0, out=gap)
            total += np.square(gap, out=gap)
        if self._radius is not None:
            gap = np.sqrt(total) * self._down - self._radius[node]
            total = np.maximum(gap, 0.0) ** 2
        return total * self._down


class Leaves:
    """Weights of the leaves, and their points' mean distance to rows."""

    def __init__(self, points, weights, starts):
        sizes = np.diff(starts, append=len(points))
        self.weights = np.add.reduceat(weights, starts)
        self.log_total = np.log(self.weights.sum())
        share = weights / np.repeat(self.weights, sizes)
        self._spread = np.zeros(len(starts))
        self._center = np.empty((points.shape[1], len(starts)))
        off = np.zeros(len(starts))
        for center, column in zip(self._center, points.T, strict=True):
            center[:] = np.add.reduceat(column * share, starts)
            D = column - np.repeat(center, sizes)
            off += np.add.reduceat(D * share, starts) ** 2
            self._spread += np.add.reduceat(D * D * share, starts)
        # how far the center may be from the mean
        eps = np.finfo(float).eps
        self._off = np.sqrt(off) + 8 * sizes.max() * eps * np.sqrt(self._spread)
        self._spread *= 1 + 2 * sizes.max() * eps

    def mean_distance(self, leaf, groups, group):
        """Squared distance that the mean over a leaf is at most, for every row."""
        total = np.zeros(len(leaf))
        sides = self._center, groups.low, groups.high
        for center, low, high in zip(*sides, strict=True):
            middle = center[leaf]
            far = np.maximum(middle - low[group], high[group] - middle)
            total += np.square(far, out=far)
        far = (np.sqrt(total) + self._off[leaf]) ** 2 + self._spread[leaf]
        return far * (1 + rounding(len(self._center)))


def rounding(d):
    """Relative error of a squared distance in d columns, and to spare."""
    return (2 * d + 16) * np.finfo(float).eps


def not_negligible(share, group, n_groups):
    """What is kept if a group's least shares, in logs, are dropped up to the sum 1."""
    rank = np.floor(np.minimum(-share / WIDTH, CLASSES - 1)).clip(-1).astype(np.intp)
    small = rank >= 0
    cell = group[small] * CLASSES + rank[small]
    mass = np.bincount(cell, np.exp(share[small]), n_groups * CLASSES)
    tail = np.cumsum(mass.reshape(n_groups, CLASSES)[:, ::-1], axis=1)
    return rank < CLASSES - np.count_nonzero(tail <= 1, axis=1)[group]
