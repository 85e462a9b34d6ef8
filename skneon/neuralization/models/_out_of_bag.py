# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Scores of the rows of a forest's fit, each by the trees that did not draw it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skneon.network import Forest
from skneon.network.layers._forest import single
from skneon.network.numerics._types import Array, Table

# trees that each row needs which did not draw it: the spread of their mean beside that
# of scores is some per cent then
ENOUGH = 30


def drawn_rows(model: Any, forest: Forest, rows: Table) -> list[NDArray[Any]] | None:
    """Numbers of the rows that each tree drew, where scores without these are known.

    scikit-learn draws them once more. That goes wrong after a warm start, and for
    other rows than those of the fit; so each tree is asked whether these rows fill its
    leaves as its own did.

    Parameters
    ----------
    model : IsolationForest
        Fitted.
    forest : Forest
        Its trees.
    rows : ndarray or sparse matrix of shape (N, d)
        The rows of the fit.

    Returns
    -------
    drawn : list of ndarray of int, or None
        None where some row has fewer than `ENOUGH` trees that did not draw it, and
        where the rows that were drawn are not known.
    """
    n = rows.shape[0]
    drawn = [np.unique(numbers) for numbers in model.estimators_samples_]
    if len(drawn) != len(forest) or any(own[-1] >= n for own in drawn):
        return None
    often = np.bincount(np.concatenate(drawn), minlength=n)
    if len(forest) - often.max() < ENOUGH:
        return None
    for t, (tree, own) in enumerate(zip(forest.trees, drawn, strict=True)):
        leaves = forest.leaves_of(t, single(rows[own]))
        filled = np.bincount(leaves, minlength=len(tree.left))[tree.leaves]
        if not np.array_equal(filled, tree.n_rows[tree.leaves]):
            return None
    return drawn


def out_of_bag_scores(
    forest: Forest, expected: float, rows: Table, drawn: list[NDArray[Any]]
) -> Array:
    """Splits saved by each row, in the mean over the trees that did not draw it.

    Parameters
    ----------
    forest : Forest
    expected : float
        Depth that is expected of a tree.
    rows : ndarray or sparse matrix of shape (N, d)
    drawn : list of ndarray of int
        By tree; see `drawn_rows`.

    Returns
    -------
    scores : ndarray of shape (N,)
    """
    Z = single(rows)
    total, count = np.zeros(Z.shape[0]), np.zeros(Z.shape[0])
    for t, (tree, own) in enumerate(zip(forest.trees, drawn, strict=True)):
        others = np.ones(Z.shape[0], dtype=bool)
        others[own] = False
        saved = tree.saved[forest.leaves_of(t, Z[others])]
        # bagging counts repeated rows once, and such trees start with fewer
        total[others] += expected - tree.expected[0] + saved
        count += others
    return np.asarray(total / count)
