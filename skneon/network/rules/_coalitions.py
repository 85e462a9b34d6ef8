# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Scores of coalitions of features: the others are left out of every unit, exactly."""

import numpy as np
from sklearn import get_config
from sklearn.utils import gen_batches


def coalition_scores(layers, X, query, masks):
    """v(S) of each coalition S for one row, by exact marginalisation.

    The units' activations are summed over the features in S alone; v(empty) = 0. What
    the score has beside the pooled units, its offset, is no feature's and left out.

    Parameters
    ----------
    layers : list of length 2
        Units with ``contributions`` and ``activation``, and a pooling layer.
    X : ndarray of shape (1, d)
    query : Query
        Of that row.
    masks : ndarray of shape (m, d)
        Coalitions as rows of zeros and ones.

    Returns
    -------
    scores : ndarray of shape (m,)
    """
    units, pooling = layers
    C = units.contributions(X, query)[:, 0]
    absent = np.flatnonzero(np.isinf(units.forward(X, query)[0]))
    memory = get_config()["working_memory"] * 2**20
    size = max(1, int(memory // (8 * 8 * len(C))))
    scores = np.zeros(len(masks))
    for some in gen_batches(len(masks), size):
        T = masks[some] @ C.T
        T[:, absent] = np.inf
        rows = np.zeros(len(T), dtype=int)
        each = query[rows]
        scores[some] = pooling.forward(units.activation(T), each) - pooling.offset(each)
    scores[~masks.any(axis=1)] = 0.0
    return scores
