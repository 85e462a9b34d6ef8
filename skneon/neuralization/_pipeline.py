# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of pipelines: preprocessing layers in front of a model's network."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from typing import Any, cast

import numpy as np
from scipy.sparse import issparse
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_array, check_is_fitted

from skneon._compat import BaseSearchCV
from skneon._frames import (
    all_float32,
    as_floats,
    as_table,
    column_names,
    first_places,
    first_rows,
    some_rows,
)
from skneon._labels import Labels
from skneon._lazy import refuse_lazy
from skneon.explanation import SharedRows
from skneon.network import Chain, Inputs, Propagation, Query, Untraceable
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array
from skneon.neuralization._clusters import own_centres
from skneon.neuralization._neuralize import network_of, neuralize
from skneon.neuralization._neuralized import NeuralizedModel
from skneon.neuralization._ordinary_rows import Columns, columns_of
from skneon.neuralization._rows_needed import RowsNeeded
from skneon.neuralization._sparse import check_room
from skneon.neuralization._training_rows import kept_numbers
from skneon.neuralization.steps._composition import (
    entrance,
    layers_of,
    of_one_column,
)
from skneon.neuralization.steps._feature_maps import with_expansion
from skneon.neuralization.steps._transformers import input_names, n_columns_of
from skneon.neuralization.steps._words import check_texts, in_front, words_of
from skneon.neuralization.steps._wrapped import (
    acting,
    is_sampler,
    samplers,
    unwrapped,
)

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
        n_words = in_front(transformers)
        # texts have no columns: what is explained are their words
        self._vectorizers = [step for _, step in transformers[:n_words]]
        behind = transformers[n_words:]
        first = entrance([*(step for _, step in behind), last.model])
        with _way_out(model):
            d = n_columns_of(first)
            self.preprocessing = _wired(behind, d, last.n_columns)
        network = last.network.behind(self.preprocessing)
        self.preprocessing.check_digits(network.units.moved())
        meta = {"last_step": type(last.model).__name__, **last.meta}
        super().__init__(model, network, last.target, meta)
        self.last = last
        if hasattr(last, "n_clusters"):
            self.n_clusters = last.n_clusters
        self.classes = last.classes
        self._transformers = transformers
        self._names = input_names(first)
        if n_words:
            self._names = words_of(self._vectorizers[0])
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

    def labels(self, X: Any) -> Labels:
        """Labels of the rows X and names of its columns; for None the training rows."""
        if not self.last.explains_rows:
            return replace(
                self.last.labels(X), columns=Labels.of(self._X_train).columns
            )
        return Labels.of(self._X_train if X is None else X)

    def rows(self, X: Any, **asked: Any) -> tuple[Any, Query]:
        """Clean single-parent columns of the rows, and their query."""
        if not self.last.explains_rows:
            data, query = self.last.rows(X, **asked)
            return self.preprocessing.inputs.pull(data), query
        if X is None and self._X_train is None:
            raise ValueError(
                "A pipeline does not keep the rows that it was fitted to: pass X, or "
                "X=None with X_train=, exactly the rows used in fit, which explains "
                "each of them (in density models, left out of its own model)."
            )
        refuse_lazy(X)
        own = X is None and self.last.keeps_rows
        X = self._X_train if X is None else X
        X = self._table(X)
        _check_table(X)
        self.preprocessing.check(first_rows(X, TRIED))
        Z, Y = self.preprocessing.trace(X)
        data, query = self.last.rows(None if own else Z, **asked)
        if not self.network.units.accepts_sparse and Y is not None and issparse(Y):
            check_room(Y, Y.shape, "a linear step gives every column a part")
            Y = dense(Y)
        # those of rivals are restored
        query = replace(query, references=self._rival_references is None)
        return (data if Y is None else Y), query

    @property
    def restores_training_rows(self) -> bool:  # type: ignore[override]
        """Whether training rows are carried back through steps, which rounds them."""
        return self._X_train is None

    def training_rows(self, numbers: Array) -> tuple[Any, Query]:
        """Some of the training rows, and their query as with X=None.

        Without ``X_train`` those that the last step keeps, where no step mixes columns.
        """
        if self._X_train is None:
            return self.last.training_rows(numbers)
        Z, Y = self.preprocessing.trace(self._table(some_rows(self._X_train, numbers)))
        kept = self.last.keeps_rows
        data, query = self.last.training_rows(numbers) if kept else self.last.rows(Z)
        return (data if Y is None else Y), query

    def training_columns(self) -> Columns | None:
        """Number of the training rows, and their cells by column, as they went in."""
        X = self._X_train
        if not self.last.explains_rows:
            return None
        if X is not None:
            n = X.shape[0] if hasattr(X, "shape") else len(X)
            return columns_of(n, lambda: self.shown(None))
        kept = self.last.training
        if kept is None or self.preprocessing.inputs.matrix is not None:
            return None
        rows, restore = kept.rows, self.preprocessing.restore
        return columns_of(rows.shape[0], lambda: as_floats(restore(dense(rows))))

    def own_centres(self, data: Any, query: Query) -> SharedRows | None:
        """Centres of the clusters that rows are asked about, as columns."""
        if query.cluster is None:
            return None

        def restore(points: Array) -> Array:
            return as_floats(self.preprocessing.restore(points))

        return own_centres(self.network.units, data, query, restore)

    def model_rows(self, X: Any) -> Any:
        """Rows as the last step sees them."""
        return self.last.validated(self.preprocessing.trace(self._table(X))[0])

    def _table(self, X: Any) -> Any:
        """The rows as a table of columns: of texts, their words."""
        if self._vectorizers:
            check_texts(X)
        for vectorizer in self._vectorizers:
            X = vectorizer.transform(X)
        return X

    def column_order(self, X: Any) -> list[int] | None:
        """Numbers of the columns as a frame has them; None where it is as in the fit.

        Those that it lacks, which the Pipeline drops, come last.
        """
        given = column_names(X)
        if given is None or self._names is None or self._vectorizers:
            return None
        places = first_places(self._names)
        order = [places[name] for name in given if name in places]
        found, numbers = set(order), list(range(len(self._names)))
        order += [i for i in numbers if i not in found]
        # names that several columns share tell nothing
        return order if sorted(order) == numbers != order else None

    def sparse_table(self, X: Any, data: Any) -> Any:
        """The columns as they went in, where these are sparse and stay so; or None."""
        if not issparse(data):
            return None
        X = self._table(self._X_train if X is None else X)
        return X if issparse(X) else None

    def shown(self, X: Any) -> Array:
        """The columns as they went in; missing ones are NaN."""
        if not self.last.explains_rows:
            return as_floats(self.preprocessing.restore(self.last.rows(X)[0]))
        X = self._table(self._X_train if X is None else X)
        table = as_table(X, self._names)
        single = self.network.dtype == np.float32 and all_float32(X)
        return table.astype(np.float32) if single else table

    def restored(self, propagation: Propagation) -> Array:
        """Typical values in terms of the columns."""
        shared: Any = propagation.reference
        if isinstance(shared, SharedRows):
            few: Any = as_floats(self.preprocessing.restore(shared.points))
            few = SharedRows(few, shared.numbers)
            return cast(Array, few)
        points = self._rival_references
        if points is None:
            restored = as_floats(self.preprocessing.restore(propagation.reference))
            floats = restored.dtype == float
            return (
                restored.astype(self.network.dtype, copy=False) if floats else restored
            )
        points, rival = as_floats(self.preprocessing.restore(points)), propagation.rival
        assert rival is not None
        # -1, for none, wraps to the last
        return np.asarray(points.take(rival, axis=0, mode="wrap"))

    @property
    def _rival_references(self) -> Any:
        """One for each rival, quicker to restore than one for each row; or None."""
        return getattr(self.network.units, "rival_references", None)


