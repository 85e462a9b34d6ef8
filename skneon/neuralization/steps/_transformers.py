# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers of transformers whose outputs have one parent each, one function a kind.

Every function is registered with `neuralize` and gives a `ColumnWise` layer; the last
two say why there is none.
"""

from copy import copy

import numpy as np
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.preprocessing import (
    Binarizer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.utils.validation import check_is_fitted

from skneon.network import ColumnWise, dense, unknown
from skneon.neuralization._neuralize import neuralize


def n_columns_of(model):
    """Number of columns that a step was fitted to."""
    if hasattr(model, "n_features_in_"):
        return model.n_features_in_
    raise TypeError(
        f"{type(model).__name__} does not tell how many columns it was fitted to. "
        "A transformer sets n_features_in_ in fit; a lone column of a "
        'ColumnTransformer is named in a list, ["a"].'
    )


def one_to_one(model, inverse=None, affine=None):
    """The layer of a fitted transformer whose outputs have the inputs' places."""
    check_is_fitted(model)
    parents = np.arange(n_columns_of(model))
    return ColumnWise(model.transform, parents, inverse, affine)


def _inverted(model):
    """The transformer's own inverse, on values some of which may be unknown."""
    # values without names are no reason to warn
    model = copy(model)
    vars(model).pop("feature_names_in_", None)

    def inverse(R):
        R = R.astype(float)
        R[~np.isfinite(R)] = np.nan
        with np.errstate(all="ignore"):
            return dense(model.inverse_transform(R))

    return inverse


@neuralize.register
def neuralize_standard_scaler(model: StandardScaler):
    """z = (x - mean) / scale."""
    check_is_fitted(model)
    ones = np.ones(model.n_features_in_)
    scale = 1 / (ones if model.scale_ is None else model.scale_)
    mean = model.mean_ if model.with_mean else 0 * ones
    return one_to_one(model, _inverted(model), (scale, -mean * scale))


@neuralize.register
def neuralize_min_max_scaler(model: MinMaxScaler):
    """z = scale x + min, clipped where that is asked for."""
    check_is_fitted(model)
    affine = None if model.clip else (model.scale_, model.min_)
    return one_to_one(model, _inverted(model), affine)


@neuralize.register
def neuralize_max_abs_scaler(model: MaxAbsScaler):
    """z = x / scale."""
    check_is_fitted(model)
    scale = 1 / model.scale_
    affine = None if getattr(model, "clip", False) else (scale, 0 * scale)
    return one_to_one(model, _inverted(model), affine)


@neuralize.register
def neuralize_robust_scaler(model: RobustScaler):
    """z = (x - median) / range."""
    check_is_fitted(model)
    ones = np.ones(model.n_features_in_)
    scale = 1 / (ones if model.scale_ is None else model.scale_)
    center = 0 * ones if model.center_ is None else model.center_
    return one_to_one(model, _inverted(model), (scale, -center * scale))


@neuralize.register(PowerTransformer)
@neuralize.register(QuantileTransformer)
def neuralize_monotone(model):
    """Each column by a monotone function."""
    return one_to_one(model, _inverted(model))


@neuralize.register
def neuralize_binarizer(model: Binarizer):
    """z = 1 where x is above the threshold."""
    return one_to_one(model)


@neuralize.register
def neuralize_selector(model: SelectorMixin):
    """Some of the columns, unchanged."""
    check_is_fitted(model)
    chosen = model.get_support(indices=True)
    d, ones = model.n_features_in_, np.ones(len(chosen))

    def restore(R):
        out = unknown(len(R), d)
        out[:, chosen] = R
        return out

    return ColumnWise(model.transform, chosen, restore, (ones, 0 * ones))


@neuralize.register(SimpleImputer)
@neuralize.register(KNNImputer)
def neuralize_imputer(model):
    """Missing values filled in, which may leave out empty columns; then indicators.

    A value that is filled in counts as the column's own, and so does its indicator.
    """
    check_is_fitted(model)
    d = model.n_features_in_
    names = [f"x{i}" for i in range(d)]
    if hasattr(model, "feature_names_in_"):
        names = list(model.feature_names_in_)
    indicated = []
    if model.indicator_ is not None:
        indicated = list(model.indicator_.features_)
    kept = list(range(d))
    if not model.keep_empty_features:
        out = list(model.get_feature_names_out())
        kept = _in_order(out[: len(out) - len(indicated)], names)

    def restore(R):
        values = unknown(len(R), d)
        values[:, kept] = R[:, : len(kept)]
        return values

    return ColumnWise(model.transform, [*kept, *indicated], restore)


