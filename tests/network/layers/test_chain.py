# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Random steps, wired and run: chains describe the columns of their outputs."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from helpers.strategies import seeds
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import (
    Branches,
    Chain,
    ColumnWise,
    Inputs,
    LinearMap,
    PreprocessingLayer,
    Untraceable,
)
from skneon.network.numerics._table_cells import unknown


def column_wise(rng, n_inputs, n_outputs):
    """An affine step whose outputs are made of random inputs."""
    parents = rng.integers(n_inputs, size=n_outputs)
    scale, shift = rng.normal(size=(2, n_outputs))

    def back(R):
        values = unknown(len(R), n_inputs)
        values[:, parents] = (R.astype(float) - shift) / scale
        return values

    return ColumnWise(
        lambda X: X[:, parents] * scale + shift, parents, back, (scale, shift)
    )


def linear_map(rng, n_inputs, n_outputs):
    matrix = rng.normal(size=(n_inputs, n_outputs))
    center = rng.normal(size=n_inputs)
    return LinearMap(lambda X: (X - center) @ matrix, matrix, center)


def random_steps(rng, d, depth=2):
    """Random steps, one after the other and side by side."""
    steps = []
    for _ in range(rng.integers(1, 4)):
        kind = rng.integers(4 if depth else 3)
        p = int(rng.integers(1, 5))
        if kind == 0:
            steps.append(("some", column_wise(rng, d, p)))
        elif kind == 1:
            steps.append(("map", linear_map(rng, d, p)))
        elif kind == 2:
            steps.append(("all", column_wise(rng, d, d)))
            p = d
        else:
            layer = random_branches(rng, d, depth - 1)
            steps.append(("branches", layer))
            p = layer.transform(np.zeros((1, d))).shape[1]
        d = p
    return steps, d


def random_branches(rng, d, depth):
    """Random steps side by side; now and then the very same ones on other columns."""
    branches = []
    for _ in range(rng.integers(1, 4)):
        columns = rng.choice(d, size=rng.integers(1, d + 1), replace=False)
        inner, _ = random_steps(rng, len(columns), depth)
        branches.append((columns, inner))
        if rng.random() < 0.3:
            others = rng.choice(d, size=len(columns), replace=False)
            branches.append((others, inner))

    def transform(X):
        return np.column_stack(
            [run(inner, X[:, columns]) for columns, inner in branches]
        )

    return Branches(transform, branches)


def run(steps, X):
    for _, layer in steps:
        X = layer.transform(X)
    return X


@given(seeds, st.integers(1, 4))
def test_wiring_says_what_running_gives(seed, d):
    """z = y A + b for the single-parent columns y, each of which has its parent."""
    rng = np.random.default_rng(seed)
    steps, p = random_steps(rng, d)
    chain = Chain.wire(steps, Inputs.identity(d))
    inputs = chain.inputs
    X = rng.normal(size=(7, d))
    Z, Y = chain.trace(X)
    np.testing.assert_allclose(Z, run(steps, X), rtol=1e-12)
    np.testing.assert_array_equal(chain.transform(X), Z)
    assert inputs.n_outputs == p == Z.shape[1]
    assert (Y is None) == (inputs.matrix is None)
    Y = Z if Y is None else Y
    size = 1 + np.abs(Z).max()
    np.testing.assert_allclose(inputs.project(Y), Z, atol=1e-9 * size)
    for i in range(d):
        other = X.copy()
        other[:, i] = rng.normal(size=7)
        Z, other_Y = chain.trace(other)
        changed = (Z if other_Y is None else other_Y) != Y
        np.testing.assert_array_equal(changed.any(axis=0), inputs.parents == i)


@given(seeds, st.integers(1, 4))
def test_preimages_lie_where_the_points_come_from(seed, d):
    rng = np.random.default_rng(seed)
    steps, _ = random_steps(rng, d)
    inputs = Chain.wire(steps, Inputs.identity(d)).inputs
    if inputs.matrix is None:
        return
    Z = run(steps, rng.normal(size=(4, d)))
    back = inputs.project(inputs.pull(Z))
    singular = np.linalg.svd(inputs.matrix / np.linalg.norm(inputs.matrix, axis=0))[1]
    condition = singular[0] / singular[singular > 1e-9 * singular[0]][-1]
    np.testing.assert_allclose(back, Z, atol=1e-11 * condition * (1 + np.abs(Z).max()))


