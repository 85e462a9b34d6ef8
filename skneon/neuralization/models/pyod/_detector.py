# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the networks of PyOD's detectors have in common."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_array

from skneon._frames import column_names
from skneon._labels import Labels
from skneon._lazy import refuse_lazy
from skneon.network import Query
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralized import NeuralizedModel, validate_rows
from skneon.neuralization.steps._transformers import n_columns_of


def as_it_is(scores: Array) -> Array:
    """Scores of `decision_function` that are explained themselves."""
    return scores


class NeuralizedDetector(NeuralizedModel):
    """A detector of PyOD and its network; made by `neuralize`.

    The network is that of a model inside, whose door answers what is asked. PyOD keeps
    no names of columns: they come from the table that is explained.

    Parameters
    ----------
    model : detector
        Fitted.
    inside : NeuralizedModel
        Its model, fitted to the same columns, or one that is made of its parts.
    X_train : table, or None
        Its training rows as they were given, for their labels.
    score : str, default="decision_function"
        What is explained, in terms of PyOD's ``decision_function``, for ``meta``.
    explained : callable, optional
        From values of ``decision_function`` to those of the score that is explained,
        which rises with it.
    scores : ndarray of shape (N,), or None
        What new rows are compared with: values of ``decision_function`` of training
        rows, as if they had been new.
    """

    def __init__(
        self,
        model: Any,
        inside: NeuralizedModel,
        X_train: Any = None,
        *,
        score: str = "decision_function",
        explained: Callable[[Array], Array] = as_it_is,
        scores: Array | None = None,
    ) -> None:
        training = inside.training
        if training is not None and X_train is not None:
            training = replace(training, labels=Labels.of(X_train))
        threshold = float(explained(np.asarray(model.threshold_, dtype=float)))
        meta = {**inside.meta, "score": score, "threshold": threshold}
        super().__init__(model, inside.network, inside.target, meta, training)
        self.inside = inside
        self.fit_scores = explained(np.asarray(model.decision_scores_, dtype=float))
        if scores is not None:
            self.kept_scores = explained(np.asarray(scores, dtype=float))
        # in this copy: PyOD does not count its columns
        if not hasattr(self.model, "n_features_in_"):
            self.model.n_features_in_ = n_columns_of(inside.model)

    @property
    def takes_training_rows(self) -> bool:  # type: ignore[override]
        """Whether neuralize takes them as X_train."""
        return self.inside.takes_training_rows

    def validated(self, X: Any) -> Any:
        """Rows as float64, whatever their columns are called."""
        rows = nameless(self.model, X, self.accept_sparse)
        return validate_rows(self.model, rows, self.accept_sparse)

    def rows(self, X: Any, **asked: Any) -> tuple[Any, Query]:
        """Clean rows and their query."""
        self.refuse_questions(asked)
        if X is None and self.training is None:
            self.refuse_none()
        return self.inside.rows(None if X is None else self.validated(X), **asked)

    def training_rows(self, numbers: Array) -> tuple[Any, Query]:
        """Some of the rows that X=None stands for, and their query as with X=None."""
        return self.inside.training_rows(numbers)


def check_fitted(model: Any) -> None:
    """Refuse a detector that is not fitted: some have attributes of a fit before it.

    Raises
    ------
    NotFittedError
        In scikit-learn's words.
    """
    fitted = [getattr(model, name, None) for name in ("decision_scores_", "threshold_")]
    if any(value is None for value in fitted):
        raise NotFittedError(
            f"This {type(model).__name__} instance is not fitted yet. Call 'fit' with "
            "appropriate arguments before using this estimator."
        )


def nameless(model: Any, X: Any, accept_sparse: Any = False) -> Any:
    """The cells of a table, without the names of its columns, which PyOD ignores."""
    refuse_lazy(X)
    if X is None or column_names(X) is None:
        return X
    return check_array(
        X,
        dtype=np.float64,
        accept_sparse=accept_sparse,
        ensure_all_finite=False,
        estimator=model,
    )


def without_names(model: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Options for a model inside: training rows have no names there."""
    if options.get("X_train") is None:
        return options
    refuse_lazy(options["X_train"], "X_train")
    return {**options, "X_train": nameless(model, options["X_train"])}
