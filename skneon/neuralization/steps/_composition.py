# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers of transformers that are made of transformers."""

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils.validation import check_is_fitted

from skneon.network import Branches, ColumnWise, Inputs, Untraceable, wire
from skneon.neuralization._neuralize import neuralize

NO_LAYER = (
    "{} is not known. Explain the model on transformed rows instead, "
    "explain(pipeline[-1], pipeline[:-1].transform(X)), or teach skneon this step with "
    "neuralize.register."
)


def layers_of(name, transformer):
    """The layers of a fitted transformer, flat where it is a Pipeline.

    Parameters
    ----------
    name : str
        Of the step.
    transformer : fitted transformer, "passthrough" or None

    Returns
    -------
    layers : list

    Raises
    ------
    TypeError
        Where columns cannot be traced; it names the step.
    """
    if transformer is None or isinstance(transformer, str):
        return []
    try:
        if isinstance(transformer, Pipeline):
            steps = transformer.steps
            layers = [layer for step in steps for layer in layers_of(*step)]
            for layer in layers:
                layer.name = f"{name}__{layer.name}"
            return layers
        layer = _layer_of(transformer)
    except Untraceable as error:
        raise error.inside(name) from None
    layer.name = name
    return [layer]


def _layer_of(transformer):
    kind = type(transformer)
    if neuralize.dispatch(kind) is neuralize.dispatch(object):
        raise Untraceable(NO_LAYER.format(kind.__name__))
    try:
        layer = neuralize(transformer)
    except Untraceable:
        raise
    except TypeError as error:
        raise Untraceable(str(error)) from error
    if not hasattr(layer, "wire"):
        raise Untraceable(NO_LAYER.format(f"{kind.__name__} as a transformer"))
    return layer


def entrance(transformers):
    """The first of some steps, or of what they are made of, that knows its columns."""
    for transformer in transformers:
        if isinstance(transformer, Pipeline | FeatureUnion):
            parts = getattr(transformer, "steps", None)
            parts = transformer.transformer_list if parts is None else parts
            transformer = entrance([part for _, part in parts])
        if transformer is not None and not isinstance(transformer, str):
            return transformer
    return None


@neuralize.register
def neuralize_column_transformer(model: ColumnTransformer):
    """A branch for each transformer that is not dropped, on its columns."""
    check_is_fitted(model)
    names = getattr(model, "feature_names_in_", None)
    branches = []
    for name, transformer, columns in model.transformers_:
        numbers = _numbers(columns, names, model.n_features_in_)
        if np.size(numbers) and not isinstance(transformer, str):
            branches.append((numbers, layers_of(name, transformer)))
        elif np.size(numbers) and transformer == "passthrough":
            branches.append((numbers, []))
    return Branches(model.transform, branches, names)


def _numbers(columns, names, d):
    """Column numbers, as an array or for a lone column as a scalar."""
    if isinstance(columns, slice):
        start, stop = columns.start, columns.stop
        if isinstance(start, str) or isinstance(stop, str):
            # as in pandas, both ends of a slice of names belong to it
            known = list(names)
            start = None if start is None else known.index(start)
            stop = None if stop is None else known.index(stop) + 1
        return np.arange(d)[start : stop : columns.step]
    columns = np.asarray(columns)
    if columns.dtype.kind == "b":
        return np.flatnonzero(columns)
    if columns.dtype.kind in "OUS" and columns.size:
        known = list(names)
        found = [known.index(name) for name in columns.ravel()]
        return np.array(found).reshape(columns.shape)
    return np.arange(d)[columns.astype(int)]


@neuralize.register
def neuralize_feature_union(model: FeatureUnion):
    """A branch for each transformer, all on the same columns."""
    check_is_fitted(model)
    first = entrance([model])
    columns = np.arange(first.n_features_in_)
    weights = model.transformer_weights or {}
    branches = []
    for name, transformer in model.transformer_list:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        layers = layers_of(name, transformer)
        if name in weights:
            layers.append(_scaling(layers, len(columns), weights[name], name))
        branches.append((columns, layers))
    return Branches(
        model.transform, branches, getattr(first, "feature_names_in_", None)
    )


def _scaling(layers, n_inputs, weight, name):
    """A layer that multiplies what the layers before give by the branch's weight."""
    outputs = wire(layers, Inputs.identity(n_inputs)).n_outputs

    def restore(R):
        # a weight of 0 leaves nothing to be known
        return R.astype(float) / (weight or np.nan)

    layer = ColumnWise(
        lambda X: X * weight,
        np.arange(outputs),
        restore,
        (np.full(outputs, weight), np.zeros(outputs)),
    )
    layer.name = name
    return layer
