# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Training rows that come as X_train."""

from dataclasses import replace
from typing import Any

import numpy as np

from skneon._labels import Labels
from skneon._lazy import refuse_lazy
from skneon.network.numerics._table_cells import dense
from skneon.neuralization._neuralized import TrainingRows, validate_rows


def rows_as_given(
    model: Any, X_train: Any, accept_sparse: Any = False
) -> TrainingRows | None:
    """The rows that X=None stands for, none of which is left out; None for None."""
    if X_train is None:
        return None
    refuse_lazy(X_train, "X_train")
    rows = validate_rows(model, X_train, accept_sparse)
    return TrainingRows(rows, Labels.of(X_train), given=True)


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
