# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers of transformers whose outputs have one parent each, one function a kind.

Every function is registered with `neuralize` and gives a `ColumnWise` layer; the last
two say why there is none.
"""

import numpy as np
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
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

from skneon.network import ColumnWise, dense, is_missing, unknown
from skneon.neuralization._neuralize import neuralize

# inverses of functions that people log-transform with
INVERSES = {
    np.log: np.exp,
    np.log1p: np.expm1,
    np.log2: np.exp2,
    np.log10: lambda y: np.power(10.0, y),
    np.sqrt: np.square,
    np.cbrt: lambda y: np.power(y, 3),
    np.exp: np.log,
    np.expm1: np.log1p,
    np.arcsinh: np.sinh,
    np.tanh: np.arctanh,
    np.negative: np.negative,
    np.reciprocal: np.reciprocal,
}
# rows and columns that a function of unknown make is tried on
TRIED = 32


def _one_to_one(model, inverse=None, affine=None):
    check_is_fitted(model)
    parents = np.arange(model.n_features_in_)
    return ColumnWise(model.transform, parents, inverse, affine)


def _inverted(model):
    """The transformer's own inverse, on values some of which may be unknown."""

    def inverse(R):
        with np.errstate(all="ignore"):
            return dense(model.inverse_transform(R.astype(float)))

    return inverse


@neuralize.register
def neuralize_standard_scaler(model: StandardScaler):
    """z = (x - mean) / scale."""
    check_is_fitted(model)
    ones = np.ones(model.n_features_in_)
    scale = 1 / (ones if model.scale_ is None else model.scale_)
    mean = model.mean_ if model.with_mean else 0 * ones
    return _one_to_one(model, _inverted(model), (scale, -mean * scale))


@neuralize.register
def neuralize_min_max_scaler(model: MinMaxScaler):
    """z = scale x + min, clipped where that is asked for."""
    check_is_fitted(model)
    affine = None if model.clip else (model.scale_, model.min_)
    return _one_to_one(model, _inverted(model), affine)


@neuralize.register
def neuralize_max_abs_scaler(model: MaxAbsScaler):
    """z = x / scale."""
    check_is_fitted(model)
    scale = 1 / model.scale_
    affine = None if getattr(model, "clip", False) else (scale, 0 * scale)
    return _one_to_one(model, _inverted(model), affine)


@neuralize.register
def neuralize_robust_scaler(model: RobustScaler):
    """z = (x - median) / range."""
    check_is_fitted(model)
    ones = np.ones(model.n_features_in_)
    scale = 1 / (ones if model.scale_ is None else model.scale_)
    center = 0 * ones if model.center_ is None else model.center_
    return _one_to_one(model, _inverted(model), (scale, -center * scale))


@neuralize.register(PowerTransformer)
@neuralize.register(QuantileTransformer)
def neuralize_monotone(model):
    """Each column by a monotone function."""
    return _one_to_one(model, _inverted(model))


@neuralize.register
def neuralize_binarizer(model: Binarizer):
    """z = 1 where x is above the threshold."""
    return _one_to_one(model)


@neuralize.register
def neuralize_function_transformer(model: FunctionTransformer):
    """Element-wise functions alone: the outputs have the inputs' places."""
    func = model.func
    if func is None:
        ones = np.ones(model.n_features_in_)
        return _one_to_one(model, lambda R: R, (ones, 0 * ones))
    declared = model.feature_names_out == "one-to-one"
    if not (isinstance(func, np.ufunc) or declared):
        name = getattr(func, "__name__", repr(func))
        raise TypeError(
            f"FunctionTransformer(func={name}) may mix columns. If it is element-wise, "
            'say so by feature_names_out="one-to-one".'
        )
    known = INVERSES.get(func) if isinstance(func, np.ufunc) else None
    known = known if model.inverse_func is None else model.inverse_transform

    def inverse(R):
        with np.errstate(all="ignore"):
            return dense(known(R.astype(float)))

    layer = _one_to_one(model, None if known is None else inverse)
    if not isinstance(func, np.ufunc):
        layer.transform = _tried(model)
    return layer


def _tried(model):
    """The transform, after a check on some rows that it is element-wise."""

    def transform(X):
        out = model.transform(X)
        values, d = dense(X[:TRIED]), model.n_features_in_
        if dense(out[:TRIED]).shape[1] != d:
            raise TypeError(
                f"{model} gives {dense(out).shape[1]} columns for {d}: it is not "
                "one-to-one."
            )
        plain = model.func(values, **(model.kw_args or {}))
        for column in range(d):
            # each column in the company of other rows' values
            other = np.roll(values, 1, axis=0)
            other[:, column] = values[:, column]
            alone = dense(model.func(other, **(model.kw_args or {})))
            same = alone[:, column] == dense(plain)[:, column]
            if not (same | is_missing(alone[:, column])).all():
                raise TypeError(
                    f"{model} is not element-wise: its output {column} changes with "
                    "other columns. Explain the model on transformed rows."
                )
        return out

    return transform


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
    """A column for each category; a typical value is the category with most weight."""
    check_is_fitted(model)
    # the categories behind each output, and of the one that is dropped
    outputs, dropped = [], []
    infrequent = getattr(model, "infrequent_categories_", None)
    for i, categories in enumerate(model.categories_):
        rare = None if infrequent is None else infrequent[i]
        rare = [] if rare is None else list(rare)
        frequent = [c for c in categories if not _among(c, rare)]
        shown = [*frequent, "infrequent"] if rare else frequent
        drop = None if model.drop_idx_ is None else model.drop_idx_[i]
        gone = None if drop is None else categories[drop]
        if drop is not None:
            place = len(frequent) if _among(gone, rare) else _place(gone, frequent)
            gone = shown.pop(place)
        outputs.append(shown)
        dropped.append(gone)
    widths = [len(shown) for shown in outputs]

    def restore(R):
        R = np.nan_to_num(R.astype(float))
        out = unknown(len(R), len(outputs))
        start = 0
        for i, (shown, gone) in enumerate(zip(outputs, dropped, strict=True)):
            block = R[:, start : start + len(shown)]
            start += len(shown)
            labels = np.array([*shown, gone], dtype=object)
            rest = 1 - block.sum(axis=1) if gone is not None else np.zeros(len(R))
            block = np.column_stack([block, rest])
            some = block.max(axis=1) > 0
            out[some, i] = labels[block[some].argmax(axis=1)]
        return out

    return ColumnWise(
        model.transform, np.repeat(np.arange(len(widths)), widths), restore
    )


def _among(value, values):
    return any(value is v or value == v for v in values)


def _place(value, values):
    return next(i for i, v in enumerate(values) if value is v or value == v)


@neuralize.register
def neuralize_ordinal_encoder(model: OrdinalEncoder):
    """Categories by number; a typical value is the category of the nearest number."""
    check_is_fitted(model)

    def restore(R):
        columns = zip(R.T.astype(float), model.categories_, strict=True)
        return np.column_stack(
            [_nearest(r, np.arange(len(c)), np.asarray(c, object)) for r, c in columns]
        )

    return _one_to_one(model, restore)


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
    centers = [(edges[1:] + edges[:-1]) / 2 for edges in model.bin_edges_]

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
