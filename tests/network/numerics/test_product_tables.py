# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables of the Shapley values of products, beside their definition."""

import numpy as np
import pytest
from helpers.gaussians import shapley

from skneon.network.numerics._product_tables import (
    background_shapley_table,
    bits_of,
    product_shapley_table,
)


@pytest.mark.parametrize("m", range(1, 7))
def test_products_of_bits(m):
    rng = np.random.default_rng(m)
    # factors may be above 1, and 0
    q = rng.uniform(0, 2, size=(2, m)) * (rng.random((2, m)) < 0.8)
    table = product_shapley_table(q)
    assert table.shape == (2, 2**m, m)
    for k, pattern in ((0, 0), (1, 2**m - 1), (1, 2**m // 3)):
        z = (pattern >> np.arange(m)) & 1

        def value(S, z=z, k=k):
            return np.prod(np.where(np.isin(np.arange(m), S), z, q[k]))

        np.testing.assert_allclose(table[k, pattern], shapley(value, m), atol=1e-13)


@pytest.mark.parametrize("m", range(1, 6))
def test_products_beside_background_rows(m):
    rng = np.random.default_rng(m)
    P = rng.dirichlet(np.ones(2**m), size=2)
    table, bits = background_shapley_table(P), bits_of(m)
    for k, pattern in ((0, 0), (0, 2**m - 1), (1, 2**m // 2)):

        def value(S, k=k, pattern=pattern):
            known = np.isin(np.arange(m), S)
            return P[k] @ np.where(known, bits[pattern], bits).prod(axis=1)

        np.testing.assert_allclose(table[k, pattern], shapley(value, m), atol=1e-13)
