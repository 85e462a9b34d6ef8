# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers that make each output of one input."""

import numpy as np
import pytest

from skneon.network import ColumnWise, Inputs, LinearMap, Untraceable
from skneon.network.numerics._table_cells import is_missing

MIXED = LinearMap(None, np.array([[1.0, 2.0], [3.0, 5.0]])).wire(Inputs.identity(2))


def test_parents_are_those_of_the_inputs():
    inputs = Inputs.identity(4).select(np.array([3, 1]))
    wired = ColumnWise(None, [1, 0, 1]).wire(inputs)
    np.testing.assert_array_equal(wired.inputs.parents, [1, 3, 1])
    assert wired.inputs.n_columns == 4 and wired.inputs.matrix is None


@pytest.mark.parametrize("parent", [-1, 2, 7])
def test_parents_that_are_no_inputs(parent):
    layer = ColumnWise(None, [0, parent])
    message = f"`parents` contains {parent}, but the step has inputs 0 to 1. Fix the"
    for inputs in (Inputs.identity(2), MIXED.inputs):
        with pytest.raises(Untraceable, match=message):
            layer.wire(inputs)


def test_affine_ones_are_folded_into_a_linear_step():
    scale, shift = np.array([2.0, -1.0]), np.array([0.5, 3.0])
    wired = ColumnWise(None, [1, 0], affine=(scale, shift)).wire(MIXED.inputs)
    Y = np.array([[1.0, 2.0], [-3.0, 0.5]])
    expected = MIXED.inputs.project(Y)[:, [1, 0]] * scale + shift
    np.testing.assert_allclose(wired.inputs.project(Y), expected)
    with pytest.raises(Untraceable, match=r"not affine.*Put it before that step"):
        ColumnWise(None, [1, 0]).wire(MIXED.inputs)


def test_values_that_are_handed_on_keep_their_origin():
    ones, raw = np.ones(2), Inputs.identity(2)
    same = ColumnWise(None, [1, 0], affine=(ones, 0 * ones)).wire(raw).inputs
    assert same.origins == [1, 0]
    for affine in ((ones, ones), (2 * ones, 0 * ones), None):
        layer = ColumnWise(None, [1, 0], affine=affine)
        first, second = layer.wire(raw).inputs, layer.wire(raw).inputs
        assert len({0, 1, *first.origins, *second.origins}) == 6


def test_restored_values():
    wired = ColumnWise(None, [0, 0, 1]).wire(Inputs.identity(2))
    values = wired.restore(np.ones((4, 3)))
    assert values.shape == (4, 2) and is_missing(values).all()
    wired = ColumnWise(None, [0, 0, 1], lambda R: R[:, 1:]).wire(Inputs.identity(2))
    np.testing.assert_array_equal(wired.restore(np.arange(3.0)[None]), [[1, 2]])