def _in_order(some, names):
    """Positions of some of the names, which come in the same order."""
    positions, start = [], 0
    for name in some:
        start = names.index(name, start) + 1
        positions.append(start - 1)
    return positions


@neuralize.register
def neuralize_missing_indicator(model: MissingIndicator):
    """z = 1 where x is missing."""
    check_is_fitted(model)
    return ColumnWise(model.transform, model.features_)


@neuralize.register
def neuralize_one_hot_encoder(model: OneHotEncoder):
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

    def restore(R):
        out = unknown(len(R), len(outputs))
        blocks = np.split(R.astype(float), np.cumsum(widths)[:-1], axis=1)
        for i, (block, labels) in enumerate(zip(blocks, outputs, strict=True)):
            if drops[i] is not None:
                block = np.insert(block, drops[i], 1 - block.sum(axis=1), axis=1)
            some = np.isfinite(block).all(axis=1) & (block > 0).any(axis=1)
            out[some, i] = labels[block[some].argmax(axis=1)]
        return out

    return ColumnWise(
        model.transform, np.repeat(np.arange(len(widths)), widths), restore
    )


def _grouped(model):
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


def _same(a, b):
    # also NaN
    return a is b or a == b or (a != a and b != b)


@neuralize.register
def neuralize_ordinal_encoder(model: OrdinalEncoder):
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

    def restore(R):
        columns = zip(R.T.astype(float), codes, labels, strict=True)
        return np.column_stack([_nearest(*column) for column in columns])

    return one_to_one(model, restore)


@neuralize.register
def neuralize_target_encoder(model: TargetEncoder):
    """Categories by their targets' means, as `transform` gives them: one a class."""
    check_is_fitted(model)
    d = model.n_features_in_
    per_column = len(model.encodings_) // d

    def restore(R):
        R = R.astype(float)[:, ::per_column]
        encodings = model.encodings_[::per_column]
        columns = zip(R.T, encodings, model.categories_, strict=True)
        return np.column_stack(
            [_nearest(r, e, np.asarray(c, object)) for r, e, c in columns]
        )

    return ColumnWise(model.transform, np.repeat(np.arange(d), per_column), restore)


def _nearest(values, codes, labels):
    """The label of the nearest code; NaN for NaN."""
    out = np.full(len(values), np.nan, dtype=object)
    some = np.isfinite(values)
    out[some] = labels[np.abs(values[some, None] - codes).argmin(axis=1)]
    return out


@neuralize.register
def neuralize_bins(model: KBinsDiscretizer):
    """Bins, by number or one-hot; a typical value is the center of a bin."""
    check_is_fitted(model)
    one_hot = model.encode != "ordinal"
    widths = model.n_bins_ if one_hot else np.ones(model.n_features_in_, dtype=int)
    # the lone bin of a constant column has no ends
    edges = [np.where(np.isfinite(e), e, np.nan) for e in model.bin_edges_]
    centers = [(e[1:] + e[:-1]) / 2 for e in edges]

    def restore(R):
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
def neuralize_splines(model: SplineTransformer):
    """Splines of one column each."""
    check_is_fitted(model)
    d = model.n_features_in_
    parents = np.repeat(np.arange(d), model.n_features_out_ // d)
    return ColumnWise(model.transform, parents)


@neuralize.register
def neuralize_normalizer(model: Normalizer):
    """Refused: it divides each row by its length, a function of all columns."""
    raise TypeError(
        "Normalizer divides each row by its length, which mixes all columns and is not "
        "linear. Leave it out, or explain the model on normalized rows."
    )


@neuralize.register
def neuralize_polynomials(model: PolynomialFeatures):
    """Refused: products of columns have several parents."""
    raise TypeError(
        "PolynomialFeatures multiplies columns, and a product has no single parent. "
        "Leave it out, or explain the model on its outputs."
    )
