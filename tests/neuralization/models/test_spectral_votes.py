# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Votes of the rows of an affinity: the embedding, by its definition."""

import numpy as np
import pytest
from helpers.strategies import seeds
from hypothesis import given, settings
from scipy.linalg import eig, eigh
from scipy.sparse import csr_matrix
from sklearn.metrics.pairwise import rbf_kernel

from skneon.neuralization.models import _spectral_votes
from skneon.neuralization.models._spectral_votes import votes_of

GENERATOR = np.random.default_rng(0)
MEMBERS = np.arange(30) % 3


def embedded(W, k):
    """The leading eigenvectors of the random walk, as scikit-learn scales them."""
    values, vectors = eig(W / W.sum(axis=1, keepdims=True))
    order = np.argsort(-values.real)[:k]
    Y = vectors.real[:, order]
    # scikit-learn's have the length 1 where entries are weighed by the degrees
    return values.real[order], Y / np.sqrt(W.sum(axis=1) @ Y**2)


@settings(max_examples=20)
@given(seeds)
def test_votes_are_distances_in_the_embedding(seed):
    rng = np.random.default_rng(seed)
    W = rbf_kernel(rng.normal(size=(30, 3)), gamma=rng.uniform(0.2, 2.0))
    without = W - np.diag(np.diag(W))
    values, Y = embedded(without, 3)
    found = votes_of(W, MEMBERS, 3)
    assert found.least_eigenvalue == pytest.approx(values[-1], abs=1e-10)
    # each row by the others, which gives its own place
    walk = without / without.sum(axis=1, keepdims=True)
    means = np.stack([Y[MEMBERS == k].mean(axis=0) for k in range(3)])
    expected = (
        np.square(Y[:, None] - means).sum(axis=2) - np.square(Y).sum(axis=1)[:, None]
    )
    np.testing.assert_allclose(walk @ found.values, expected, 0, 1e-8)


def test_many_rows_by_iteration(monkeypatch):
    W = rbf_kernel(GENERATOR.normal(size=(30, 2)), gamma=2.0)
    expected = votes_of(W, MEMBERS, 3)
    monkeypatch.setattr(_spectral_votes, "DENSE", 10)
    for form in (np.asarray, csr_matrix):
        found = votes_of(form(W), MEMBERS, 3)
        np.testing.assert_allclose(found.values, expected.values, 1e-8, 1e-12)


def test_as_many_components_as_rows():
    W = rbf_kernel(GENERATOR.normal(size=(5, 2)))
    assert votes_of(W, np.arange(5), 8).values.shape == (5, 5)


def test_eigenvectors_that_a_subset_leaves_out(monkeypatch):
    """LAPACK may leave out some of nearly equal eigenvalues of a subset."""
    W = rbf_kernel(GENERATOR.normal(size=(30, 2)))
    expected = votes_of(W, np.arange(30) % 3, 3)
    calls = []

    def short(S, subset_by_index=None):
        calls.append(subset_by_index)
        values, vectors = eigh(S, subset_by_index=subset_by_index)
        if subset_by_index is None:
            return values, vectors
        return values[1:], vectors[:, 1:]

    monkeypatch.setattr(_spectral_votes, "eigh", short)
    found = votes_of(W, np.arange(30) % 3, 3)
    assert calls == [(26, 29), None]
    np.testing.assert_allclose(found.values, expected.values, 1e-10, 1e-13)


def test_what_is_not_unique_is_refused():
    blocks = np.kron(np.eye(3), np.ones((10, 10)))
    with pytest.raises(ValueError, match=r"nearly unconnected.*StandardScaler"):
        votes_of(blocks, MEMBERS, 2)
    with pytest.raises(ValueError, match=r"equally alike.*larger gamma"):
        votes_of(np.ones((30, 30)), MEMBERS, 2)
    alone = blocks.copy()
    alone[3] = alone[:, 3] = 0.0
    with pytest.raises(ValueError, match="Row 3 is nearly unconnected"):
        votes_of(alone, MEMBERS, 3)


@pytest.mark.parametrize("form", [np.asarray, csr_matrix])
@pytest.mark.parametrize("more", [0, 1])
def test_eigenvalues_of_zero_are_named(form, more):
    """Of two rows with the same neighbours, that are not connected with each other."""
    points = np.array([0.0, 0.0, 0.4, 0.5, 3.0, 3.7])
    W = np.exp(-np.abs(points[:, None] - points))
    W[[0, 1], [1, 0]] = 0
    without = W - np.diag(np.diag(W))
    values, _ = embedded(without, 6)
    k = int(np.argmin(np.abs(values))) + 1
    assert values[k - 1] < values[k - 2] - 0.05 and values[k] < values[k - 1] - 0.05
    members = np.array([0, 0, 0, 0, 1, 1])
    votes_of(form(W), members, k - 1)
    with pytest.raises(ValueError, match=f"Eigenvalue {k} of the {k + more} .*fewer"):
        votes_of(form(W), members, k + more)
