# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The HDBSCAN of the package hdbscan, by its labels and rows alone."""

import numpy as np
import pandas as pd
import pytest
from helpers.checks import REAL, assert_same, check_mechanics, refit_to_less
from sklearn.cluster import HDBSCAN
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import explain, neuralize

hdbscan = pytest.importorskip("hdbscan", reason="needs the extra: skneon[hdbscan]")
# rows meet themselves among the training rows on purpose; hdbscan's own
pytestmark = [
    pytest.mark.filterwarnings("ignore::skneon.InSampleWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
IRIS = REAL["iris"]


def fitted(X=IRIS, **parameters):
    return hdbscan.HDBSCAN(**{"min_cluster_size": 10, **parameters}).fit(X)


def test_it_is_that_of_scikit_learn_but_for_min_samples():
    for min_samples in (1, 4):
        exact = {"approx_min_span_tree": False, "min_samples": min_samples}
        ours = HDBSCAN(min_cluster_size=10, min_samples=min_samples + 1, copy=True)
        expected = explain(ours.fit(IRIS), X_train=IRIS)
        model = fitted(**exact)
        np.testing.assert_array_equal(model.labels_ < 0, np.asarray(ours.labels_) < 0)
        got = explain(model, X_train=IRIS)
        np.testing.assert_allclose(got.score, expected.score, atol=1e-12)
        np.testing.assert_allclose(got.relevance, expected.relevance, atol=1e-12)
        assert got.meta["beyond_level"] == 0


def test_labels_are_reproduced():
    wine = REAL["wine"]
    for parameters in (
        {},
        {"min_samples": 3},
        {"match_reference_implementation": True},
    ):
        model = fitted(wine, min_cluster_size=8, **parameters)
        assert (model.labels_ < 0).any() and model.labels_.max() > 0
        got = explain(model, X_train=wine, rule="proportional")
        np.testing.assert_array_equal(got.target, model.labels_)
        assert np.all(got.score >= -1e-12)


def test_names_columns_and_pipelines():
    frame = pd.DataFrame(IRIS, columns=list("abcd"))
    model = fitted(frame)
    got = explain(model, frame.iloc[:3], X_train=frame)
    assert got.feature_names == tuple("abcd")
    assert_same(got, explain(model, IRIS[:3], X_train=IRIS))
    with pytest.raises(
        ValueError, match="X has 3 features, but HDBSCAN is expecting 4"
    ):
        explain(model, IRIS[:3, :3], X_train=IRIS)
    pipeline = make_pipeline(StandardScaler(), fitted()).fit(IRIS)
    through = explain(pipeline, X_train=IRIS)
    np.testing.assert_array_equal(through.target, pipeline[-1].labels_)
    check_mechanics(model, IRIS[::9], refit_to_less, X_train=IRIS)


def test_refusals():
    with pytest.raises(NotFittedError):
        neuralize(hdbscan.HDBSCAN(), X_train=IRIS)
    with pytest.raises(ValueError, match="HDBSCAN does not keep the rows of its fit"):
        explain(fitted(), IRIS)
    with pytest.raises(ValueError, match="row 0 is nearer to other rows than to"):
        neuralize(fitted(), X_train=np.roll(IRIS, 37, axis=0))
    with pytest.raises(ValueError, match=r"alpha=0\.5"):
        neuralize(fitted(alpha=0.5), X_train=IRIS)
