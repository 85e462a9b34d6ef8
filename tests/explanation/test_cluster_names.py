# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Names of clusters, and what stands for no cluster."""

import numpy as np
from sklearn.cluster import DBSCAN
from sklearn.datasets import load_iris
from sklearn.neighbors import NearestCentroid

from skneon import explain
from skneon.explanation._cluster_names import (
    cluster_name,
    is_none,
    noise_last,
    noise_of,
)

X = load_iris().data


def test_noise_is_that_of_clusterings_by_density_alone():
    noise = explain(DBSCAN(eps=0.5).fit(X), X_train=X)
    assert noise_of(noise.meta) == -1
    assert noise.profile().index.unique(0).tolist() == [0, 1, -1]
    # a class may be called so
    labels = np.where(np.arange(150) < 50, -1, 1)
    classes = explain(NearestCentroid().fit(X, labels), X)
    assert noise_of(classes.meta) is None
    assert classes.profile().index.unique(0).tolist() == [-1, 1]


def test_names():
    assert [cluster_name(c, -1) for c in (0, -1, None)] == ["0", "none", ""]
    assert cluster_name(-1) == "-1" and cluster_name("a\nb") == "a b"
    assert noise_last([-1, 0, 1], -1) == [0, 1, -1]
    assert noise_last([-1, 0, 1], None) == [-1, 0, 1]
    assert is_none(-1, -1) and not is_none(-1, None) and not is_none("x", -1)
