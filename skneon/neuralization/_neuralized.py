# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the doors of all fitted models share: rows in, explanations out."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn import config_context
from sklearn.utils.validation import validate_data

from skneon._labels import Labels
from skneon._lazy import refuse_lazy
from skneon._named_cells import named_cells
from skneon._validation import (
    check_activations,
    check_magnitude,
    plainly_moderate,
)
from skneon._version import __version__
from skneon.explanation import Explanation, SharedRows, reordered
from skneon.explanation._ordinary import Ordinary
from skneon.network import Network, Propagation, Query
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array
from skneon.neuralization._drawn import Drawn
from skneon.neuralization._ordinary_rows import Columns, columns_of, ordinary_rows
from skneon.neuralization._own_rows import training_numbers
from skneon.neuralization._sparse import sparse_propagation
from skneon.neuralization._training_scores import scale_of


@dataclass(frozen=True)
class TrainingRows:
    """The training rows that X=None stands for.

    Attributes
    ----------
    rows : ndarray or sparse matrix of shape (n, d)
    labels : Labels
        Theirs, and names of their columns.
    clusters : ndarray of int, shape (n,), or None
        Their clusters; None are those that the model assigns.
    absent : ndarray of int, shape (N,), or None
        The group of support points that leaving out a row of the fit takes away, -1
        for rows that are no support points; None where no row can be left out.
    numbers : ndarray of int, shape (n,), or None
        Numbers of the rows among the N of the fit; None where they are all of them.
    scores : ndarray of shape (N,), or None
        Their outlier scores, each left out of its own model, where these are known.
    given : bool
        Whether they came as X_train, so that new rows are to be compared with them.
    alike : bool
        Whether all that have a weight have the same.
    in_folds : callable, or None
        Gives their outlier scores, each by a model that was fitted without it, where
        none can be left out and one row counts.
    """

    rows: Any
    labels: Labels = field(default_factory=Labels)
    clusters: Array | None = None
    absent: Array | None = None
    numbers: Array | None = None
    scores: Array | None = None
    given: bool = False
    alike: bool = True
    in_folds: Callable[[], Array | None] | None = None


