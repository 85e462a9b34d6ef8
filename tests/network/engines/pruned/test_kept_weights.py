# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Weights of some points, of which the others are remembered by their sum."""

import numpy as np
import pytest
from helpers.strategies import seeds
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import Query, SupportWeights
from skneon.network.engines.pruned._kept_weights import (
    KeptWeights,
    missing_mass,
    present,
)


@given(seeds, st.integers(2, 30), st.booleans())
def test_what_is_missing_is_the_weight_of_the_others(seed, N, left_out):
    rng = np.random.default_rng(seed)
    pi = 10 ** rng.uniform(-6, 0, size=N)
    pi /= pi.sum()
    k = rng.permutation(N)[: rng.integers(1, N + 1)]
    query = Query(absent=rng.integers(-1, N, size=8)) if left_out else Query()
    kept = KeptWeights(SupportWeights(pi, offset=3.0), k, query)
    np.testing.assert_array_equal(kept.weights, pi[k])
    assert kept.offset(Query()) == 3.0
    absent = query.absent if left_out else np.array([-1])
    total, missing = np.broadcast_arrays(
        kept.total(Query()), kept.missing, np.empty(len(absent))
    )[:2]
    for n, out in enumerate(absent):
        counts = np.arange(N) != out
        others = counts & ~np.isin(np.arange(N), k)
        np.testing.assert_allclose(total[n], pi[counts].sum(), rtol=1e-12)
        np.testing.assert_allclose(missing[n], pi[others].sum(), atol=1e-15)
        # exactly nothing where nothing is
        assert others.any() or missing[n] == 0


@given(seeds, st.integers(2, 30))
def test_the_query_in_terms_of_those_that_are_kept(seed, N):
    rng = np.random.default_rng(seed)
    k = rng.permutation(N)[: rng.integers(1, N + 1)]
    absent = rng.integers(-1, N, size=8)
    weights = SupportWeights(np.full(N, 1 / N))
    kept = KeptWeights(weights, k, Query(absent=absent))
    for out, place in zip(absent, kept.query.absent, strict=True):
        if out in k:
            assert k[place] == out
        else:
            assert place == -1
    # and those are absent by it
    H = kept.present(np.zeros((8, len(k))), kept.query)
    np.testing.assert_array_equal(np.isinf(H), absent[:, None] == k)
    assert KeptWeights(weights, k, Query()).query.absent is None


def test_rounding_is_no_missing_mass():
    assert missing_mass(1.0, 1.0 - 1e-16, True) == 0
    assert missing_mass(0.3, 0.1 + 0.2, False) == 0
    np.testing.assert_allclose(missing_mass(1.0, 0.995, False), 0.005)
    got = missing_mass(np.ones(2), np.full(2, 0.5), np.array([True, False]))
    np.testing.assert_array_equal(got, [0, 0.5])


@pytest.mark.parametrize("absent", [None, np.array([-1, 0, 4])])
def test_how_many_points_there_are(absent):
    got = present(SupportWeights(np.full(5, 0.2)), Query(absent=absent))
    np.testing.assert_array_equal(got, 5 if absent is None else [5, 4, 4])
