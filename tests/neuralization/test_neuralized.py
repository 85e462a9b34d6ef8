# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks with their model: names, labels, questions and options."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.neighbors import KernelDensity

from skneon import NeonKDE, NeonKMeans, explain, neuralize

X = load_iris().data
KMEANS = KMeans(4, random_state=0, n_init=1).fit(X)


def test_feature_names_and_labels_come_from_the_frame():
    frame = pd.DataFrame(X, columns=list("abcd"), index=np.arange(150) + 1000)
    for model in (KMeans(3, random_state=0), KernelDensity()):
        explanation = explain(model.fit(frame), frame[:7])
        assert explanation.feature_names == tuple("abcd")
        np.testing.assert_array_equal(explanation.index, frame.index[:7])


def test_questions_and_options_that_a_model_does_not_take():
    kde, kmeans = NeonKDE().fit(X), NeonKMeans(2, random_state=0).fit(X)
    density, plain = KernelDensity().fit(X), KMeans(2, random_state=0).fit(X)
    for model in (kde, density):
        with pytest.raises(TypeError, match="it takes no cluster"):
            explain(model, X, cluster=1)
    with pytest.raises(TypeError, match="takes no n_subsets; it takes"):
        explain(density, X, n_subsets=9)
    with pytest.raises(TypeError, match="takes no X_train"):
        explain(kmeans, X, X_train=X)
    message = "KMeans takes no bogus; its rows can be asked cluster, rival.$"
    with pytest.raises(TypeError, match=message):
        neuralize(plain).explain(X, bogus=1)


def test_numbers_in_arrays_of_objects():
    rows = np.array([3, -1, 0], dtype=object)
    for model, asked in ((NeonKDE().fit(X), "leave_out"), (KMEANS, "cluster")):
        numbers = np.abs(rows) if asked == "cluster" else rows
        got = explain(model, X[:3], **{asked: numbers})
        same = explain(model, X[:3], **{asked: numbers.astype(int)})
        np.testing.assert_array_equal(got.relevance, same.relevance)
        with pytest.raises(ValueError, match=f"{asked} must be "):
            explain(model, X[:3], **{asked: np.array([0, 1, "2"], dtype=object)})


def test_training_rows_of_kmeans_keep_their_labels():
    frame = pd.DataFrame(X, columns=list("abcd"), index=np.arange(150) + 7)
    kmeans = KMeans(2, random_state=0).fit(frame)
    np.testing.assert_array_equal(explain(kmeans, X_train=frame).index, frame.index)
