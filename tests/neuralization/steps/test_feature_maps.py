# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Steps whose outputs each depend on all columns."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomTreesEmbedding
from sklearn.kernel_approximation import (
    AdditiveChi2Sampler,
    Nystroem,
    PolynomialCountSketch,
    RBFSampler,
    SkewedChi2Sampler,
)
from sklearn.linear_model import SGDOneClassSVM
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import explain
from skneon.neuralization.steps._feature_maps import KernelExpansion

X = np.random.default_rng(0).uniform(1, 2, size=(40, 3))
MAP, MODEL = Nystroem(n_components=9, random_state=0), SGDOneClassSVM(random_state=0)
PLAIN = make_pipeline(StandardScaler(), MAP, MODEL).fit(X)


@pytest.mark.parametrize(
    "pipe",
    [
        make_pipeline(make_pipeline(StandardScaler(), MAP), MODEL),
        make_pipeline(StandardScaler(), make_pipeline(MAP, "passthrough"), MODEL),
        make_pipeline(StandardScaler(), make_pipeline(MAP, MODEL)),
        Pipeline([("a", StandardScaler()), ("b", MAP), ("c", None), ("d", MODEL)]),
    ],
    ids=["both in one", "map in one", "model in one", "nothing between"],
)
def test_pipelines_within_pipelines(pipe):
    found = explain(pipe.fit(X), X)
    np.testing.assert_array_equal(found.relevance, explain(PLAIN, X).relevance)


def test_an_expansion_is_an_estimator():
    own = KernelExpansion(MAP, MODEL).fit(X)
    pipe = make_pipeline(MAP, MODEL).fit(X)
    np.testing.assert_array_equal(explain(own, X).score, explain(pipe, X).score)


@pytest.mark.parametrize("step", [Nystroem(n_components=5), RBFSampler()], ids=str)
def test_elsewhere_than_in_front_of_a_linear_model(step):
    for tail in ([KMeans(2, n_init=1)], [StandardScaler(), MODEL]):
        pipe = make_pipeline(step, *tail).fit(X)
        with pytest.raises(TypeError, match="directly in front of an SGDOneClassSVM"):
            explain(pipe, X)


@pytest.mark.parametrize(
    "step", [AdditiveChi2Sampler(), SkewedChi2Sampler(), PolynomialCountSketch()]
)
def test_features_of_other_kernels(step):
    pipe = make_pipeline(step, MODEL).fit(X)
    with pytest.raises(TypeError, match=r"take Nystroem\(kernel=\"rbf\"\) or RBFSamp"):
        explain(pipe, X)


def test_leaves():
    pipe = make_pipeline(RandomTreesEmbedding(3), KMeans(2, n_init=1)).fit(X)
    with pytest.raises(TypeError, match="for outliers take an IsolationForest"):
        explain(pipe, X)
    with pytest.raises(TypeError, match="for outliers take an IsolationForest"):
        explain(pipe[0], X)
