# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Samplers of imbalanced-learn in Pipelines: they do nothing after the fit."""

import numpy as np
import pandas as pd
import pytest
from helpers.laws import assert_close
from sklearn.cluster import KMeans
from sklearn.kernel_approximation import Nystroem
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, explain

imblearn = pytest.importorskip("imblearn", reason="the extra steps is not installed")
make_sampled = pytest.importorskip("imblearn.pipeline").make_pipeline
over_sampling = pytest.importorskip("imblearn.over_sampling")
under_sampling = pytest.importorskip("imblearn.under_sampling")

N = 120
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {"v": RNG.normal(size=N), "w": 1e3 + RNG.normal(size=N)},
    index=[f"row{i}" for i in range(N)],
)
LABELS = np.arange(N) % 3 == 0
SAMPLERS = {
    "function": imblearn.FunctionSampler(func=lambda X, y: (X[10:70], y[10:70])),
    "under": under_sampling.RandomUnderSampler(random_state=0),
    "over": over_sampling.RandomOverSampler(random_state=0),
}


@pytest.mark.parametrize("case", SAMPLERS)
def test_samplers_do_nothing_when_rows_are_explained(case):
    frame = FRAME
    sampler = SAMPLERS[case]
    kmeans = KMeans(3, n_init=1, random_state=0)
    model = make_sampled(StandardScaler(), sampler, kmeans).fit(frame, LABELS)
    plain = make_pipeline(model[0], model[-1])
    assert_close(explain(model, frame).relevance, explain(plain, frame).relevance)
    # the rows that it chose are left out of their own model
    model = make_sampled(StandardScaler(), sampler, NeonKDE()).fit(frame, LABELS)
    got, expected = explain(model, X_train=frame), explain(model[-1])
    assert_close(got.relevance, expected.relevance)
    np.testing.assert_array_equal(got.data, frame.loc[got.index])
    np.testing.assert_allclose(model[0].transform(frame.loc[got.index]), expected.data)
    if case != "over":
        assert len(set(got.index)) == len(got)


def test_samplers_that_make_rows():
    frame = FRAME
    model = make_sampled(
        StandardScaler(), over_sampling.SMOTE(random_state=0), NeonKDE()
    )
    model.fit(frame, LABELS)
    with pytest.raises(ValueError, match="Where step 'smote' makes rows, pass X"):
        explain(model, X_train=frame)
    assert len(explain(model, frame)) == N


def test_the_way_out_ends_in_front_of_the_sampler():
    steps = (StandardScaler(), Nystroem(n_components=4), SAMPLERS["function"])
    model = make_sampled(*steps, NeonKDE()).fit(FRAME, LABELS)
    with pytest.raises(TypeError, match=r"'nystroem'.*pipeline\[:-2\].transform"):
        explain(model, FRAME)
    assert len(explain(model[-1], model[:-2].transform(FRAME))) == N
