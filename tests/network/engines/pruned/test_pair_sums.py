# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Sums over the pairs that are kept, against products of matrices."""

from unittest import mock

import numpy as np
from helpers.pruned import HUGE, TREES, problems
from hypothesis import given
from hypothesis import strategies as st

from skneon.network.engines.pruned import _pruned


@given(problems(), st.sampled_from(TREES))
def test_sums_of_pairs_and_products_of_matrices_agree(problem, tree):
    got = []
    for many in (0, HUGE):
        with mock.patch.object(_pruned, "MANY_PAIRS", many):
            got.append(problem.network(tree).explain(problem.X))
    products, pairs = got
    lost = 1e-13 / problem.gamma
    error = np.abs(products.score - pairs.score)
    assert np.all(error <= 1e-9 * pairs.score + lost)
    error = np.abs(products.relevance - pairs.relevance).sum(axis=1)
    assert np.all(error <= problem.rounding * pairs.score + lost)
    problem.assert_references_agree(products, pairs, problem.rounding)
