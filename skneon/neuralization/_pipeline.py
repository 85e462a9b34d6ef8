# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of pipelines: preprocessing layers in front of a model's network."""

from copy import deepcopy
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_array, check_is_fitted

from skneon._compat import BaseSearchCV
from skneon._frames import (
    all_float32,
    as_floats,
    as_table,
    column_names,
    first_rows,
    some_rows,
)
from skneon.network import Chain, Inputs, Propagation, Query
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralize import network_of, neuralize
from skneon.neuralization._neuralized import NeuralizedModel, row_labels
from skneon.neuralization.steps._composition import entrance, layers_of
from skneon.neuralization.steps._transformers import n_columns_of

# rows that steps of unknown make are tried on
TRIED = 32


class NeuralizedPipeline(NeuralizedModel):
    """Network of a Pipeline, which explains the columns that go into it.

    Made by `neuralize`. What its last step asks and answers is asked and answered here,
    in terms of the Pipeline's own columns.

    Parameters
    ----------
    model : Pipeline
        Fitted.
    transformers : list of tuple (name, fitted transformer)
    last : NeuralizedModel
        Network of the last step.
    X_train : table, or None
        The rows that X=None stands for.
    """

    shows_clean_rows = False

    def __init__(
        self,
        model: Pipeline,
        transformers: list[tuple[str, Any]],
        last: NeuralizedModel,
        X_train: Any = None,
    ) -> None:
        # what they are fitted to later does not change the network
        transformers = deepcopy(transformers)
        steps = [step for pair in transformers for step in layers_of(*pair)]
        first = entrance([*(step for _, step in transformers), last.model])
        self.preprocessing = Chain.wire(steps, Inputs.identity(n_columns_of(first)))
        network = last.network.behind(self.preprocessing)
        meta = {**last.meta, "last_step": type(last.model).__name__}
        super().__init__(model, network, last.target, meta)
        self.last = last
        if hasattr(last, "n_clusters"):
            self.n_clusters = last.n_clusters
        self.classes = last.classes
        self._transformers = transformers
        self._names = getattr(first, "feature_names_in_", None)
        self._X_train = X_train

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        # layers hold functions that cannot be pickled: they are made again
        arguments = (self.model, self._transformers, self.last, self._X_train)
        return type(self), arguments

    @property
    def questions(self) -> tuple[str, ...]:
        """What can be asked of each row: what the last step takes."""
        return self.last.questions

    @property
    def input_names(self) -> Any:
        """Names of the columns that are explained, or None."""
        return self._names

    @property
    def keeps_rows(self) -> bool:
        """Whether X=None stands for the training rows."""
        return self._X_train is not None

    def row_labels(self, X: Any) -> Array | None:
        """Labels of the rows X, or of the training rows for None."""
        return row_labels(self._X_train if X is None else X)

    def rows(self, X: Any, **asked: Any) -> tuple[Any, Query]:
        """Clean single-parent columns of the rows, and their query."""
        if X is None and self._X_train is None:
            raise ValueError(
                "A pipeline does not keep the rows that it was fitted to: pass X, or "
                "X=None with X_train=, exactly the rows used in fit, which explains "
                "each of them (in density models, left out of its own model)."
            )
        own = X is None and self.last.keeps_rows
        X = self._X_train if X is None else X
        _check_table(X)
        self.preprocessing.check(first_rows(X, TRIED))
        Z, Y = self.preprocessing.trace(X)
        data, query = self.last.rows(None if own else Z, **asked)
        return (data if Y is None else Y), query

    def column_order(self, X: Any) -> list[int] | None:
        """Numbers of the columns as a frame has them; None where it is as in the fit.

        Those that it lacks, which the Pipeline drops, come last.
        """
        given = column_names(X)
        if given is None or self._names is None:
            return None
        known = list(self._names)
        order = [known.index(name) for name in given if name in known]
        order += [i for i in range(len(known)) if i not in order]
        # names that several columns share tell nothing
        return order if sorted(order) == sorted(range(len(known))) != order else None

    def shown(self, X: Any) -> Array:
        """The columns as they went in; missing ones are NaN."""
        X = self._X_train if X is None else X
        table = as_table(X, self._names)
        single = self.network.dtype == np.float32 and all_float32(X)
        return table.astype(np.float32) if single else table

    def restored(self, propagation: Propagation) -> Array:
        """Typical values in terms of the columns."""
        # one for each rival is quicker to restore than one for each row
        points = getattr(self.network.units, "rival_references", None)
        reference, rival = propagation.reference, propagation.rival
        if points is None or rival is None:
            restored = as_floats(self.preprocessing.restore(reference))
            floats = restored.dtype == float
            return (
                restored.astype(self.network.dtype, copy=False) if floats else restored
            )
        points = as_floats(self.preprocessing.restore(points))
        same = points.dtype == float and points.shape[1:] == reference.shape[1:]
        # -1, for none, wraps to the last; what was there is needed no more
        out: Any = reference if same else None
        return np.asarray(np.take(points, rival, axis=0, out=out, mode="wrap"))


