# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers of transformers that are made of transformers."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import KernelPCA
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils.validation import check_is_fitted

from skneon._frames import first_places
from skneon.network import (
    Branches,
    Chain,
    ColumnWise,
    Inputs,
    PreprocessingLayer,
    Untraceable,
)
from skneon.network.numerics._types import Array, Table
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization.steps._skrub import skrub_layer
from skneon.neuralization.steps._transformers import n_columns_of
from skneon.neuralization.steps._wrapped import acting, unwrapped

NO_LAYER = (
    "{} is not supported. Explain the model on transformed rows instead, "
    "explain(pipeline[-1], pipeline[:-1].transform(X)), or register a layer for this "
    "step with neuralize.register."
)


def layers_of(name: str, transformer: Any) -> list[tuple[str, PreprocessingLayer]]:
    """The named layers of a fitted transformer: a flat list where it is a Pipeline.

    Parameters
    ----------
    name : str
        Of the step.
    transformer : fitted transformer, "passthrough" or None

    Returns
    -------
    steps : list of tuple (name, layer)
        Steps of a Pipeline are named as its parameters are, ``"outer__inner"``.

    Raises
    ------
    TypeError
        Where columns cannot be traced; it names the step.
    """
    if transformer is None or isinstance(transformer, str):
        return []
    transformer = unwrapped(transformer)
    try:
        if isinstance(transformer, Pipeline):
            parts = acting(transformer.steps)
            steps = [step for pair in parts for step in layers_of(*pair)]
            return [(f"{name}__{inner}", layer) for inner, layer in steps]
        return [(name, _layer_of(transformer))]
    except Untraceable as error:
        raise error.inside(name) from None


def _layer_of(transformer: Any) -> PreprocessingLayer:
    kind = type(transformer)
    if isinstance(transformer, KernelPCA):
        # a model by itself, whose components mix columns in no linear way
        raise Untraceable(NO_LAYER.format(f"{kind.__name__} as a transformer"))
    if neuralize.dispatch(kind) is neuralize.dispatch(object):
        known = skrub_layer(transformer, layers_of)
        if known is not None:
            return known
        raise Untraceable(NO_LAYER.format(kind.__name__))
    try:
        layer = neuralize(transformer)
    except Untraceable:
        raise
    except TypeError as error:
        raise Untraceable(str(error)) from error
    if not isinstance(layer, PreprocessingLayer):
        raise Untraceable(NO_LAYER.format(f"{kind.__name__} as a transformer"))
    return layer


def entrance(transformers: Iterable[Any]) -> Any:
    """The first of some steps, or of what they are made of, that knows its columns."""
    for transformer in map(unwrapped, transformers):
        if isinstance(transformer, Pipeline | FeatureUnion):
            parts = getattr(transformer, "steps", None)
            parts = transformer.transformer_list if parts is None else parts
            transformer = entrance([part for _, part in parts])
        if transformer is not None and not isinstance(transformer, str):
            return transformer
    return None


@neuralize.register
def neuralize_column_transformer(model: ColumnTransformer) -> Branches:
    """A branch for each transformer that is not dropped, on its columns."""
    check_is_fitted(model)
    names = getattr(model, "feature_names_in_", None)
    branches = []
    for name, transformer, columns in model.transformers_:
        numbers = _numbers(columns, names, model.n_features_in_)
        if np.size(numbers) and not isinstance(transformer, str):
            outputs = model.output_indices_[name]
            width = outputs.stop - outputs.start
            branches.append((numbers, _branch(name, transformer, numbers, width)))
        elif np.size(numbers) and transformer == "passthrough":
            branches.append((numbers, []))
    return Branches(model.transform, branches, names)


def _branch(
    name: str, transformer: Any, columns: Array, n_outputs: int
) -> list[tuple[str, PreprocessingLayer]]:
    """The steps of a branch; of a single column whatever is made is that column's."""
    whole: list[tuple[str, PreprocessingLayer]]
    whole = [(name, of_one_column([transformer], n_outputs))]
    try:
        steps = layers_of(name, transformer)
        chain = Chain.wire(steps, Inputs.identity(np.size(columns)))
    except Untraceable:
        if np.size(columns) > 1:
            raise
        return whole
    known = np.size(columns) > 1 or chain.inputs.n_outputs == n_outputs
    return steps if known else whole


def of_one_column(transformers: Sequence[Any], n_outputs: int) -> ColumnWise:
    """The layer of steps, of whatever kind, that take a single column.

    All outputs have it as their parent; how to go back is not known.
    """

    def transform(X: Table) -> Table:
        for transformer in transformers:
            X = transformer.transform(X)
        return X

    return ColumnWise(transform, np.zeros(n_outputs, dtype=int))


def _numbers(columns: Any, names: Any, d: int) -> Array:
    """Column numbers, as an array or for a lone column as a scalar."""
    if isinstance(columns, slice):
        start, stop = columns.start, columns.stop
        if isinstance(start, str) or isinstance(stop, str):
            # as in pandas, both ends of a slice of names belong to it
            places = first_places(names)
            start = None if start is None else places[start]
            stop = None if stop is None else places[stop] + 1
        return np.arange(d)[start : stop : columns.step]
    columns = np.asarray(columns)
    if columns.dtype.kind == "b":
        return np.flatnonzero(columns)
    if columns.dtype.kind in "OUS" and columns.size:
        places = first_places(names)
        found = [places[name] for name in columns.ravel()]
        return np.array(found).reshape(columns.shape)
    chosen: Array = np.arange(d)[columns.astype(int)]
    return chosen


@neuralize.register
def neuralize_feature_union(model: FeatureUnion) -> Branches:
    """A branch for each transformer, all on the same columns."""
    check_is_fitted(model)
    first = entrance([model])
    columns = np.arange(n_columns_of(first))
    weights = model.transformer_weights or {}
    branches = []
    for name, transformer in model.transformer_list:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        steps = layers_of(name, transformer)
        if name in weights:
            n_outputs = Chain.wire(
                steps, Inputs.identity(len(columns))
            ).inputs.n_outputs
            steps.append((name, _scaling(n_outputs, weights[name])))
        branches.append((columns, steps))
    return Branches(
        model.transform, branches, getattr(first, "feature_names_in_", None)
    )


def _scaling(n_columns: int, weight: float) -> ColumnWise:
    """A layer that multiplies columns by the weight of a branch."""

    def restore(R: Array) -> Array:
        # a weight of 0 leaves nothing to be known
        return R.astype(float) / (weight or np.nan)

    return ColumnWise(
        lambda X: X * weight,
        np.arange(n_columns),
        restore,
        (np.full(n_columns, weight), np.zeros(n_columns)),
    )
