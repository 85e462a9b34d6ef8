# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers of transformers whose outputs have one parent each, one function per kind.

Every function is registered with `neuralize` and gives a `ColumnWise` layer; that of a
normalizer holds lengths fixed, and the last one says why there is none.
"""

from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, NoReturn

import numpy as np
from scipy.sparse import issparse
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.preprocessing import (
    Binarizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils.validation import check_is_fitted

from skneon.network import ColumnWise, RowScaled
from skneon.network.numerics._table_cells import dense, unknown
from skneon.network.numerics._types import Array, Table
from skneon.neuralization._neuralize import neuralize


def n_columns_of(model: Any) -> int:
    """Number of columns that a step was fitted to."""
    if hasattr(model, "n_features_in_"):
        return int(model.n_features_in_)
    names = input_names(model)
    if names is not None:
        return len(names)
    raise TypeError(
        f"{type(model).__name__} has no n_features_in_, so its number of columns is "
        "unknown. Set n_features_in_ in fit; select a single column of a "
        'ColumnTransformer by a list, ["a"].'
    )


def input_names(model: Any) -> Any:
    """Names of the columns that a step was fitted to, or None."""
    # skrub's Cleaner has them as keys
    steps = getattr(model, "all_processing_steps_", None)
    known = None if steps is None else np.array(list(steps), dtype=object)
    return getattr(model, "feature_names_in_", known)


def one_to_one(
    model: Any,
    inverse: Callable[[Array], Array] | None = None,
    affine: tuple[Array, Array] | None = None,
    check: Callable[[Table], None] | None = None,
) -> ColumnWise:
    """The layer of a fitted transformer whose outputs have the inputs' places."""
    check_is_fitted(model)
    parents = np.arange(n_columns_of(model))
    return ColumnWise(model.transform, parents, inverse, affine, check)


def _inverted(model: Any) -> Callable[[Array], Array]:
    """The transformer's own inverse, on values some of which may be unknown."""
    # values without names are no reason to warn
    model = copy(model)
    vars(model).pop("feature_names_in_", None)

    def inverse(R: Array) -> Array:
        R = R.astype(float, copy=False)
        known = np.isfinite(R)
        R = R if known.all() else np.where(known, R, np.nan)
        with np.errstate(all="ignore"):
            return dense(model.inverse_transform(R))

    return inverse


def _rescaled(factor: Array, offset: Array) -> Callable[[Array], Array]:
    """x = z factor + offset, in the order of operations of scikit-learn's scalers.

    Their own inverse validates all values once more, which is most of its time.
    """

    def inverse(R: Array) -> Array:
        with np.errstate(all="ignore"):
            X = R.astype(float, copy=False) * factor
            X += offset
            return X if np.isfinite(X.sum()) else np.where(np.isfinite(X), X, np.nan)

    return inverse


@neuralize.register
def neuralize_standard_scaler(model: StandardScaler) -> ColumnWise:
    """z = (x - mean) / scale."""
    check_is_fitted(model)
    ones = np.ones(model.n_features_in_)
    factor = ones if model.scale_ is None else model.scale_
    mean = model.mean_ if model.with_mean else 0 * ones
    affine = (1 / factor, -mean / factor)
    return one_to_one(model, _rescaled(factor, mean), affine)


@neuralize.register
def neuralize_min_max_scaler(model: MinMaxScaler) -> ColumnWise:
    """z = scale x + min, clipped where that is asked for."""
    check_is_fitted(model)
    affine = None if model.clip else (model.scale_, model.min_)
    return one_to_one(model, _inverted(model), affine)


@neuralize.register
def neuralize_max_abs_scaler(model: MaxAbsScaler) -> ColumnWise:
    """z = x / scale."""
    check_is_fitted(model)
    scale = 1 / model.scale_
    affine = None if getattr(model, "clip", False) else (scale, 0 * scale)
    return one_to_one(model, _inverted(model), affine)


@neuralize.register
def neuralize_robust_scaler(model: RobustScaler) -> ColumnWise:
    """z = (x - median) / range."""
    check_is_fitted(model)
    ones = np.ones(model.n_features_in_)
    factor = ones if model.scale_ is None else model.scale_
    center = 0 * ones if model.center_ is None else model.center_
    affine = (1 / factor, -center / factor)
    return one_to_one(model, _rescaled(factor, center), affine)


@neuralize.register(PowerTransformer)
@neuralize.register(QuantileTransformer)
def neuralize_monotone(model: Any) -> ColumnWise:
    """Each column by a monotone function."""
    return one_to_one(model, _inverted(model))


@neuralize.register
def neuralize_binarizer(model: Binarizer) -> ColumnWise:
    """z = 1 where x is above the threshold."""
    return one_to_one(model)


@neuralize.register
def neuralize_selector(model: SelectorMixin) -> ColumnWise:
    """Some of the columns, unchanged."""
    check_is_fitted(model)
    chosen = model.get_support(indices=True)
    d, ones = model.n_features_in_, np.ones(len(chosen))

    def restore(R: Array) -> Array:
        out = unknown(len(R), d)
        out[:, chosen] = R
        return out

    return ColumnWise(model.transform, chosen, restore, (ones, 0 * ones))


@neuralize.register(SimpleImputer)
@neuralize.register(KNNImputer)
def neuralize_imputer(model: Any) -> ColumnWise:
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

    def restore(R: Array) -> Array:
        values = unknown(len(R), d)
        values[:, kept] = R[:, : len(kept)]
        return values

    return ColumnWise(model.transform, [*kept, *indicated], restore)


def _in_order(some: Iterable[str], names: list[str]) -> list[int]:
    """Positions of some of the names, which come in the same order."""
    positions: list[int] = []
    start = 0
    for name in some:
        start = names.index(name, start) + 1
        positions.append(start - 1)
    return positions


@neuralize.register
def neuralize_missing_indicator(model: MissingIndicator) -> ColumnWise:
    """z = 1 where x is missing."""
    check_is_fitted(model)
    return ColumnWise(model.transform, model.features_)


@neuralize.register
def neuralize_normalizer(model: Normalizer) -> RowScaled:
    """z = x / |x|, with the length of each row held fixed."""

    def lengths(X: Table) -> Array:
        sizes: Any = abs(X) if issparse(X) else np.abs(dense(X))
        if model.norm == "max":
            found = dense(sizes.max(axis=1)).ravel()
        elif model.norm == "l1":
            found = dense(sizes.sum(axis=1)).ravel()
        else:
            squares = sizes.multiply(sizes) if issparse(sizes) else sizes**2
            found = np.sqrt(dense(squares.sum(axis=1)).ravel())
        # rows of zeros stay as they are
        return np.asarray(np.where(found > 0, found, 1.0))

    return RowScaled(model.transform, lengths)


@neuralize.register
def neuralize_polynomials(model: PolynomialFeatures) -> NoReturn:
    """Refused: products of columns have several parents."""
    raise TypeError(
        "PolynomialFeatures multiplies columns, and a product has no single parent. "
        "Leave it out, or explain the model on its outputs."
    )
