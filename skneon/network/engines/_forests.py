# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Isolation forests: leaves are found once, for all that is asked of a row."""

from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn import get_config

from skneon.network._query import Query
from skneon.network.engines._engine import NetworkToRun, Results
from skneon.network.layers._isolation_trees import IsolationTrees
from skneon.network.layers._mean import Mean
from skneon.network.numerics._tiles import Scratch
from skneon.network.rules._interventional import Interventional
from skneon.network.rules._marginal_shares import conserving_shares
from skneon.network.rules._path_dependent import PathDependent
from skneon.network.rules._rule import Passed
from skneon.network.rules._shapley import Shapley
from skneon.network.rules._split import Split

GAMES = (Shapley, PathDependent, Interventional)
# rows at a time: more are faster by less than a tenth
ROWS = 8192
# bytes that a row takes for each node of a tree: its patterns, and their numbers
NODE = 16


class Forests:
    """Runs `IsolationTrees` under their mean, by the rules that are made for them.

    Parameters
    ----------
    network : Network
    X : ndarray or sparse matrix of shape (n, d)
    query : Query
    """

    order = None

    def __init__(self, network: NetworkToRun, X: Any, query: Query) -> None:
        self.network = network
        self.X = X
        self.query = query
        trees = network.units.forest.trees
        widest = max(len(tree.left) for tree in trees)
        row = NODE * widest + 8 * (len(trees) + 8 * X.shape[1])
        room = get_config()["working_memory"] * 2**20
        size = int(room // (row * effective_n_jobs(network.n_jobs)))
        self.rows_at_a_time = int(np.clip(size, 1, ROWS))

    @classmethod
    def of(
        cls, network: NetworkToRun, X: Any, query: Query, explain: bool
    ) -> "Forests | None":
        """The engine, where it serves: explanations, if tables by leaf have room."""
        units, rule = network.units, network.rule
        serves = (
            explain
            and type(units) is IsolationTrees
            and type(network.pooling) is Mean
            and network.pooling.support_weights is None
            and not network.middle
            and (type(rule) is Split or type(rule) in GAMES)
            and units.has_room
        )
        return cls(network, X, query) if serves else None

    def score(
        self, rows: slice, scratch: Scratch | None = None, out: Any = None
    ) -> Results:
        """Score of a slice of the rows."""
        return {"score": self.explain(rows)["score"]}

    def explain(
        self, rows: slice, scratch: Scratch | None = None, out: Any = None
    ) -> Results:
        """The fields of `Propagation` of a slice of the rows."""
        network, units, X = self.network, self.network.units, self.X[rows]
        query, game = self.query[rows], units.marginal
        split = type(network.rule) is Split
        saved, shares, reference = units.by_leaf(X, split)
        score = saved + network.pooling.offset(query)
        relevance, error = shares if split else game.explained(X)
        if not split:
            nothing = np.empty((len(score), 0))
            passed = Passed(score, nothing, nothing)
            relevance = conserving_shares(network, relevance, passed, query)
        return {
            "relevance": relevance,
            "score": score,
            "reference": reference,
            "rival": None,
            "standard_error": error,
            "cluster": None,
        }
