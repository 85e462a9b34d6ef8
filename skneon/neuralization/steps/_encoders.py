# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers of encoders: categories, bins and splines, of one column each."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.preprocessing import (
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    SplineTransformer,
    TargetEncoder,
)
from sklearn.utils.validation import check_is_fitted

from skneon.network import ColumnWise
from skneon.network.numerics._table_cells import unknown
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization.steps._transformers import one_to_one


@neuralize.register
def neuralize_one_hot_encoder(model: OneHotEncoder) -> ColumnWise:
    """A column for each category; a typical value is the category with most weight.

    Infrequent ones together are called "infrequent".
    """
    check_is_fitted(model)
    # the categories behind each output, and where among them the dropped one was
    outputs = [labels for labels, _ in _grouped(model)]
    drops = [None] * len(outputs) if model.drop_idx_ is None else model.drop_idx_
    drops = [
        None if drop is None else places[drop]
        for drop, (_, places) in zip(drops, _grouped(model), strict=True)
    ]
    widths = [
        len(labels) - (drop is not None)
        for labels, drop in zip(outputs, drops, strict=True)
    ]

    def restore(R: Array) -> Array:
        out = unknown(len(R), len(outputs))
        blocks = np.split(R.astype(float), np.cumsum(widths)[:-1], axis=1)
        for i, (block, labels) in enumerate(zip(blocks, outputs, strict=True)):
            drop = drops[i]
            if drop is not None:
                block = np.insert(block, drop, 1 - block.sum(axis=1), axis=1)
            some = np.isfinite(block).all(axis=1) & (block > 0).any(axis=1)
            out[some, i] = labels[block[some].argmax(axis=1)]
        return out

    return ColumnWise(
        model.transform, np.repeat(np.arange(len(widths)), widths), restore
    )


def _grouped(model: Any) -> Iterator[tuple[Array, list[int]]]:
    """Categories of each column, several infrequent ones as one at the end.

    Yields
    ------
    labels : ndarray of object
    places : list of int
        Where each of the encoder's categories is among the labels.
    """
    infrequent = getattr(model, "infrequent_categories_", None)
    infrequent = infrequent or [None] * len(model.categories_)
    for categories, rare in zip(model.categories_, infrequent, strict=True):
        rare = [] if rare is None else rare
        is_rare = [any(_same(c, r) for r in rare) for c in categories]
        labels = [c for c, gone in zip(categories, is_rare, strict=True) if not gone]
        places = np.cumsum(np.logical_not(is_rare)) - 1
        places = np.where(is_rare, len(labels), places).tolist()
        if len(rare):
            labels.append(rare[0] if len(rare) == 1 else "infrequent")
        out = np.empty(len(labels), dtype=object)
        out[:] = labels
        yield out, places


def _same(a: Any, b: Any) -> bool:
    # also NaN
    return bool(a is b or a == b or (a != a and b != b))


@neuralize.register
def neuralize_ordinal_encoder(model: OrdinalEncoder) -> ColumnWise:
    """Categories by number; a typical value is the category of the nearest number.

    Infrequent ones together are called "infrequent".
    """
    check_is_fitted(model)
    codes, labels = [], []
    for names, _ in _grouped(model):
        # NaN has a number of its own, which may itself be NaN
        missing = np.array([name != name for name in names])
        names = np.concatenate([names[~missing], names[missing]])
        numbers = np.arange(len(names), dtype=float)
        numbers[len(names) - missing.sum() :] = model.encoded_missing_value
        known = np.isfinite(numbers)
        codes.append(numbers[known])
        labels.append(names[known])

    def restore(R: Array) -> Array:
        columns = zip(R.T.astype(float), codes, labels, strict=True)
        return np.column_stack([_nearest(*column) for column in columns])

    return one_to_one(model, restore)


@neuralize.register
def neuralize_target_encoder(model: TargetEncoder) -> ColumnWise:
    """Categories by their targets' means, as `transform` gives them: one a class."""
    check_is_fitted(model)
    d = model.n_features_in_
    per_column = len(model.encodings_) // d

    def restore(R: Array) -> Array:
        R = R.astype(float)[:, ::per_column]
        encodings = model.encodings_[::per_column]
        columns = zip(R.T, encodings, model.categories_, strict=True)
        return np.column_stack(
            [_nearest(r, e, np.asarray(c, object)) for r, e, c in columns]
        )

    return ColumnWise(model.transform, np.repeat(np.arange(d), per_column), restore)


def _nearest(values: Array, codes: Array, labels: Array) -> Array:
    """The label of the nearest code; NaN for NaN."""
    out = np.full(len(values), np.nan, dtype=object)
    some = np.isfinite(values)
    out[some] = labels[np.abs(values[some, None] - codes).argmin(axis=1)]
    return out


@neuralize.register
def neuralize_bins(model: KBinsDiscretizer) -> ColumnWise:
    """Bins, by number or one-hot; a typical value is the center of a bin."""
    check_is_fitted(model)
    one_hot = model.encode != "ordinal"
    widths = model.n_bins_ if one_hot else np.ones(model.n_features_in_, dtype=int)
    # the lone bin of a constant column has no ends
    edges = [np.where(np.isfinite(e), e, np.nan) for e in model.bin_edges_]
    centers = [(e[1:] + e[:-1]) / 2 for e in edges]

    def restore(R: Array) -> Array:
        R = R.astype(float)
        out = unknown(len(R), len(widths))
        blocks = np.split(R, np.cumsum(widths)[:-1], axis=1)
        for i, block in enumerate(blocks):
            some = np.isfinite(block).all(axis=1)
            number = block.argmax(axis=1) if one_hot else np.nan_to_num(block[:, 0])
            number = np.clip(np.rint(number).astype(int), 0, len(centers[i]) - 1)
            out[some, i] = centers[i][number[some]]
        return out

    return ColumnWise(
        model.transform, np.repeat(np.arange(len(widths)), widths), restore
    )


@neuralize.register
def neuralize_splines(model: SplineTransformer) -> ColumnWise:
    """Splines of one column each."""
    check_is_fitted(model)
    d = model.n_features_in_
    parents = np.repeat(np.arange(d), model.n_features_out_ // d)
    return ColumnWise(model.transform, parents)
