# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Support points in trees: sums over kernels without the points that do not matter."""

from itertools import pairwise

import numpy as np
from sklearn.neighbors import BallTree, KDTree

from skneon.network.engines.pruned._tree_nodes import (
    Groups,
    Leaves,
    Nodes,
    not_negligible,
    rounding,
)

TREES = {"kd_tree": KDTree, "ball_tree": BallTree}
# rows of a group, and the diagonal of its box in bandwidths: fewer pairs against calls
ROWS, EXTENT = 16, 6
# groups that descend together, their numbers, and their nodes, at the most
GROUPS, NUMBERS, PAIRS = 2**11, 2**16, 2**19
# share of the tolerance for what is dropped on the way down; what rounding takes of it
EARLY, ROUNDING = 0.1, 0.01
# nanoseconds a pair of row and point costs in a product of all, and behind a tree; what
# a point costs that a group keeps, a row behind a tree, and a point when it is built;
# points that are worth a tree
ALL, KEPT, GATHERED, ROW, BUILT, LEAST = 8, 14, 50, 1e4, 1e3, 5000


class Tree:
    """Support points in boxes or balls: what is far from a row is dropped together.

    Parameters
    ----------
    points : ndarray of shape (N, d)
    weights : ndarray of shape (N,)
        Positive.
    kind : {"kd_tree", "ball_tree"}
    leaf_size : int
        This many points to less than twice as many are kept or dropped together.

    Attributes
    ----------
    order : ndarray of intp, shape (N,)
        Numbers of the points in the order of the tree.
    """

    def __init__(self, points, weights, kind="kd_tree", leaf_size=20):
        self._tree = TREES[kind](points, leaf_size=leaf_size)
        _, self.order, nodes, bounds = map(np.asarray, self._tree.get_arrays())
        self._nodes = Nodes(bounds, nodes["radius"] if kind == "ball_tree" else None)
        # the tree is complete: the leaves are its last level, in the order of points
        self._depth = len(nodes).bit_length() - 1
        leaves = nodes[len(nodes) // 2 :]
        self._starts, self._stops = leaves["idx_start"], leaves["idx_end"]
        self._leaf = np.empty_like(self.order)
        sizes = self._stops - self._starts
        self._leaf[self.order] = np.repeat(np.arange(len(leaves)), sizes)
        self._points, self._weights = points, weights
        self._leaves = Leaves(points[self.order], weights[self.order], self._starts)

    @staticmethod
    def groups(Z, size=ROWS, extent=np.inf):
        """Rows in groups that lie near one another.

        Parameters
        ----------
        Z : ndarray of shape (n, d)
        size : int
            Rows of a group at the most.
        extent : float
            Diagonal of a group's box at the most; `EXTENT` bandwidths do well.

        Returns
        -------
        groups : list of ndarray of intp
            A partition of the rows' numbers.
        """
        arrays = KDTree(Z, leaf_size=1).get_arrays()
        _, order, nodes, (low, high) = map(np.asarray, arrays)
        start, rows = nodes["idx_start"], nodes["idx_end"] - nodes["idx_start"]
        wide = np.sqrt(np.sum((high - low) ** 2, axis=1)) > extent
        splits = (rows > size) | (wide & (rows > 1))
        tops = splits[(np.arange(len(nodes)) - 1) // 2] & ~splits
        # leaves have a row or two: those that split do so into single rows
        last = splits & (nodes["is_leaf"] != 0)
        edges = np.concatenate([[0], start[tops], start[last], start[last] + 1])
        edges = np.append(np.unique(edges), len(Z)).tolist()
        return [order[a:b] for a, b in pairwise(edges)]

    def kept(self, Z, gamma, rtol, absent=None):
        """The slices of `kept_by_group` for rows that are a single group."""
        return next(self.kept_by_group(Z, [np.arange(len(Z))], gamma, rtol, absent))

    def kept_by_group(self, Z, groups, gamma, rtol, absent=None):
        r"""Slices of `order` without which the rows' sums lose at most the tolerance.

        For every row z of a group, with :math:`h_k = \|z - u_k\|^2`,

        .. math:: \sum_{k \text{ dropped}} w_k e^{-\gamma h_k}
                  \le \text{rtol} \sum_k w_k e^{-\gamma h_k}.

        Parameters
        ----------
        Z : ndarray of shape (n, d)
        groups : list of ndarray of int
            Numbers of rows; the smaller a group, the fewer points it keeps.
        gamma : float
        rtol : float
            At least 0 and below 1; 0 keeps all points.
        absent : ndarray of int, shape (n,), default=None
            Number of the point that the sums of a row go without, or -1.

        Yields
        ------
        starts, stops : ndarray of intp
            By group; increasing, and apart from one another.
        """
        if rtol == 0 or len(self.order) == 1:
            for _ in groups:
                yield np.array([0]), np.array([len(self.order)])
            return
        most = max(map(len, groups), default=1) * Z.shape[1]
        start, count = 0, max(1, min(GROUPS, NUMBERS // most))
        while start < len(groups):
            some = groups[start : start + count]
            with np.errstate(over="ignore", divide="ignore"):
                kept = self._kept(Groups(Z, some, absent), gamma, rtol)
            if kept is None:
                count = (len(some) + 1) // 2
                continue
            yield from kept
            start += count

    def _kept(self, groups, gamma, rtol):
        """List of the groups' slices; None where they need too many nodes at a time."""
        # sum_k w_k exp(-gamma h_k) is at least exp(-gamma level)
        level = np.maximum.reduceat(self._level(groups, gamma), groups.first)
        log_rtol = np.log(rtol) + np.log1p(-ROUNDING)
        # all points beyond the reach together are below the early share
        log_excess = self._leaves.log_total - log_rtol - np.log(EARLY)
        group, node, near = self._within(groups, level + log_excess / gamma)
        if group is None:
            return None
        leaf = node - len(self._starts) + 1
        level = np.minimum(level, self._finer_level(groups, group, leaf, gamma))
        share = np.log(self._leaves.weights)[leaf] - gamma * (near - level[group])
        share -= log_rtol + np.log1p(-EARLY)
        kept = not_negligible(share, group, len(level))
        group, leaf = group[kept], leaf[kept]
        begins = np.append(True, (np.diff(leaf) != 1) | (np.diff(group) != 0))
        starts = self._starts[leaf[begins]]
        stops = self._stops[leaf[np.append(begins[1:], True)]]
        edges = np.searchsorted(group[begins], np.arange(len(level) + 1)).tolist()
        return [(starts[a:b], stops[a:b]) for a, b in pairwise(edges)]

    def _level(self, groups, gamma):
        """Level of the rows' sums, from the leaf of each row's nearest point."""
        Z, out = groups.rows, groups.absent
        numbers = self._tree.query(Z, 1 if out is None else 2, return_distance=False)
        nearest = numbers[:, 0]
        if out is not None:
            nearest = np.where(nearest == out, numbers[:, -1], nearest)
        leaf = self._leaf[nearest]
        start, stop = self._starts[leaf, None], self._stops[leaf, None]
        at = start + np.arange(np.max(stop - start))
        k = self.order[np.minimum(at, stop - 1)]
        counts = at < stop if out is None else (at < stop) & (k != out[:, None])
        D = self._points[k] - Z[:, None]
        H = np.where(counts, np.einsum("nkd,nkd->nk", D, D), np.inf)
        least = H.min(axis=1)
        # no distance is larger than this times the one computed
        up = 1 + rounding(Z.shape[1])
        E = np.exp(-gamma * (up * (H - least[:, None])))
        return up * least - np.log(np.sum(E * self._weights[k], axis=1)) / gamma

    def _within(self, groups, reach):
        """Leaves nearer than the groups' reach: groups, nodes and squared distances."""
        group = np.arange(len(reach))
        node = np.zeros_like(group)
        for depth in range(self._depth + 1):
            if depth:
                group = np.repeat(group, 2)
                node = np.repeat(2 * node + 1, 2)
                node[1::2] += 1
            if len(node) > PAIRS and len(reach) > 1:
                return None, None, None
            near = self._nodes.least_distance(node, groups, group)
            inside = near < reach[group]
            group, node, near = group[inside], node[inside], near[inside]
        return group, node, near

    def _finer_level(self, groups, group, leaf, gamma):
        """Level of the groups' sums, from the mean distances of leaves (Jensen)."""
        far = self._leaves.mean_distance(leaf, groups, group)
        weight = self._leaves.weights[leaf]
        if groups.absent is not None:
            left = weight - self._absent_mass(groups, group, leaf)
            # the mean over fewer points is at most so much larger
            left[left < weight / 2] = 0
            far *= np.divide(weight, left, out=np.ones_like(left), where=left > 0)
            weight = left
        edges = np.searchsorted(group, np.arange(len(groups.first)))
        base = np.minimum.reduceat(far, edges)
        E = weight * np.exp(-gamma * (far - base[group]))
        return base - np.log(np.add.reduceat(E, edges)) / gamma

    def _absent_mass(self, groups, group, leaf):
        """Weight of the heaviest point in each leaf that a row of the group lacks."""
        out = np.flatnonzero(groups.absent >= 0)
        point = groups.absent[out]
        pairs = group * len(self._starts) + leaf
        lacking = groups.number[out] * len(self._starts) + self._leaf[point]
        at = np.minimum(np.searchsorted(pairs, lacking), len(pairs) - 1)
        found = pairs[at] == lacking
        lost = np.zeros(len(pairs))
        np.maximum.at(lost, at[found], self._weights[point[found]])
        return lost


def worthwhile(points, Z, weights, gamma, rtol, built=False):
    """Whether a `Tree`, unless `built` one to be built first, is likely to pay.

    A guess from some of the rows Z (n, d) and points (N, d): what near points and
    their boxes cost, against the product of all.
    """
    (N, d), n = points.shape, len(Z)
    if rtol == 0 or N < LEAST or n == 0:
        return False
    rng = np.random.default_rng(0)
    some = rng.integers(N, size=max(100, min(1000, 2**14 // d)))
    U, X = points[some], Z[rng.integers(n, size=32)]
    D = np.abs(X[:, None] - U)
    H = np.sum(D**2, axis=2)
    order = np.argsort(H, axis=1)
    H = np.take_along_axis(H, order, axis=1)
    with np.errstate(over="ignore"):
        E = weights[some][order] * np.exp(-gamma * (H - H[:, :1]))
    tail = np.cumsum(E[:, ::-1], axis=1)[:, ::-1]
    count = np.count_nonzero(tail > rtol * tail[:, :1], axis=1)
    reach = np.take_along_axis(H, count[:, None] - 1, axis=1)
    # boxes that a point and a row share with others are nearer than the two
    sides = _sides(X, n / ROWS)
    across = np.minimum(sides, EXTENT / np.sqrt(2 * gamma * d))
    shrunk = np.divide(across, sides, out=np.ones(d), where=sides > 0)
    pair = KEPT + GATHERED / max(1, ROWS * np.prod(shrunk))
    D -= (_sides(U, N / 32) + across) / 2
    near = np.sum(np.maximum(D, 0.0) ** 2, axis=2) <= reach
    cost = pair * N * np.mean(near) + ROW + (0 if built else BUILT * N / n)
    return bool(cost < ALL * N)


def _sides(sample, cells):
    """Sides of about so many boxes, halved where they are widest."""
    sides = 4 * np.std(sample, axis=0)
    for _ in range(int(np.log2(max(cells, 1)))):
        sides[np.argmax(sides)] /= 2
    return sides
