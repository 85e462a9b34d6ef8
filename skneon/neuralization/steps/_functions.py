# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers of functions that are applied to each column on its own."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.preprocessing import FunctionTransformer

from skneon._frames import as_floats, shaken, some_rows, with_column
from skneon.network import ColumnWise, Untraceable
from skneon.network.numerics._table_cells import dense, is_missing
from skneon.network.numerics._types import Array, Table
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization.steps._transformers import n_columns_of, one_to_one

# inverses of functions that people log-transform with
INVERSES: dict[Any, Callable[[Array], Array]] = {
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


@neuralize.register
def neuralize_function_transformer(model: FunctionTransformer) -> ColumnWise:
    """Element-wise functions alone: the outputs have the inputs' places."""
    func = model.func
    if func is None:
        ones = np.ones(n_columns_of(model))
        return one_to_one(model, lambda R: R, (ones, 0 * ones))
    is_ufunc = isinstance(func, np.ufunc)
    if not (is_ufunc or model.feature_names_out == "one-to-one"):
        name = getattr(func, "__name__", repr(func))
        raise TypeError(
            f"FunctionTransformer(func={name}) may mix columns. If it is element-wise, "
            'declare it with feature_names_out="one-to-one"; if it makes several '
            "columns of one, give it one column at a time in a ColumnTransformer."
        )
    check = None if is_ufunc else _trial(model)
    return one_to_one(model, _inverse(model), check=check)


def _inverse(model: Any) -> Callable[[Array], Array] | None:
    """The inverse function, on values some of which may be unknown; None: not known."""
    known, options = model.inverse_func, model.inv_kw_args or {}
    if known is None:
        known = INVERSES.get(model.func) if isinstance(model.func, np.ufunc) else None
        options = {}
    if known is None:
        return None

    def inverse(R: Array) -> Array:
        with np.errstate(all="ignore"):
            return dense(known(as_floats(R), **options))

    return inverse


def _trial(model: Any) -> Callable[[Table], None]:
    """A check on some rows that the function is element-wise.

    Each column is tried in the company of other rows' values, and of other values.
    """
    d, options = n_columns_of(model), model.kw_args or {}

    def check(X: Table) -> None:
        rows = np.arange(min(X.shape[0], TRIED))
        # what the function is given: a frame, unless it is validated
        few = some_rows(dense(X) if model.validate else X, rows)
        plain = dense(model.func(few, **options))
        if plain.shape[1] != d:
            raise Untraceable(
                f"its function returns shape (n, {plain.shape[1]}) for (n, {d}), so it "
                "is not one-to-one. Give it one column at a time in a "
                "ColumnTransformer."
            )
        for others in (some_rows(few, np.roll(rows, 1)), shaken(few)):
            for column in range(d):
                alone = _result(model.func, with_column(others, few, column), options)
                if alone is not None and not _alike(alone[:, column], plain[:, column]):
                    raise Untraceable(
                        'it is declared feature_names_out="one-to-one", but its '
                        f"function is not element-wise: output {column} changes with "
                        "other columns. Explain the model on transformed rows, "
                        "explain(pipeline[-1], pipeline[:-1].transform(X))."
                    )

    return check


def _result(
    func: Callable[..., Table], X: Table, options: dict[str, Any]
) -> Array | None:
    """What a function gives for rows that it may refuse: then None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return dense(func(X, **options))
    except Exception:
        return None


def _alike(a: Array, b: Array) -> bool:
    """Whether two columns are equal, numbers but for rounding."""
    if a.dtype.kind == b.dtype.kind == "f":
        return np.allclose(a, b, rtol=1e-9, atol=0, equal_nan=True)
    return bool((is_missing(a) | is_missing(b) | (a == b)).all())
