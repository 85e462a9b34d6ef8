# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Preprocessing layers: what they say of their outputs' columns."""

import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from helpers.strategies import seeds
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import (
    Branches,
    ColumnWise,
    Inputs,
    LinearMap,
    Untraceable,
    dense,
    is_missing,
    restore,
    trace,
    unknown,
    wire,
)


def column_wise(rng, n_inputs, n_outputs, name="step"):
    """An affine step whose outputs are made of random inputs."""
    parents = rng.integers(n_inputs, size=n_outputs)
    scale, shift = rng.normal(size=(2, n_outputs))

    def back(R):
        values = unknown(len(R), n_inputs)
        values[:, parents] = (R.astype(float) - shift) / scale
        return values

    layer = ColumnWise(
        lambda X: X[:, parents] * scale + shift, parents, back, (scale, shift)
    )
    layer.name = name
    return layer


def linear_map(rng, n_inputs, n_outputs, name="map"):
    matrix = rng.normal(size=(n_inputs, n_outputs))
    center = rng.normal(size=n_inputs)
    layer = LinearMap(lambda X: (X - center) @ matrix, matrix, center)
    layer.name = name
    return layer


def random_layers(rng, d, depth=2):
    """Random steps, one after the other and side by side."""
    layers = []
    for _ in range(rng.integers(1, 4)):
        kind = rng.integers(4 if depth else 3)
        p = int(rng.integers(1, 5))
        if kind == 0:
            layers.append(column_wise(rng, d, p))
        elif kind == 1:
            layers.append(linear_map(rng, d, p))
        elif kind == 2:
            layers.append(column_wise(rng, d, d))
            p = d
        else:
            branches = []
            for _ in range(rng.integers(1, 4)):
                columns = rng.choice(d, size=rng.integers(1, d + 1), replace=False)
                inner, _ = random_layers(rng, len(columns), depth - 1)
                branches.append((columns, inner))

            def both(X, branches=branches):
                parts = [run(inner, X[:, columns]) for columns, inner in branches]
                return np.column_stack(parts)

            layers.append(Branches(both, branches))
            layers[-1].name = "branches"
            p = run(layers[-1:], np.zeros((1, d))).shape[1]
        d = p
    return layers, d


def run(layers, X):
    for layer in layers:
        X = layer.transform(X)
    return X


@given(seeds, st.integers(1, 4))
def test_wiring_says_what_running_gives(seed, d):
    """z = y A + b for the single-parent columns y, each of which has its parent."""
    rng = np.random.default_rng(seed)
    layers, p = random_layers(rng, d)
    inputs = wire(layers, Inputs.identity(d))
    X = rng.normal(size=(7, d))
    Z, Y = trace(layers, X)
    np.testing.assert_allclose(Z, run(layers, X), rtol=1e-12)
    assert inputs.n_outputs == p == Z.shape[1]
    assert (Y is None) == (inputs.matrix is None)
    Y = Z if Y is None else Y
    size = 1 + np.abs(Z).max()
    np.testing.assert_allclose(inputs.project(Y), Z, atol=1e-9 * size)
    for i in range(d):
        other = X.copy()
        other[:, i] = rng.normal(size=7)
        Z, other_Y = trace(layers, other)
        changed = (Z if other_Y is None else other_Y) != Y
        np.testing.assert_array_equal(changed.any(axis=0), inputs.parents == i)


@given(seeds, st.integers(1, 4))
def test_preimages_lie_where_the_points_come_from(seed, d):
    rng = np.random.default_rng(seed)
    layers, _ = random_layers(rng, d)
    inputs = wire(layers, Inputs.identity(d))
    if inputs.matrix is None:
        return
    Z = run(layers, rng.normal(size=(4, d)))
    back = inputs.project(inputs.pull(Z))
    singular = np.linalg.svd(inputs.matrix / np.linalg.norm(inputs.matrix, axis=0))[1]
    condition = singular[0] / singular[singular > 1e-9 * singular[0]][-1]
    np.testing.assert_allclose(back, Z, atol=1e-11 * condition * (1 + np.abs(Z).max()))


@given(seeds, st.integers(1, 4), st.integers(1, 3))
def test_restoring_undoes_invertible_steps(seed, d, n_steps):
    rng = np.random.default_rng(seed)
    layers = []
    for _ in range(n_steps):
        if rng.random() < 0.5:
            layers.append(linear_map(rng, d, d))
        else:
            order = rng.permutation(d)
            layer = column_wise(rng, d, d)
            layer = ColumnWise(
                lambda X, o=order: X[:, o] * 3 - 1,
                order,
                lambda R, o=order: (R.astype(float)[:, np.argsort(o)] + 1) / 3,
                (np.full(d, 3.0), np.full(d, -1.0)),
            )
            layer.name = "permutation"
            layers.append(layer)
    wire(layers, Inputs.identity(d))
    X = rng.normal(size=(5, d))
    condition = np.prod(
        [np.linalg.cond(layer.matrix) for layer in layers if hasattr(layer, "matrix")]
    )
    back = restore(layers, run(layers, X), d).astype(float)
    np.testing.assert_allclose(back, X, atol=1e-12 * condition * (10 + np.abs(X).max()))


def test_the_first_branch_that_knows_a_value_says_it():
    halve = ColumnWise(None, [0, 1], lambda R: R / 2)
    mute = ColumnWise(None, [0])
    for layer in (halve, mute):
        layer.name = "step"
    branches = Branches(
        None,
        [
            (np.array([0]), [mute]),
            (np.array([0, 2]), [halve]),
            (np.array([2, 1]), []),
        ],
    )
    branches.name = "branches"
    wire([branches], Inputs.identity(4))
    values = restore([branches], np.arange(10.0).reshape(2, 5), 4)
    # outputs: of 0 (mute); of 0 and 2 (halved); of 2 and 1 (as they are)
    np.testing.assert_array_equal(values[:, 0], [0.5, 3.0])
    np.testing.assert_array_equal(values[:, 2], [1.0, 3.5])
    np.testing.assert_array_equal(values[:, 1], [4, 9])
    assert is_missing(values[:, 3]).all()


def test_steps_that_are_not_affine_name_their_path():
    bent = ColumnWise(np.cbrt, [0, 1])
    bent.name = "bent"
    inner = Branches(None, [(np.array([1, 0]), [bent])])
    inner.name = "inner"
    outer = Branches(None, [(np.array([0, 1]), [inner])])
    outer.name = "outer"
    mixing = linear_map(np.random.default_rng(0), 3, 2)
    wire([outer], Inputs.identity(2))
    with pytest.raises(Untraceable) as caught:
        wire([mixing, outer], Inputs.identity(3))
    assert caught.value.path == ("outer", "inner", "bent")
    assert "'outer__inner__bent': it is not affine" in str(caught.value)
    assert isinstance(caught.value, TypeError)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


def test_missing_values_of_all_kinds():
    values = [None, np.nan, pd.NA, pd.NaT, float("nan"), np.datetime64("NaT")]
    assert is_missing(np.array(values, dtype=object)).all()
    values = ["", "nan", 0, False, 0.0, np.inf, (), "None", np.str_("nan")]
    table = np.empty(len(values), dtype=object)
    table[:] = values
    assert not is_missing(table).any()


def test_rows_of_any_make():
    X = np.arange(6.0).reshape(3, 2)
    for rows in (X, scipy.sparse.csr_array(X), pd.DataFrame(X), X.tolist()):
        np.testing.assert_array_equal(dense(rows), X)
    np.testing.assert_array_equal(dense(pd.Series(X[:, 0])), X[:, :1])
