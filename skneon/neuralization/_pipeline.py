# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of pipelines: preprocessing layers in front of a model's network."""

from dataclasses import replace

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skneon._compat import BaseSearchCV
from skneon._frames import as_table, column_names
from skneon.network import Inputs, restore, trace, wire
from skneon.neuralization._composition import layers_of
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel, row_labels


class NeuralizedPipeline(NeuralizedModel):
    """Network of a Pipeline, which explains the columns that go into it.

    Made by `neuralize`. What its last step asks and answers is asked and answered here,
    in terms of the Pipeline's own columns.

    Parameters
    ----------
    model : Pipeline
        Fitted.
    steps : list of layers
    inputs : Inputs
        How the last step's features come from the columns.
    last : NeuralizedModel
        Network of the last step.
    names : ndarray of str, or None
        Names of the columns.
    X_train : table, or None
        The rows that X=None stands for.
    """

    def __init__(self, model, steps, inputs, last, names, X_train=None):
        units, pooling = last.layers
        super().__init__(
            model,
            [*steps, units.through(inputs), pooling],
            last.target,
            last.n_jobs,
            {**last.meta, "last_step": type(last.model).__name__},
            row_labels(X_train),
        )
        self.last = last
        self.questions = last.questions
        self.classes = last.classes
        self._names = names
        self._X_train = X_train

    @property
    def game_layers(self):
        """The layers whose units are sums over columns: coalitions are scored here."""
        units, pooling = self.last.game_layers
        return [units.through(self.layers[-2].inputs), pooling]

    @property
    def n_clusters(self):
        """Number of clusters, where the last step knows any."""
        return self.last.n_clusters

    @property
    def input_names(self):
        """Names of the columns that are explained, or None."""
        return self._names

    @property
    def keeps_rows(self):
        """Whether X=None stands for the training rows."""
        return self._X_train is not None

    @property
    def steps(self):
        """The preprocessing layers."""
        return self.layers[:-2]

    def rows(self, X, **asked):
        """Clean single-parent columns of the rows, and their query."""
        if X is None and self._X_train is None:
            raise ValueError(
                "A pipeline does not keep the rows that it was fitted to: pass X, or "
                "X=None with X_train=, the very rows of the fit, which explains each "
                "of them (in density models, left out of its own model)."
            )
        Z, Y = self._traced(self._X_train if X is None else X)
        data, query = self.last.rows(None if X is None else Z, **asked)
        return (data if Y is None else Y), query

    def _traced(self, X):
        """What reaches the last step; and the single-parent columns, if others."""
        if self.layers[-2].inputs.matrix is not None:
            return trace(self.steps, X)
        for layer in self.steps:
            X = layer.transform(X)
        return X, None

    def forward(self, X=None, **asked):
        """The last step's score of each row; parameters as there."""
        return self.activate(*self.rows(X, **asked))

    def explain(self, X=None, **asked):
        """Relevance of each column for the last step's score; parameters as there.

        The columns are in the order in which X has them.
        """
        data, query = self.rows(X, **asked)
        explanation = self.explanation(data, query, self.row_labels(X), self.shown(X))
        given = column_names(X)
        if given is None or self._names is None:
            return explanation
        known = list(self._names)
        order = [known.index(name) for name in given if name in known]
        if order == list(range(len(known))):
            return explanation
        order += [i for i in range(len(known)) if i not in order]
        return _reordered(explanation, order)

    def nearest(self, data):
        """Numbers of the clusters that the last step assigns; shape (n,)."""
        units = self.layers[-2]
        if hasattr(units, "nearest"):
            return units.nearest(data)
        return self.last.nearest(units.inputs.project(data))

    def shown(self, X):
        """The columns as they went in; missing ones are NaN."""
        return as_table(self._X_train if X is None else X, self._names)

    def restored(self, reference):
        """Typical values in terms of the columns."""
        values = restore(self.steps, reference, self.n_columns)
        try:
            return values.astype(float)
        except (TypeError, ValueError):
            return values


def _reordered(explanation, order):
    """The same explanation with its columns in another order."""
    names = ("relevance", "data", "reference", "standard_error")
    columns = {name: getattr(explanation, name) for name in names}
    return replace(
        explanation,
        feature_names=tuple(explanation.feature_names[i] for i in order),
        **{k: None if v is None else v[:, order] for k, v in columns.items()},
    )


@neuralize.register
def neuralize_pipeline(model: Pipeline, *, X_train=None, **options):
    """The network of a fitted Pipeline: its last step's, behind layers for the others.

    Options are those of the last step, and ``X_train``: the rows that the Pipeline was
    fitted to, for X=None.
    """
    check_is_fitted(model)
    transformers, last = _flat(model)
    layers = [layer for step in transformers for layer in layers_of(*step)]
    first = transformers[0][1] if transformers else last
    inputs = wire(layers, Inputs.identity(first.n_features_in_))
    names = getattr(first, "feature_names_in_", None)
    network = neuralize(last, **options)
    if not isinstance(network, NeuralizedModel):
        raise TypeError(
            f"The last step, {type(last).__name__}, is a transformer and predicts "
            "nothing that could be explained: end the Pipeline with a model."
        )
    if X_train is not None:
        Z = X_train
        for layer in layers:
            Z = layer.transform(Z)
        if network.keeps_rows:
            _check_training_rows(network, Z)
        else:
            network = neuralize(last, X_train=Z, **options)
    return NeuralizedPipeline(model, layers, inputs, network, names, X_train)


@neuralize.register
def neuralize_search(model: BaseSearchCV, **options):
    """The network of the best estimator of a GridSearchCV, RandomizedSearchCV, ..."""
    check_is_fitted(model)
    if not hasattr(model, "best_estimator_"):
        raise TypeError(
            f"{type(model).__name__}(refit=False) keeps no fitted model: pass "
            "refit=True."
        )
    return neuralize(model.best_estimator_, **options)


def _flat(pipeline):
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
            "explain."
        )
    if isinstance(last, BaseSearchCV):
        last = last.best_estimator_
    if isinstance(last, Pipeline):
        inner, last = _flat(last)
        steps += inner
    return steps, last


def _check_training_rows(network, Z):
    """Refuse rows that are not those the last step was fitted to, in their order."""
    rows, _ = network.rows(None)
    Z = network.validated(Z)
    if rows.shape == Z.shape:
        difference = np.max(np.abs(rows - Z), initial=0)
        if difference <= 1e-9 * np.max(np.abs(rows), initial=0):
            return
    raise ValueError(
        f"X_train, of {Z.shape[0]} rows, is not what the Pipeline was fitted to: its "
        f"{type(network.model).__name__} keeps {rows.shape[0]} other rows. Pass the "
        "very rows of the fit, in their order."
    )
