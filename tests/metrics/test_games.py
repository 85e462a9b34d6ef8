# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Relevances that metrics take."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, load_wine
from sklearn.preprocessing import scale

from skneon import NeonKDE, NeonKMeans
from skneon.metrics import (
    flipping_score,
)

IRIS, WINE = scale(load_iris().data), scale(load_wine().data[:, :9])


def test_relevance_must_fit_the_rows():
    kde = NeonKDE().fit(IRIS)
    with pytest.raises(ValueError, match=r"shape \(150, 3\), the rows \(150, 4\)"):
        flipping_score(kde, relevance=IRIS[:, :3])
    with pytest.raises(ValueError, match="NaN"):
        flipping_score(kde, relevance=np.full((150, 4), np.nan))


def test_relevance_must_be_of_the_same_rows_target_and_columns():
    frame = load_iris(as_frame=True).data
    kde = NeonKDE().fit(frame)
    explanation = kde.explain(frame)
    expected = flipping_score(kde, frame)
    assert flipping_score(kde, frame, explanation) == expected
    assert flipping_score(kde, frame, explanation.to_frame()[frame.columns]) == expected
    with pytest.raises(ValueError, match="put them in the same order"):
        flipping_score(kde, frame, explanation.to_frame()[frame.columns[::-1]])
    with pytest.raises(ValueError, match="of other rows"):
        flipping_score(kde, frame[::-1], explanation)
    with pytest.raises(ValueError, match="of another target"):
        flipping_score(kde, frame, kde.explain(frame, target="inlier"))
    kmeans = NeonKMeans(3, random_state=0).fit(frame)
    with pytest.raises(ValueError, match="of another target"):
        flipping_score(kmeans, frame, kmeans.explain(frame), cluster=1)