class NeuralizedModel(Drawn):
    """A fitted model and the network that it is equivalent to.

    What the model is fitted to later does not change the network.

    Parameters
    ----------
    model : fitted estimator
        Rows are validated as this model validates them.
    network : Network
    target : str
        What is explained; "cluster" for the evidence of clusters.
    meta : dict
        How the network was made, for `Explanation.meta`, beside its rule.
    training : TrainingRows, or None
        What X=None stands for.
    """

    accept_sparse: Any = False
    # whether neuralize takes them as X_train
    takes_training_rows = False
    # whether `Explanation.data` are the rows as the network sees them; else `shown`
    shows_clean_rows = True
    # whether rows are explained, and not parts of the model itself
    explains_rows = True
    # whether training rows are carried back through steps, which rounds them
    restores_training_rows = False
    # number of clusters, where the model has any
    n_clusters: int
    # names of the clusters; None for numbers from 0
    classes: Array | None = None
    # outlier scores of the training rows as the model keeps them: to compare with, and
    # all of them, by which these rows are known; the former once they were computed
    kept_scores: Array | None = None
    fit_scores: Array | None = None
    scores_of_training: Array | None = None

    def __init__(
        self,
        model: Any,
        network: Network,
        target: str,
        meta: Any = (),
        training: TrainingRows | None = None,
    ) -> None:
        self.model = copy(model)
        self.network = network
        self.target = target
        self.meta = dict(meta)
        self.training = training

    @property
    def layers(self) -> list[Any]:
        """The layers of the network, in order."""
        return self.network.layers

    @property
    def questions(self) -> tuple[str, ...]:
        """What can be asked of each row, as arguments of forward and explain."""
        leaves = self.training is not None and self.training.absent is not None
        return ("leave_out",) if leaves else ()

    @property
    def keeps_rows(self) -> bool:
        """Whether X=None stands for the training rows."""
        return self.training is not None

    @property
    def n_columns(self) -> int:
        """Number of columns that are explained."""
        return self.network.units.inputs.n_columns

    def rows(self, X: Any, **asked: Any) -> tuple[Any, Query]:
        """Clean rows and their query."""
        self.refuse_questions(asked)
        if X is None and self.training is None:
            self.refuse_none()
        if X is None:
            assert self.training is not None
            data = self.training.rows
        else:
            data = self.validated(X)
        return data, Query(absent=self._absent(X is None, data.shape[0], **asked))

    def training_rows(self, numbers: Array) -> tuple[Any, Query]:
        """Some of the rows that X=None stands for, and their query as with X=None."""
        assert self.training is not None
        leave_out, absent = numbers, None
        if self.training.absent is not None:
            if self.training.numbers is not None:
                leave_out = self.training.numbers[numbers]
            absent = self._absent(False, len(numbers), leave_out)
        return self.training.rows[numbers], Query(absent=absent)

    def training_columns(self) -> Columns | None:
        """Number of the rows that X=None stands for, and their cells by column."""
        if self.training is None:
            return None
        rows = self.training.rows
        return columns_of(rows.shape[0], lambda: rows)

    def refuse_questions(self, asked: dict[str, Any]) -> None:
        """Raise TypeError for questions that the model does not take."""
        unknown = sorted(set(asked) - set(self.questions))
        if not unknown:
            return
        name = type(self.model).__name__
        others = ", ".join(sorted({*unknown} - {"cluster", "rival", "leave_out"}))
        if others:
            can = ", ".join(self.questions) or "nothing"
            raise TypeError(f"{name} takes no {others}; its rows can be asked {can}.")
        if unknown == ["leave_out"]:
            raise TypeError(
                f"{name} has no training rows that could be left out: it takes no "
                "leave_out."
            )
        raise TypeError(
            f"{name} has no clusters where the target is {self.target!r}: it takes no "
            f"{', '.join(unknown)}."
        )

    def refuse_none(self) -> None:
        """Raise for X=None, where the training rows are not known."""
        also = ", or them as X_train" if self.takes_training_rows else ""
        name = type(self.model).__name__
        raise ValueError(f"{name} does not keep its training rows: pass X{also}.")

    def _absent(self, own: bool, n: int, leave_out: Any = None) -> Array | None:
        """Groups of support points that the rows' models go without, (n,) or None."""
        if self.training is None or self.training.absent is None:
            return None
        groups = self.training.absent
        if leave_out is None:
            if not own:
                return None
            numbers = self.training.numbers
            leave_out = np.arange(n) if numbers is None else numbers
        leave_out = training_numbers(leave_out, n, len(groups))
        absent = np.where(leave_out >= 0, groups[leave_out], -1)
        self.check_rest(leave_out, absent)
        return absent

    @property
    def support_weights(self) -> Any:
        """Weights of the training rows in the model, which know who is absent."""
        pooling: Any = self.network.units.in_game(self.network.pooling)[1]
        return pooling.support_weights

    def check_rest(self, numbers: Array, absent: Array) -> None:
        """Refuse to leave out all that a row's model consists of."""
        left = self.support_weights.total(Query(absent=absent))
        nothing = np.flatnonzero(left == 0)
        if len(nothing):
            raise ValueError(
                f"Without training row {numbers[nothing[0]]}, and its group, no "
                "model is left: leave-one-out (X=None) needs at least two training "
                "rows, or groups, of positive weight. Pass X."
            )

    def model_rows(self, X: Any) -> Any:
        """Rows as the model, or the last step of a Pipeline, sees them."""
        return self.validated(X)

    def validated(self, X: Any) -> Any:
        """Rows as float64, checked as the fitted model itself checks them."""
        return validate_rows(self.model, X, accept_sparse=self.accept_sparse)

    def forward(self, X: Any = None, **asked: Any) -> Array:
        """The score of each row.

        Parameters
        ----------
        X : array-like of shape (n, d), default=None
            None: the training rows, where the model keeps them; in density models and
            among neighbours each is left out of its own model.
        **asked
            The `questions` that the model takes: ``leave_out``, or ``cluster`` and
            ``rival``, as in `skneon.explain`.

        Returns
        -------
        score : ndarray of shape (n,)
        """
        return self.network.activate(*self.rows(X, **asked))

    def explain(self, X: Any = None, **asked: Any) -> Explanation:
        """Relevance of each column for the score.

        Parameters
        ----------
        X, **asked
            As in `forward`.

        Returns
        -------
        explanation : Explanation
        """
        return self.explanation(self.rows(X, **asked), X)

    def labels(self, X: Any) -> Labels:
        """Labels of the rows X and names of its columns; for None the training rows."""
        if X is not None:
            return Labels.of(X)
        return Labels() if self.training is None else self.training.labels

    def shown(self, X: Any) -> Array | None:
        """Rows as `Explanation.data` shows them; None: as the network sees them."""
        return None

    def sparse_table(self, X: Any, data: Any) -> Any:
        """The rows X as `Explanation.data` shows them where these are sparse, or None.

        Clean ones are `data`.
        """
        return data if issparse(data) else None

    def column_order(self, X: Any) -> list[int] | None:
        """Numbers of the columns in the order in which explanations of X have them.

        None for the model's own order.
        """
        return None

    def target_of(self, cluster: Array | None) -> str | Array:
        """`target`, or the names of the clusters that are asked about."""
        if cluster is None:
            return self.target
        return cluster if self.classes is None else self.classes[cluster]

    def explanation(self, rows: tuple[Any, Query], X: Any = None) -> Explanation:
        """Explain clean rows and what is asked of them, which are those of X."""
        data, query = rows
        if self.network.rule is not None and self.network.rule.activations_only:
            check_activations(data)
        found = sparse_propagation(self, data, query, self.sparse_table(X, data))
        propagation, shown = found or (self.network.propagate(data, query), None)
        own = self.own_centres(data, replace(query, cluster=propagation.cluster))
        labels = self.labels(X)
        # explanations do not change with the caller's array
        if shown is None and self.shows_clean_rows:
            shown = dense(data.copy())
        # others make room for the columns that are shown in their place
        del rows, data
        explanation = Explanation(
            relevance=propagation.relevance,
            score=propagation.score,
            compared_with=self.restored(propagation),
            rival=self._named(propagation.rival),
            standard_error=propagation.standard_error,
            target=self.target_of(propagation.cluster),
            feature_names=self.feature_names(labels),
            data=np.asarray(self.shown(X)) if shown is None else shown,
            index=labels.index,
            index_names=labels.index_names,
            meta=self.facts(),
            centres=own,
            ordinary=self.ordinary if found is None else None,
            **scale_of(self, X, query, propagation.score),
        )
        return reordered(explanation, self.column_order(X))

    def facts(self) -> dict[str, Any]:
        """How explanations were made: model, rule, settings, version."""
        rule = {} if self.network.rule is None else self.network.rule.settings()
        made = {"model": type(self.model).__name__, "skneon_version": __version__}
        compared = {"compared_with": self.network.reference_name}
        note = {} if self.network.note is None else {"note": self.network.note}
        return {**made, **rule, **compared, **note, **self.meta}

    def restored(self, propagation: Propagation) -> Array:
        """Typical values in terms of the columns that are explained."""
        return propagation.reference

    def own_centres(self, data: Any, query: Query) -> SharedRows | None:
        """Centres of the clusters that rows are asked about, as columns; or None."""
        return None

    @cached_property
    def ordinary(self) -> Ordinary | None:
        """What the training rows are like; None where they are not at hand."""
        return ordinary_rows(self)

    def __getstate__(self) -> dict[str, Any]:
        return {name: v for name, v in vars(self).items() if name != "ordinary"}

    def _named(self, clusters: Array | None) -> Array | None:
        """Names of clusters, None for -1."""
        if clusters is None or self.classes is None:
            return clusters
        names = np.append(self.classes.astype(object), [None])
        return np.asarray(names[clusters])

    @property
    def input_names(self) -> Any:
        """Names of the columns that are explained, or None."""
        return getattr(self.model, "feature_names_in_", None)

    def feature_names(self, labels: Labels) -> tuple[str, ...]:
        """Names of the columns that are explained, as texts.

        The model's own, else those of the table: scikit-learn keeps none but texts.
        Without names they are x0, x1, ...
        """
        if self.input_names is not None:
            return tuple(map(str, self.input_names))
        names = labels.columns
        if names is None or len(names) != self.n_columns:
            names = tuple(f"x{i}" for i in range(self.n_columns))
        return names


def validate_rows(
    model: Any, X: Any, accept_sparse: Any = False, dtype: Any = np.float64
) -> Any:
    """Rows of a dtype, checked as the fitted model itself checks them."""
    refuse_lazy(X)
    checks = {"reset": False, "dtype": dtype, "accept_sparse": accept_sparse}
    # one pass, instead of another for each check, tells that most rows pass them
    with config_context(assume_finite=True):
        clean = validate_data(model, X, **checks)
    if not plainly_moderate(clean):
        with named_cells(X):
            clean = validate_data(model, X, **checks)
        check_magnitude(clean)
    return clean
