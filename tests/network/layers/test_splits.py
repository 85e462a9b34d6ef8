# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Trees of splits: their units and rules against slow walks."""

import numpy as np
from helpers import reference
from helpers.laws import assert_close
from helpers.reference import LONG
from helpers.shapley import by_permutations
from helpers.splits import path_to, units, walk
from helpers.strategies import kinds, rows, seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from skneon.network import Min, Network, Query, SplitPairs

RULES = ["shapley", "midpoint", "w-square"]


def grow(rng, n_leaves):
    """Children of the nodes of a random tree, and the labels of its leaves."""
    children, leaves = [[-1, -1]], [0]
    while len(leaves) < n_leaves:
        node = leaves.pop(rng.integers(len(leaves)))
        children[node] = [len(children), len(children) + 1]
        leaves += children[node]
        children += [[-1, -1], [-1, -1]]
    labels = np.full(len(children), -1)
    labels[rng.permutation(leaves)] = np.arange(n_leaves)
    return np.array(children), labels


@st.composite
def problems(draw, max_leaves=6, max_features=10, min_leaves=1):
    """Rows, a tree, and the clusters that are asked about."""
    rng = np.random.default_rng(draw(seeds))
    n_leaves = draw(st.integers(min_leaves, max_leaves))
    d = draw(st.integers(1, max_features))
    children, labels = grow(rng, n_leaves)
    centers = rows(rng, len(children), d, draw(kinds))
    X = rows(rng, 5, d, draw(kinds))
    cluster = rng.integers(n_leaves, size=5)
    rival = None
    if n_leaves > 1 and draw(st.booleans()):
        rival = (cluster + draw(st.integers(1, n_leaves - 1))) % n_leaves
    return X, centers, children, labels, Query(cluster=cluster, rival=rival)


def asked_splits(problem, n):
    """The splits that compete for a row: all, or where the paths part."""
    _, _, children, labels, query = problem
    path = path_to(children, labels, query.cluster[n])
    if query.rival is None:
        return path
    other = path_to(children, labels, query.rival[n])
    return [next(a for a, b in zip(path, other, strict=False) if a != b)]


def slow_relevance(x, centers, splits, rule, beta):
    h, shares = units(x, centers, splits)
    f = h.min()
    if rule == "shapley":
        phi = by_permutations(lambda S: shares[:, S].sum(axis=1).min(), len(x))
        return f, phi, 0.0
    relevance, dissipated = 0 * x, 0.0
    p = reference.soft_argmin(h, np.ones(len(h)), beta)
    for (o, s), h_t, p_t, share in zip(splits, h, p, shares, strict=True):
        if rule == "midpoint":
            ratio = np.clip(f / h_t, -1, 1) if h_t else (np.sign(f) if f else 1.0)
            relevance = relevance + ratio * p_t * share
            dissipated += p_t * (f - ratio * h_t)
        else:
            w = LONG(1) * centers[o] - centers[s]
            if np.any(w):
                relevance = relevance + w**2 / np.sum(w**2) * p_t * f
            else:
                dissipated += p_t * f
    return f, relevance, dissipated


def network_of(problem, rule, beta=1.0):
    _, *tree, _ = problem
    return Network([SplitPairs(*tree, rule), Min(beta)])


def sizes(problem):
    X, centers, *_ = problem
    return np.array([reference.distances(x, centers).sum() for x in X], dtype=float)


@given(problems())
def test_evidence_is_positive_where_the_walk_ends(problem):
    X, centers, children, labels, _ = problem
    splits = SplitPairs(centers, children, labels, "midpoint")
    nearest, size = splits.nearest(X), sizes(problem)
    for n, x in enumerate(X):
        leaf, closest = walk(x, centers, children)
        if closest <= 1e-12 * size[n]:
            continue
        assert nearest[n] == labels[leaf]
        for c in range(splits.n_clusters):
            query = Query(cluster=np.array([c]))
            score = network_of(problem, "midpoint").activate(X[[n]], query)[0]
            assert (score > 0) == (c == nearest[n])


@given(problems(), st.sampled_from(RULES[1:]), st.floats(-3, 3))
def test_rules(problem, rule, log10_beta):
    check_rule(problem, rule, 10**log10_beta)


@settings(max_examples=20)
@given(problems(max_features=5))
def test_shapley_rule_agrees_with_all_orders(problem):
    check_rule(problem, "shapley", 1.0)


def check_rule(problem, rule, beta):
    X, centers, children, labels, query = problem
    got = network_of(problem, rule, beta).propagate(X, query)
    size = sizes(problem)
    for n, x in enumerate(X):
        splits = asked_splits(problem, n)
        if not splits:
            assert got.score[n] == np.inf and not got.relevance[n].any()
            assert got.rival[n] == -1 and np.all(np.isnan(got.reference[n]))
            continue
        score, relevance, dissipated = slow_relevance(x, centers, splits, rule, beta)
        assert abs(got.score[n] - score) <= 1e-9 * abs(score) + 1e-13 * size[n]
        assert_close(got.relevance[[n]], relevance[None], 100 * size[n])
        residual = got.score[n] - got.relevance[n].sum()
        bound = 1e-9 * float(np.abs(relevance).sum()) + 1e-12 * size[n]
        assert abs(residual - dissipated) <= bound
        h, _ = units(x, centers, splits)
        if len(h) > 1 and np.diff(np.sort(h))[0] <= 1e-12 * size[n]:
            continue
        sibling = splits[int(h.argmin())][1]
        np.testing.assert_array_equal(got.reference[n], centers[sibling])
        leaf, closest = walk(x, centers, children, sibling)
        if query.rival is not None:
            assert got.rival[n] == query.rival[n]
        elif closest > 1e-12 * size[n]:
            assert got.rival[n] == labels[leaf]


@given(problems(min_leaves=2), st.sampled_from(RULES), seeds)
def test_permutation_translation_and_scaling(problem, rule, seed):
    X, centers, children, labels, query = problem
    rng = np.random.default_rng(seed)
    expected = network_of(problem, rule).propagate(X, query).relevance
    size = 10 * sizes(problem)

    def changed(change, beta=1.0):
        other = change(X), change(centers), children, labels, query
        return network_of(other, rule, beta).propagate(other[0], query).relevance

    order = rng.permutation(X.shape[1])
    assert_close(changed(lambda X: X[:, order]), expected[:, order], size)
    shift = rng.integers(-1000, 1001, size=X.shape[1])
    assert_close(changed(lambda X: X + shift), expected, size)
    s = 2.0 ** rng.integers(-10, 11)
    assert_close(changed(lambda X: X * s, 1 / s**2), s**2 * expected, s**2 * size)
