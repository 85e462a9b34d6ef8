# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""When there is a tree, that it is built once, and what is stored of it."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from skneon.network import Search
from skneon.network.engines.pruned import _search

RNG = np.random.default_rng(0)
U = RNG.normal(size=(6000, 2))
EVEN = np.full(6000, 1 / 6000)
# a stiffness at which a tree is likely to pay, and one at which it is not
STIFF, SOFT = 5000.0, 0.01


@pytest.mark.parametrize("tree", ["kd_tree", "ball_tree"])
def test_a_named_tree_is_taken_whether_it_pays_or_not(tree):
    for gamma in (STIFF, SOFT):
        search = Search(tree, 1e-6)
        got = search.tree(U, EVEN, U[:3], gamma)
        assert type(got._tree) is _search.Tree(U, EVEN, tree)._tree.__class__
        # the same for other rows and another stiffness
        assert search.tree(U, EVEN, U[5:9], 2 * gamma) is got


@pytest.mark.parametrize("tree", ["auto", "brute", "kd_tree", "ball_tree"])
def test_without_a_tolerance_there_is_none(tree):
    assert Search(tree, 0.0).tree(U, EVEN, U, STIFF) is None
    assert Search("brute", 0.5).tree(U, EVEN, U, STIFF) is None


def test_auto_takes_a_tree_where_it_is_likely_to_pay():
    assert Search("auto", 1e-6).tree(U, EVEN, U, SOFT) is None
    search = Search("auto", 1e-6)
    assert search.tree(U, EVEN, U[:1], STIFF) is None
    built = search.tree(U, EVEN, U, STIFF)
    assert built is not None
    # one that is built pays for a single row
    assert search.tree(U, EVEN, U[:1], STIFF) is built


def test_single_precision_points_are_searched_in_double():
    tree = Search("kd_tree", 1e-6).tree(U.astype(np.float32), EVEN, U[:3], STIFF)
    assert tree._points.dtype == np.float64


def test_threads_build_it_once(monkeypatch):
    built, kind = [], _search.Tree

    def watched(*arguments):
        built.append(arguments)
        return kind(*arguments)

    monkeypatch.setattr(_search, "Tree", watched)
    search = Search("kd_tree", 1e-6)
    with ThreadPoolExecutor(4) as pool:
        trees = list(pool.map(lambda _: search.tree(U, EVEN, U, STIFF), range(8)))
    assert len(built) == 1 and len({id(tree) for tree in trees}) == 1


def test_copies_are_as_new():
    search = Search("ball_tree", 0.1)
    search.tree(U, EVEN, U, STIFF)
    data = pickle.dumps(search)
    assert len(data) < 300
    copy = pickle.loads(data)
    assert (copy.algorithm, copy.rtol) == ("ball_tree", 0.1)
    assert copy.tree(U, EVEN, U[:3], STIFF) is not search.tree(U, EVEN, U[:3], STIFF)