def _wired(transformers: list[tuple[str, Any]], d: int, n_outputs: int) -> Chain:
    """Layers of steps behind d columns, in front of a model of n_outputs columns."""
    inputs = Inputs.identity(d)
    try:
        steps = [step for pair in transformers for step in layers_of(*pair)]
        chain = Chain.wire(steps, inputs)
    except Untraceable:
        if d > 1:
            raise
        chain = None
    if d == 1 and (chain is None or chain.inputs.n_outputs != n_outputs):
        # whatever is made of a single column is that column's
        whole = of_one_column([step for _, step in transformers], n_outputs)
        chain = Chain.wire([(transformers[0][0], whole)], inputs)
    assert chain is not None
    return chain


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
    refuse_lazy(X_train, "X_train")
    Z = X_train
    for _, transformer in transformers:
        Z = transformer.transform(Z)
    plain = _without_rows(last)
    if plain is None or (plain.takes_training_rows and not plain.keeps_rows):
        options = options | {"X_train": Z}
    network = _last_network(last, options)
    pipeline = NeuralizedPipeline(model, transformers, network, X_train)
    rows = X_train
    if plain is not None and plain.keeps_rows:
        mixed = pipeline.preprocessing.inputs.matrix is not None
        names = samplers(model.steps)
        numbers = kept_numbers(plain, Z, X_train, transformers, names, mixed)
        rows = X_train if numbers is None else some_rows(X_train, numbers)
    kept = None if network.training is None else network.training.numbers
    if kept is not None:
        # rows that are in no cluster are not explained
        rows = some_rows(rows, kept)
    if rows is X_train:
        return pipeline
    return NeuralizedPipeline(model, transformers, network, rows)


def _without_rows(last: Any) -> NeuralizedModel | None:
    """The network of a last step without options; None where it needs the rows."""
    try:
        return _last_network(last, {})
    except RowsNeeded:
        return None


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


@neuralize.register(FrozenEstimator)
@neuralize.register(BaseSearchCV)
def neuralize_wrapped(model: Any, **options: Any) -> Any:
    """The network of what is inside: of a search, the best estimator."""
    return network_of(unwrapped(model), options)


def _check_table(X: Any) -> None:
    """Refuse what is no table with rows, in scikit-learn's words; steps do the rest."""
    if column_names(X) is None and not issparse(X):
        check_array(X, dtype=None, ensure_all_finite=False, estimator="Pipeline")


def _flat(pipeline: Pipeline) -> tuple[list[tuple[str, Any]], Any]:
    """Steps (name, transformer) that do something, and the model at the end."""
    steps = acting(pipeline.steps[:-1])
    name, last = pipeline.steps[-1]
    if last is None or isinstance(last, str):
        raise TypeError(
            f"The Pipeline's last step {name!r} is {last!r}: there is no model to "
            "explain. End the Pipeline with a model."
        )
    last = unwrapped(last)
    if isinstance(last, Pipeline):
        inner, last = _flat(last)
        steps += inner
    return with_expansion(steps, last)


@contextmanager
def _way_out(pipeline: Pipeline) -> Iterator[None]:
    """Let messages name the steps whose transform there is."""
    transforms = [not is_sampler(step) for _, step in pipeline.steps[:-1]]
    idle = transforms[::-1].index(True) if any(transforms) else 0
    try:
        yield
    except Untraceable as error:
        front = f"pipeline[:-{1 + idle}]"
        reason = error.reason.replace("pipeline[:-1]", front)
        raise Untraceable(reason, error.path) from None