@neuralize.register
def neuralize_pipeline(
    model: Pipeline, *, X_train: Any = None, **options: Any
) -> NeuralizedPipeline:
    """The network of a fitted Pipeline: its last step's, behind layers for the others.

    Options are those of the last step, and ``X_train``: the rows that the Pipeline was
    fitted to, for X=None.
    """
    check_is_fitted(model)
    transformers, last = _flat(model)
    if X_train is None:
        network = _last_network(last, options)
        return NeuralizedPipeline(model, transformers, network)
    Z = X_train
    for _, transformer in transformers:
        Z = transformer.transform(Z)
    plain = _last_network(last, {})
    if plain.takes_training_rows and not plain.keeps_rows:
        options = options | {"X_train": Z}
    network = _last_network(last, options)
    pipeline = NeuralizedPipeline(model, transformers, network, X_train)
    if plain.keeps_rows:
        mixed = pipeline.preprocessing.inputs.matrix is not None
        _check_training_rows(plain, Z, mixed)
    kept = None if network.training is None else network.training.numbers
    if kept is None:
        return pipeline
    # rows that are in no cluster are not explained
    rows = some_rows(X_train, kept)
    return NeuralizedPipeline(model, transformers, network, rows)


def _last_network(last: Any, options: dict[str, Any]) -> NeuralizedModel:
    network = network_of(last, options)
    if not isinstance(network, NeuralizedModel) and hasattr(last, "score_samples"):
        # what is a step elsewhere may have a score of its own
        network = neuralize(last, target="outlier")
    if not isinstance(network, NeuralizedModel):
        raise TypeError(
            f"The last step, {type(last).__name__}, is a transformer and predicts "
            "nothing that could be explained: end the Pipeline with a model."
        )
    return network


@neuralize.register
def neuralize_search(model: BaseSearchCV, **options: Any) -> Any:
    """The network of the best estimator of a GridSearchCV, RandomizedSearchCV, ..."""
    return network_of(_best(model), options)


def _best(search: Any) -> Any:
    """The best estimator of a fitted search, itself no search."""
    check_is_fitted(search)
    if not hasattr(search, "best_estimator_"):
        raise TypeError(
            f"{type(search).__name__}(refit=False) keeps no fitted model: pass "
            "refit=True."
        )
    best = search.best_estimator_
    return _best(best) if isinstance(best, BaseSearchCV) else best


def _check_table(X: Any) -> None:
    """Refuse what is no table with rows, in scikit-learn's words; steps do the rest."""
    if column_names(X) is None and not issparse(X):
        check_array(X, dtype=None, ensure_all_finite=False, estimator="Pipeline")


def _flat(pipeline: Pipeline) -> tuple[list[tuple[str, Any]], Any]:
    """Steps (name, transformer) that do something, and the model at the end."""
    steps = [
        (name, step)
        for name, step in pipeline.steps[:-1]
        if step is not None and not isinstance(step, str)
    ]
    name, last = pipeline.steps[-1]
    if last is None or isinstance(last, str):
        raise TypeError(
            f"The Pipeline's last step {name!r} is {last!r}: there is no model to "
            "explain. End the Pipeline with a model."
        )
    if isinstance(last, BaseSearchCV):
        last = _best(last)
    if isinstance(last, Pipeline):
        inner, last = _flat(last)
        steps += inner
    return steps, last


def _check_training_rows(network: NeuralizedModel, Z: Any, mixed: bool) -> None:
    """Refuse rows that are not those the last step was fitted to, in their order."""
    rows, _ = network.rows(None)
    Z = network.validated(Z)
    if rows.shape == Z.shape:
        # column by column: a large one must not hide what differs in a small one
        scale = dense(abs(rows).max(axis=0)).ravel()
        # but linear steps round what is next to nothing beside the largest
        slack = 1e-9 * scale + (1e-13 * scale.max() if mixed else 0.0)
        far = dense(abs(rows - Z).max(axis=0)).ravel() > slack
        if not far.any():
            return
        column = far.argmax()
        differs = dense(abs(rows - Z)[:, [column]]).ravel() > slack[column]
        row = differs.argmax()
        found = f"row {row} is another than the training row {row} that it keeps"
    else:
        found = f"{Z.shape[0]} rows, and it keeps {rows.shape[0]}"
    raise ValueError(
        "X_train does not match the training data of the Pipeline's "
        f"{type(network.model).__name__}: {found}. Pass exactly the rows used in fit, "
        "in the same order."
    )