@given(seeds, st.integers(1, 4), st.integers(1, 3))
def test_restoring_undoes_invertible_steps(seed, d, n_steps):
    rng = np.random.default_rng(seed)
    steps = []
    for _ in range(n_steps):
        if rng.random() < 0.5:
            steps.append(("map", linear_map(rng, d, d)))
        else:
            order = rng.permutation(d)
            layer = ColumnWise(
                lambda X, o=order: X[:, o] * 3 - 1,
                order,
                lambda R, o=order: (R.astype(float)[:, np.argsort(o)] + 1) / 3,
                (np.full(d, 3.0), np.full(d, -1.0)),
            )
            steps.append(("permutation", layer))
    chain = Chain.wire(steps, Inputs.identity(d))
    X = rng.normal(size=(5, d))
    maps = [layer.matrix for layer in chain.layers if isinstance(layer, LinearMap)]
    condition = np.prod([np.linalg.cond(matrix) for matrix in maps])
    back = chain.restore(run(steps, X)).astype(float)
    np.testing.assert_allclose(back, X, atol=1e-12 * condition * (10 + np.abs(X).max()))


def test_a_chain_of_no_steps_changes_nothing():
    raw, X = Inputs.identity(2), np.arange(6.0).reshape(3, 2)
    chain = Chain.wire([], raw)
    assert chain.inputs is raw and chain.layers == []
    assert chain.transform(X) is X and chain.restore(X) is X
    assert chain.trace(X) == (X, None)


# Immutability


def state(layer):
    """The attributes of a layer, and of those within it."""
    inner = getattr(layer, "branches", ())
    within = [state(one) for _, steps in inner for _, one in steps]
    return {name: id(value) for name, value in vars(layer).items()}, within


@given(seeds, st.integers(1, 4))
def test_wiring_changes_no_layer_and_no_other_wiring(seed, d):
    """The same steps behind other inputs: the first chain gives what it gave."""
    rng = np.random.default_rng(seed)
    steps, _ = random_steps(rng, d)
    X, mixing = rng.normal(size=(5, d)), linear_map(rng, 3, d)
    before = [state(layer) for _, layer in steps]
    first = Chain.wire(steps, Inputs.identity(d))
    (Z, Y), R = first.trace(X), first.restore(first.transform(X).astype(object))
    second = Chain.wire([("mixing", mixing), *steps], Inputs.identity(3))
    second.restore(second.transform(rng.normal(size=(4, 3))))
    assert [state(layer) for _, layer in steps] == before
    again_Z, again_Y = first.trace(X)
    np.testing.assert_array_equal(again_Z, Z)
    assert (again_Y is None) == (Y is None)
    if Y is not None:
        np.testing.assert_array_equal(again_Y, Y)
    again_R = first.restore(Z.astype(object))
    np.testing.assert_array_equal(again_R.astype(float), R.astype(float))


def test_layers_and_chains_are_frozen():
    rng = np.random.default_rng(0)
    steps = [("step", column_wise(rng, 2, 2)), ("map", linear_map(rng, 2, 1))]
    branches = Branches(lambda X: run(steps, X), [(np.array([0, 1]), steps)])
    chain = Chain.wire([("branches", branches)], Inputs.identity(2))
    for layer in (*(layer for _, layer in steps), branches):
        assert isinstance(layer, PreprocessingLayer)
        with pytest.raises(FrozenInstanceError):
            layer.name = "name"
    for thing in (chain, chain.inputs, *chain.wired):
        with pytest.raises(FrozenInstanceError):
            thing.inputs = None
    steps.clear()
    assert len(branches.branches[0][1]) == 2
    with pytest.raises(ValueError, match="read-only"):
        column_wise(rng, 2, 2).parents[0] = 1


# Errors name the step


