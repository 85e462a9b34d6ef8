# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Metrics of pipelines answer by raw columns."""

import numpy as np
import pandas as pd
import pytest
from helpers.pipelines import (
    MODELS,
    all_kinds,
    assert_permuted,
    assert_same_cells,
    mixed_frame,
)
from sklearn.cluster import KMeans
from sklearn.pipeline import make_pipeline

from skneon import NeonKDE, explain
from skneon.metrics import (
    conservation_error,
    exact_shapley,
    flipping_curve,
    flipping_score,
    insertion_score,
    relevance_distance,
)
from skneon.metrics._scorers import shapley_scorer

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")


@pytest.mark.parametrize("name", ["kde", "kmeans", "mixture outlier"])
@pytest.mark.parametrize("linear", [True, False], ids=["pca", "columns"])
def test_metrics_answer_by_raw_columns(name, linear):
    frame = mixed_frame(30)
    make, options = MODELS[name]
    pipeline = make_pipeline(all_kinds(linear), make()).fit(frame)
    asked = {k: v for k, v in options.items() if k == "target"}
    own = explain(pipeline, frame, **asked)
    exact = exact_shapley(pipeline, frame, **asked)
    assert exact.feature_names == tuple(frame.columns)
    assert_same_cells(exact.data, frame)
    # the offset of a mixture is no column's
    offset = own.residual if name == "mixture outlier" else 0
    np.testing.assert_allclose(
        exact.relevance.sum(axis=1), own.score - offset, atol=1e-8
    )
    curve = flipping_curve(pipeline, frame, **asked)
    assert curve.shape == (30, 6)
    np.testing.assert_allclose(curve[:, 0], own.score - offset, atol=1e-8)
    assert not curve[:, -1].any()
    assert np.isfinite(flipping_score(pipeline, frame, **asked))
    error = conservation_error(pipeline, frame, **asked)
    assert error < 1e-9
    distance = relevance_distance(own, exact)
    assert distance < 0.5
    assert shapley_scorer(pipeline, frame, **asked) == pytest.approx(-distance)


def test_metrics_take_explanations_of_frames_in_any_order():
    frame = mixed_frame(30)
    pipeline = make_pipeline(all_kinds(), NeonKDE(gamma=0.5)).fit(frame)
    names = ["grade", "debt", "age", "city", "income"]
    other = frame[names]
    expected = exact_shapley(pipeline, frame)
    got = exact_shapley(pipeline, other)
    assert got.feature_names == tuple(names)
    assert_permuted(got, expected)
    own = explain(pipeline, other)
    by_name = relevance_distance(own, got)
    assert by_name == pytest.approx(
        relevance_distance(explain(pipeline, frame), expected)
    )
    curve = flipping_curve(pipeline, frame)
    for relevance in (
        None,
        own,
        own.relevance,
        pd.DataFrame(own.relevance, columns=names),
    ):
        again = flipping_curve(pipeline, other, relevance)
        np.testing.assert_allclose(again, curve, atol=1e-9)
    with pytest.raises(ValueError, match="is of other rows"):
        flipping_curve(pipeline, frame, own)
    with pytest.raises(ValueError, match="put them in the same order"):
        flipping_curve(pipeline, frame, pd.DataFrame(own.relevance, columns=names))


def test_insertion_moves_whole_columns():
    frame = mixed_frame(30)
    prep = all_kinds(linear=False)
    pipeline = make_pipeline(prep, KMeans(2, n_init=1, random_state=0)).fit(frame)
    good = insertion_score(pipeline, frame, n_trials=20)
    bad = insertion_score(
        pipeline, frame, -explain(pipeline, frame).relevance, n_trials=20
    )
    assert 0 < bad < good <= 1
