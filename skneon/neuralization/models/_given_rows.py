# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Training rows that come as X_train."""

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import clone

from skneon._labels import Labels
from skneon._lazy import refuse_lazy
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import TrainingRows, validate_rows

FOLDS = 10


def rows_as_given(
    model: Any, X_train: Any, accept_sparse: Any = False
) -> TrainingRows | None:
    """The rows that X=None stands for, none of which is left out; None for None."""
    if X_train is None:
        return None
    refuse_lazy(X_train, "X_train")
    rows = validate_rows(model, X_train, accept_sparse)
    return TrainingRows(rows, Labels.of(X_train), given=True)


def scores_in_folds(model: Any, rows: Any, **options: Any) -> Array | None:
    """Outlier scores of rows, each by a model that was fitted without its fold.

    That is how cross-conformal prediction scores them (Vovk 2015).

    Parameters
    ----------
    model : fitted estimator
        As it is: it is cloned, and the clones are fitted.
    rows : ndarray or sparse matrix of shape (N, d)
    **options
        Of `neuralize`.

    Returns
    -------
    scores : ndarray of shape (N,), or None
        None where a part of the rows is too little for the model.
    """
    n = rows.shape[0]
    fold, scores = np.arange(n) % FOLDS, np.empty(n)
    for number in np.unique(fold):
        own = fold == number
        try:
            with warnings.catch_warnings():
                # what a fit warns of was said when the model itself was fitted
                warnings.simplefilter("ignore")
                fresh = clone(model).fit(rows[~own])
            scores[own] = neuralize(fresh, **options).forward(rows[own])
        except ValueError:
            return None
    return scores


def compared_with(
    training: TrainingRows, model: Any, X_train: Any, accept_sparse: Any = False
) -> TrainingRows:
    """Training rows that are kept, where they are also given as X_train.

    Parameters
    ----------
    training : TrainingRows
    model : fitted estimator
    X_train : table of shape (N, d), or None
    accept_sparse : bool or str
        As in `sklearn.utils.check_array`.

    Returns
    -------
    training : TrainingRows
        For X_train, those with which new rows are compared.

    Raises
    ------
    ValueError
        Where X_train are others than the rows that are kept.
    """
    if X_train is None:
        return training
    refuse_lazy(X_train, "X_train")
    kept = training.rows
    rows = dense(validate_rows(model, X_train, accept_sparse, kept.dtype))
    if rows.shape != kept.shape or not np.array_equal(rows, kept):
        raise ValueError(
            f"X_train does not match the training data of the {type(model).__name__}, "
            "which keeps its rows: pass exactly the rows used in fit, in the same "
            "order."
        )
    return replace(training, given=True)
