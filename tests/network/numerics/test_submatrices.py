# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Inverses of principal submatrices, and packed quadratic forms."""

import numpy as np
import pytest
from helpers import gaussians
from hypothesis import given

from skneon.network.numerics._players import players_of
from skneon.network.numerics._submatrices import (
    blocks_of,
    by_size,
    coalition_members,
    eigenvalue_cutoff,
    half_log_determinants,
    inverses,
    is_regular,
    packed,
    products,
)


def pseudo_inverse(C):
    """The inverse on the support: eigenvalues that rounding alone can make are zero."""
    return np.linalg.pinv(C, rcond=1e-12, hermitian=True)


@given(gaussians.seeds)
def test_packed_forms_are_quadratic_forms(seed):
    rng = np.random.default_rng(seed)
    M = rng.normal(size=(3, 2, 2))
    M += np.swapaxes(M, 1, 2)
    columns = np.array([[0, 1], [0, 3], [2, 3]])
    Z = rng.normal(size=(5, 4))
    got = packed(M, columns, 4) @ products(Z)
    for own, matrix, row in zip(columns, M, got, strict=True):
        expected = np.einsum("ni,ij,nj->n", Z[:, own], matrix, Z[:, own])
        np.testing.assert_allclose(row, expected, atol=1e-12)


@pytest.mark.parametrize("groups", [None, [2, 0, 2, 1]])
def test_coalitions_hold_the_columns_of_their_players(groups):
    players = players_of(groups, 4)
    seen = {}
    for numbers, columns in by_size(coalition_members(players)):
        seen.update(
            {int(n): own.tolist() for n, own in zip(numbers, columns, strict=True)}
        )
    assert len(seen) == 2 ** len(players) - 1
    for number, own in seen.items():
        members = [p for i, p in enumerate(players) if number >> i & 1]
        assert own == sorted(np.concatenate(members).tolist())


def test_inverses_do_not_depend_on_units():
    C = gaussians.covariance_of(np.random.default_rng(0), 4)
    scale = np.array([1e-9, 1.0, 1e9, 1e3])
    outer = np.outer(scale, scale)
    np.testing.assert_allclose(inverses(C * outer) * outer, inverses(C), rtol=1e-9)
    half = half_log_determinants(C * outer) - np.log(scale).sum()
    np.testing.assert_allclose(half, np.log(np.linalg.det(C)) / 2)


def test_inverses_beyond_the_largest_float_are_refused():
    with pytest.raises(ValueError, match=r"as small as 1e-310.* by a constant"):
        inverses(np.diag([1.0, 1e-310]))


@given(gaussians.seeds)
def test_singular_matrices_have_the_pseudo_inverse(seed):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(5, 3))
    C = A @ A.T
    assert not is_regular(C)
    np.testing.assert_allclose(
        inverses(C, eigenvalue_cutoff(C)), pseudo_inverse(C), rtol=1e-6, atol=1e-9
    )


def test_submatrices_of_regular_matrices_are_regular():
    C = gaussians.covariance_of(np.random.default_rng(1), 5)
    assert is_regular(C)
    cutoff = eigenvalue_cutoff(C)
    for _, columns in by_size(coalition_members(players_of(None, 5))):
        assert (np.linalg.eigvalsh(blocks_of(C, columns)) > cutoff).all()
    assert not is_regular(np.zeros((2, 2)))
