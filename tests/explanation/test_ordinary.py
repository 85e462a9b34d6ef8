# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What ordinary rows are like."""

import copy
import pickle

import numpy as np
import pytest

from skneon.explanation._ordinary import Ordinary

RNG = np.random.default_rng(0)
DATA, RELEVANCE = RNG.normal(size=(9, 3)), RNG.normal(size=(9, 3))


def test_of_arrays():
    ordinary = Ordinary.of_arrays(DATA, RELEVANCE)
    np.testing.assert_array_equal(ordinary.typical, np.median(DATA, axis=0))
    np.testing.assert_array_equal(ordinary.relevance, np.median(RELEVANCE, axis=0))
    with pytest.raises(ValueError, match="read-only"):
        ordinary.typical[0] = 0


def test_columns_in_another_order():
    got = Ordinary.of_arrays(DATA, RELEVANCE).taken([2, 0, 1])
    expected = Ordinary.of_arrays(DATA[:, [2, 0, 1]], RELEVANCE[:, [2, 0, 1]])
    for name in ("typical", "relevance"):
        np.testing.assert_array_equal(getattr(got, name), getattr(expected, name))
    values = DATA[:2] + 0.1
    np.testing.assert_array_equal(got.standing(values), expected.standing(values))


def test_groups_have_the_medians_of_sums():
    grouped = Ordinary.of_arrays(DATA, RELEVANCE).grouped([[0, 2], [1]])
    sums = RELEVANCE[:, [0, 2]].sum(axis=1)
    assert grouped.relevance[0] == pytest.approx(np.median(sums))
    assert np.isnan(grouped.typical[0]) and grouped.typical[1] == np.median(DATA[:, 1])


def refuse():
    raise ValueError("only once")


def test_what_is_known_without_the_rows():
    ordinary = Ordinary.of_columns(9, 3, lambda i: DATA[:, i], refuse)
    known = pickle.loads(pickle.dumps(ordinary.known()))
    assert known.why == "only once"
    with pytest.raises(ValueError, match="only once"):
        _ = known.relevance
    np.testing.assert_array_equal(known.typical, ordinary.typical)
    assert np.isnan(known.standing(DATA)).all()
    assert copy.deepcopy(known).n_rows == 9


def test_shown_in_other_cells():
    shown = Ordinary.of_arrays(DATA, RELEVANCE).shown(lambda cells: cells.astype(str))
    assert [float(text) for text in shown.typical] == np.median(DATA, axis=0).tolist()
