# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tail scores: their definition by ranks and SciPy's skewness, also at its zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from skneon.network import Network, Query, Rule, Sum, TailScores
from skneon.network.layers._tail_scores import skew_signs


def by_ranks(among, place, mean):
    """Scores of one row of a table."""
    left, right = (
        -np.log(rankdata(sign * among, "max", axis=0)[place] / len(among))
        for sign in (1, -1)
    )
    s = skew_signs(among)
    skewed = (s <= 0) * left + (s >= 0) * right
    both = (left + right) / 2 if mean else np.maximum(left, right)
    return np.maximum(both, skewed)


@given(
    st.integers(0, 2**20),
    st.integers(2, 9),
    st.sampled_from([1.0, 1e-8, 1e8]),
    st.sampled_from([0.0, 1e8]),
    st.booleans(),
)
def test_scores_are_those_of_ranks(seed, n, scale, offset, mean):
    rng = np.random.default_rng(seed)
    # few values: ties, constant columns, and such without skewness
    rows = rng.integers(-1, 2, size=(n, 3)) * scale + offset
    new = rng.integers(-2, 3, size=(4, 3)) * scale + offset
    units = TailScores(rows, mean)
    expected = [by_ranks(np.vstack([rows, x]), -1, mean) for x in new]
    np.testing.assert_allclose(units.forward(new, Query()), expected, rtol=1e-12)
    own = units.forward(rows, Query(absent=np.arange(n)))
    expected = [by_ranks(rows, i, mean) for i in range(n)]
    np.testing.assert_allclose(own, expected, rtol=1e-12)
    absent = np.array([0, n - 1, -1, 1])
    got = units.forward(new, Query(absent=absent))
    for x, i, scores in zip(new, absent, got, strict=True):
        among = np.vstack([rows, x])
        if i >= 0:
            among = rows.copy()
            among[i] = x
        place = i if i >= 0 else n
        np.testing.assert_allclose(scores, by_ranks(among, place, mean), rtol=1e-12)


@pytest.mark.parametrize("n", [2, 3, 6, 7])
def test_references_are_medians_of_those_that_are_there(n):
    rows = np.random.default_rng(n).integers(0, 4, size=(n, 2)).astype(float)
    network = Network(TailScores(rows), Sum(), Rule())
    query = Query(absent=np.append(np.arange(n), -1))
    got = network.propagate(np.vstack([rows, rows[:1]]), query).reference
    expected = [np.median(np.delete(rows, i, axis=0), axis=0) for i in range(n)]
    np.testing.assert_array_equal(got, [*expected, np.median(rows, axis=0)])


def test_far_rows_have_the_tail_of_all():
    units = TailScores(np.random.default_rng(0).exponential(size=(9, 2)), mean=True)
    got = units.forward(np.array([[1e140, -1e140], [1e5, -1e5]]), Query())
    np.testing.assert_array_equal(got[0], got[1])
    np.testing.assert_allclose(got, np.log(10))


def test_rows_must_be_finite():
    with pytest.raises(ValueError, match="rows must be finite, got inf"):
        TailScores([[1.0], [np.inf]])
