# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Players on the paths of trees, and the patterns of rows."""

import numpy as np
from sklearn.ensemble import IsolationForest

from skneon.network.numerics._tree_paths import TreePaths
from skneon.network.numerics._tree_tables import TreeTable, n_cells, pattern_counts
from skneon.network.numerics._tree_terms import LeafTerms, SplitTerms
from skneon.neuralization.models._isolation_forest import forest_of

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 4)).astype(np.float32)
TREES = forest_of(IsolationForest(n_estimators=3, random_state=0).fit(X)).trees
PLAYER_OF = np.array([1, 0, 1, 3])


def splits(tree, node):
    """The splits on the way to a node: (node, whether left)."""
    found = []
    while tree.parent[node] >= 0:
        up = tree.parent[node]
        found.append((up, tree.left[up] == node))
        node = up
    return found[::-1]


def test_patterns_say_on_which_side_rows_are():
    for tree in TREES:
        paths = TreePaths(tree, PLAYER_OF)
        patterns = paths.patterns(X.T.__getitem__, len(X))
        for node in range(len(tree.left)):
            way = splits(tree, node)
            players = list(dict.fromkeys(PLAYER_OF[tree.feature[u]] for u, _ in way))
            assert paths.n_players[node] == len(players)
            local = paths.on_path(np.array([node]))[0]
            assert paths.players[local].tolist() == players
            for bit, player in enumerate(players):
                inside = np.ones(len(X), dtype=bool)
                for u, left in way:
                    if PLAYER_OF[tree.feature[u]] == player:
                        inside &= (X[:, tree.feature[u]] <= tree.border[u]) == left
                np.testing.assert_array_equal(patterns[node] >> bit & 1, inside)


def test_factors_are_products_by_player():
    tree = TREES[0]
    paths = TreePaths(tree, PLAYER_OF)
    edge = RNG.random(len(tree.left))
    factors = paths.factors(edge)
    for node in range(len(tree.left)):
        expected = np.ones(len(paths.players))
        below = [*[u for u, _ in splits(tree, node)][1:], node]
        for v in below if tree.parent[node] >= 0 else []:
            player = PLAYER_OF[tree.feature[tree.parent[v]]]
            expected[paths.players.tolist().index(player)] *= edge[v]
        np.testing.assert_allclose(factors[node], expected)


def test_sizes_of_tables_are_known_beforehand():
    for tree in TREES:
        paths = TreePaths(tree, PLAYER_OF)
        for by_split in (True, False):
            terms = SplitTerms(paths) if by_split else LeafTerms(paths)
            parts = terms.by_relative_depth() if by_split else terms.by_path()
            table = TreeTable(terms, parts, 4).table
            assert n_cells(paths, by_split, 4) == table.size


def test_background_rows_are_counted_in_parts():
    terms = LeafTerms(TreePaths(TREES[0], PLAYER_OF))
    whole = pattern_counts(terms, [(X.T.__getitem__, len(X))])
    parts = [(rows.T.__getitem__, len(rows)) for rows in np.array_split(X, 3)]
    for one, other in zip(whole, pattern_counts(terms, parts), strict=True):
        assert one.sum() == len(X)
        np.testing.assert_array_equal(one, other)
