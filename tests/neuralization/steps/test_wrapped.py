# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Wrappers stand for what is inside, wherever they are."""

import numpy as np
import pytest
from helpers.laws import assert_close
from helpers.pipelines import numeric_rows
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import explain
from skneon.neuralization.steps._wrapped import unwrapped

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

X = numeric_rows(30, 3)
SCALER = StandardScaler().fit(X)
Z = SCALER.transform(X)
DENSITY = KernelDensity().fit(Z)
PLAIN = make_pipeline(SCALER, DENSITY)
FROZEN = FrozenEstimator(SCALER)
MODELS = {
    "step": make_pipeline(FROZEN, DENSITY),
    "last": make_pipeline(SCALER, FrozenEstimator(DENSITY)),
    "both, twice": make_pipeline(
        FrozenEstimator(FROZEN), FrozenEstimator(FrozenEstimator(DENSITY))
    ),
    "whole": FrozenEstimator(PLAIN),
    "pipeline as a step": make_pipeline(
        FrozenEstimator(make_pipeline(SCALER, "passthrough")), DENSITY
    ),
    "pipeline at the end": make_pipeline("passthrough", FrozenEstimator(PLAIN)),
    "branch": make_pipeline(make_column_transformer((FROZEN, [0, 1, 2])), DENSITY),
    "union": make_pipeline(FeatureUnion([("one", FROZEN)]), DENSITY),
    "search": make_pipeline(
        SCALER,
        GridSearchCV(
            make_pipeline("passthrough", FrozenEstimator(DENSITY)),
            {"passthrough": [None]},
        ),
    ),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_wrapped(model):
    # only what the Pipelines add is fitted: frozen models stay
    model.fit(X, None)
    expected = explain(PLAIN, X)
    got = explain(model, X)
    assert_close(got.relevance, expected.relevance)
    np.testing.assert_array_equal(got.data, expected.data)
    left_out = explain(model, X_train=X)
    assert_close(left_out.relevance, explain(PLAIN, X_train=X).relevance)


def test_frozen_models_alone():
    assert_close(
        explain(FrozenEstimator(DENSITY)).relevance, explain(DENSITY).relevance
    )
    pca = PCA(2).fit(X)
    frozen = explain(FrozenEstimator(pca), X, target="outlier")
    assert_close(frozen.relevance, explain(pca, X, target="outlier").relevance)


def test_what_keeps_no_model():
    with pytest.raises(TypeError, match=r"GridSearchCV\(refit=False\) keeps no fitted"):
        unwrapped(GridSearchCV(DENSITY, {"bandwidth": [1.0]}, refit=False).fit(X))
