# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rows by their reasons."""

import numpy as np
import pytest
from helpers import pictures
from hypothesis import given
from hypothesis import strategies as st

from skneon.explanation._reason_groups import fewer

KEYS = st.lists(st.sets(st.integers(0, 5), max_size=2).map(sorted).map(tuple))


@given(KEYS, st.integers(1, 5))
def test_no_more_groups_than_asked_for(keys, n_groups):
    joined = fewer(keys, n_groups)
    assert len(set(joined)) <= n_groups or len(set(joined) - {()}) < n_groups
    # a row stays with some of its own columns, or is without a common reason
    assert all(set(new) <= set(old) for new, old in zip(joined, keys, strict=True))


def test_rows_that_were_made_alike_are_a_group():
    relevance = np.random.default_rng(0).uniform(0, 1, size=(300, 5))
    relevance[:20, 1] += 9
    relevance[20:30, [2, 3]] += 3
    names = [f"x{i}" for i in range(5)]
    fields = {"relevance": relevance, "score": relevance.sum(axis=1)}
    reasons = pictures.explanation(300, 5, names, **fields)
    groups = reasons.groups(rows=0.1)
    assert groups[0].features == ("x1",) and set(groups[0].rows) == set(range(20))
    assert groups[1].features == ("x2", "x3")
    assert set(groups[1].rows) == set(range(20, 30))
    assert groups[0].part == pytest.approx(20 / 30)
    assert groups[0].score == np.median(reasons.score[groups[0].rows])
    assert np.all(np.diff(reasons.score[groups[0].rows]) <= 0)


def test_every_chosen_row_is_in_one_group():
    reasons = pictures.explanation()
    groups = reasons.groups(rows=1.0, n_groups=4)
    assert sorted(row for g in groups for row in g.rows) == list(range(40))
    assert sum(group.part for group in groups) == pytest.approx(1)
    for name in ("k", "n_groups"):
        with pytest.raises(ValueError, match=f"{name} must be at least 1"):
            reasons.groups(**{name: 0})
