# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What explanations say of covariances whose pseudo-inverse is taken."""

import numpy as np
import pytest
from helpers.checks import REAL
from sklearn.covariance import (
    EllipticEnvelope,
    EmpiricalCovariance,
    LedoitWolf,
    MinCovDet,
)
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import explain


def test_notes_say_what_a_singular_covariance_means():
    X = REAL["wine"]
    model = EmpiricalCovariance().fit(X[:6])
    broken = explain(model, X[11:12])
    assert broken.relevance.min() < 0
    assert "rank 5 for 13 columns" in broken.meta["note"]
    integrated = explain(model, X[11:12], rule="integrated")
    assert integrated.relevance.min() >= 0 and "note" not in integrated.meta
    assert "note" not in explain(LedoitWolf().fit(X[:6]), X[11:12]).meta


@pytest.mark.parametrize("rule", ["shapley", "integrated", "mean"])
def test_notes_say_which_columns_a_pseudo_inverse_leaves_out(rule):
    X = np.random.default_rng(0).normal(size=(50, 3)) * [1.0, 1e-5, 1e5]
    model = EmpiricalCovariance().fit(X)
    np.testing.assert_allclose(model.mahalanobis(X * [1, 0, 1]), model.mahalanobis(X))
    reasons = explain(model, X, rule=rule)
    assert "columns 1 (counted from 0)" in reasons.meta["note"]
    size = np.abs(reasons.relevance).sum(axis=1)
    assert np.all(np.abs(reasons.relevance[:, 1]) <= 1e-6 * size)
    scaled = explain(make_pipeline(StandardScaler(), model).fit(X), X, rule=rule)
    assert np.all(scaled.relevance[:, 1] != 0) and "note" not in scaled.meta
    constant = EmpiricalCovariance().fit(X * [1, 0, 0])
    assert "vary" not in explain(constant, X).meta.get("note", "")


Z = np.random.default_rng(0).normal(size=(200, 3))
NEAR = np.column_stack([Z, Z[:, 0] + 1e-6 * np.random.default_rng(1).normal(size=200)])


@pytest.mark.filterwarnings("ignore:The covariance matrix associated")
@pytest.mark.filterwarnings("ignore:Determinant has increased")
@pytest.mark.parametrize(
    ("model", "options"),
    [
        (EmpiricalCovariance(), {}),
        (MinCovDet(random_state=0), {}),
        (EllipticEnvelope(random_state=0), {}),
        (PCA(), {"target": "outlier"}),
        (FactorAnalysis(2), {"target": "outlier"}),
        (GaussianMixture(2, reg_covar=0, random_state=0), {}),
        (GaussianMixture(2, reg_covar=0, random_state=0), {"target": "outlier"}),
    ],
    ids=lambda it: type(it).__name__,
)
def test_notes_name_columns_that_nearly_follow_from_one_another(model, options):
    reasons = explain(model.fit(NEAR), NEAR[:5], **options)
    assert "columns 0, 3 (counted from 0) nearly follow from" in reasons.meta["note"]
    assert "e-1" in reasons.meta["note"]
    plain = explain(model.fit(Z), Z[:5], **options)
    assert "note" not in plain.meta


def test_notes_count_the_columns_of_the_table():
    permuted = NEAR[:, [1, 0, 2, 3]]
    model = make_pipeline(StandardScaler(), EmpiricalCovariance()).fit(permuted)
    assert "columns 1, 3 (counted" in explain(model, permuted[:2]).meta["note"]
    assert "note" not in explain(model.fit(permuted[:, :3]), permuted[:2, :3]).meta
