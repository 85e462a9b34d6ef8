# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Scores of the training rows, with which those of other rows are compared."""

from typing import Any

import numpy as np

from skneon._p_values import p_values
from skneon.network import Query
from skneon.network.numerics._types import Array

# what outliers have much of
OUTLIER_SCORES = ("outlier", "mean_distance", "kth_distance", "mean_vector")


def scale_of(door: Any, X: Any, query: Query, score: Array) -> dict[str, Array]:
    """What `Explanation` knows of the training scores, beside which rows stand.

    Parameters
    ----------
    door : NeuralizedModel
    X : table, or None
        The rows as they were given; None for the training rows.
    query : Query
        What is asked of them.
    score : ndarray of shape (n,)

    Returns
    -------
    fields : dict
        With ``training_score`` where that is known, ``p_value`` for new rows, and
        ``held_out_score`` for training rows that others' models score.
    """
    if door.target not in OUTLIER_SCORES:
        return {}
    if X is None and not _as_usual(door, query):
        return {}
    if X is None and not in_folds(door):
        return {"training_score": score}
    is_new = X is not None and (query.absent is None or (query.absent < 0).all())
    plain = getattr(getattr(door, "last", door), "plain_scores", None)
    known = training_scores(door) if plain is None or not is_new else plain
    if known is None:
        return {}
    if X is None:
        return {"training_score": known, "held_out_score": known}
    if not is_new:
        return {"training_score": known}
    return {"training_score": known, "p_value": p_values(score, known)}


def training_scores(door: Any) -> Array | None:
    """Scores of the training rows, where they are kept, or can be had by X_train.

    They are computed once, each row left out of its own model where that can be, and by
    models fitted to the others in folds for mixtures and support vectors; in forests
    by the trees that did not draw the row, where there are enough. None for rows
    of different weights, of which nobody knows how many rows they stand for, and where
    no such model can be fitted.
    """
    last = getattr(door, "last", door)
    rows = last.training
    if rows is not None and not rows.alike:
        return None
    if rows is not None and rows.scores is not None:
        return np.asarray(rows.scores)
    if last.kept_scores is not None:
        return np.asarray(last.kept_scores)
    given = door.keeps_rows if last is not door else rows is not None and rows.given
    if not given:
        return None
    if door.scores_of_training is None:
        door.scores_of_training = _computed(door, rows)
    scores: Array | None = door.scores_of_training
    return scores


def _computed(door: Any, rows: Any) -> Array | None:
    if rows is not None and rows.in_folds is not None:
        scores: Array | None = rows.in_folds()
        return scores
    scores, weighs = np.asarray(door.forward(None)), _weighs(rows)
    # rows of weight 0 are as good as absent
    return scores if weighs is None else scores[weighs]


def equal_weights(weights: Array) -> bool:
    """Whether all rows that have a weight have the same."""
    positive = weights[weights > 0]
    return bool(np.ptp(positive) <= 1e-12 * positive.max())


def in_folds(door: Any) -> bool:
    """Whether training rows are scored by models that were fitted without them."""
    rows = getattr(door, "last", door).training
    return rows is not None and rows.in_folds is not None


def _as_usual(door: Any, query: Query) -> bool:
    """Whether each training row is left out of its own model, if any can be."""
    rows = getattr(door, "last", door).training
    if rows is None or rows.absent is None:
        return query.absent is None
    usual = rows.absent if rows.numbers is None else rows.absent[rows.numbers]
    return query.absent is not None and np.array_equal(query.absent, usual)


def _weighs(rows: Any) -> Array | None:
    """Which training rows are support points; None where that does not matter."""
    if rows is None or rows.absent is None or rows.numbers is not None:
        return None
    return np.asarray(rows.absent >= 0)
