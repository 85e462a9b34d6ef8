# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks with their model: names, labels, questions and options."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.neighbors import KernelDensity

from skneon import NeonKDE, NeonKMeans, explain

X = load_iris().data


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
    for model, option in [
        (kmeans, "target"),
        (plain, "target"),
        (density, "n_subsets"),
    ]:
        with pytest.raises(TypeError, match=f"takes no {option}; it takes"):
            explain(model, X, **{option: "outlier"})
    with pytest.raises(TypeError, match="takes no X_train"):
        explain(kmeans, X, X_train=X)


def test_training_rows_of_kmeans_keep_their_labels():
    frame = pd.DataFrame(X, columns=list("abcd"), index=np.arange(150) + 7)
    kmeans = KMeans(2, random_state=0).fit(frame)
    np.testing.assert_array_equal(explain(kmeans, X_train=frame).index, frame.index)