def test_steps_that_are_not_affine_name_their_path():
    bent = ColumnWise(np.cbrt, [0, 1])
    inner = Branches(None, [(np.array([1, 0]), [("bent", bent)])])
    outer = Branches(None, [(np.array([0, 1]), [("inner", inner)])])
    mixing = linear_map(np.random.default_rng(0), 3, 2)
    Chain.wire([("outer", outer)], Inputs.identity(2))
    with pytest.raises(Untraceable) as caught:
        Chain.wire([("mixing", mixing), ("outer", outer)], Inputs.identity(3))
    assert caught.value.path == ("outer", "inner", "bent")
    assert "'outer__inner__bent': it is not affine" in str(caught.value)


def test_outputs_of_another_number_than_the_layer_has():
    X = np.ones((3, 2))
    wrong = ColumnWise(lambda X: X[:, :1], [0, 1])
    mapped = LinearMap(lambda X: X[:, :1], np.eye(2))
    message = r"step 'wrong': .*returns shape \(n, 1\), .*describes \(n, 2\).*Fix"
    for layer in (wrong, mapped):
        chain = Chain.wire([("wrong", layer)], Inputs.identity(2))
        for method in (chain.transform, chain.trace):
            with pytest.raises(Untraceable, match=message):
                method(X)
    # a transform may return a vector, which tells nothing
    vector = ColumnWise(lambda X: X[:, 0], [0])
    chain = Chain.wire([("vector", vector)], Inputs.identity(2))
    assert chain.transform(X).shape == (3,)


def test_checks_see_what_reaches_their_step():
    seen = []

    def refusing(X):
        seen.append(X)
        if X[0, 0] > 4:
            raise Untraceable("too large")

    def never(X):
        raise AssertionError("rows are carried no further than the last check")

    double = ColumnWise(lambda X: 2 * X, [0, 1])
    tried = ColumnWise(lambda X: X[:, ::-1], [1, 0], check=refusing)
    last, alone = ColumnWise(never, [0, 1]), ColumnWise(never, [0])
    branches = Branches(
        never,
        [(np.array([0]), [("alone", alone)]), (np.array([1, 0]), [("tried", tried)])],
    )
    steps = [("double", double), ("branches", branches), ("last", last)]
    chain = Chain.wire(steps, Inputs.identity(2))
    chain.check(np.array([[1.0, 2.0]]))
    np.testing.assert_array_equal(seen[0], [[4, 2]])
    with pytest.raises(Untraceable, match="step 'branches__tried': too large"):
        chain.check(np.array([[1.0, 3.0]]))
    assert Branches(never, [(np.array([0]), [("alone", alone)])]).check is None


def test_a_layer_of_ones_own_needs_transform_and_wire_alone():
    class Wired:
        def __init__(self, inputs):
            self.inputs = inputs

        def trace(self, X, Y):
            return X, Y

        def restore(self, R):
            return R

    class Nothing:
        def transform(self, X):
            return X

        def wire(self, inputs):
            return Wired(inputs)

    X = np.ones((2, 3))
    chain = Chain.wire([("nothing", Nothing())], Inputs.identity(3))
    chain.check(X)
    assert chain.trace(X) == (X, None) and chain.restore(X) is X
    assert isinstance(Nothing(), PreprocessingLayer)


@pytest.mark.parametrize("what", ["matrix", "center"])
def test_a_linear_step_that_its_map_does_not_describe(what):
    V = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 1.0]])
    matrix = V if what == "center" else V * [1.0, -1.0]
    center = np.full(3, 0.5) if what == "center" else None
    chain = Chain.wire(
        [("mix", LinearMap(lambda X: X @ V, matrix, center))], Inputs.identity(3)
    )
    message = r"step 'mix': output . of row 0 is .* \(X - center\) @ matrix of its"
    with pytest.raises(Untraceable, match=message):
        chain.trace(np.arange(1.0, 7.0).reshape(2, 3))


def test_values_that_a_step_restores_in_another_shape():
    step = ColumnWise(np.log, [0, 1], restore=lambda R: np.exp(R)[:, :1])
    chain = Chain.wire([("log", step)], Inputs.identity(2))
    message = r"'log': its layer's `restore` returns shape \(4, 1\), .* \(4, 2\)"
    with pytest.raises(Untraceable, match=message):
        chain.restore(np.ones((4, 2)))
