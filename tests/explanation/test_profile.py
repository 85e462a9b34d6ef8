# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Profiles of clusters: means over the rows that are explained for each."""

import numpy as np
import pytest
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.datasets import load_iris
from sklearn.neighbors import NearestCentroid

from skneon import NeonKDE, explain

IRIS = load_iris(as_frame=True)
NAMES = list(IRIS.data.columns)


def of_kmeans():
    return explain(KMeans(3, random_state=0, n_init=1).fit(IRIS.data), IRIS.data)


def of_linkage():
    model = AgglomerativeClustering(3, linkage="average").fit(IRIS.data)
    return explain(model, X_train=IRIS.data)


def of_names():
    names = IRIS.target_names[IRIS.target]
    return explain(NearestCentroid().fit(IRIS.data, names), IRIS.data)


@pytest.mark.parametrize("make", [of_kmeans, of_linkage, of_names])
def test_means_and_spreads_over_the_rows_of_each_cluster(make):
    reasons = make()
    found = reasons.profile()
    assert len(found) == 3 * len(NAMES)
    for cluster in set(reasons.target.tolist()):
        own, rows = found.loc[cluster], reasons.target == cluster
        assert (own["rows"] == rows.sum()).all()
        rivals, counts = np.unique(reasons.rival[rows].astype(str), return_counts=True)
        assert counts[rivals.tolist().index(str(own["rival"].iloc[0]))] == counts.max()
        sizes = np.abs(reasons.relevance[rows])
        shares = reasons.relevance[rows] / sizes.sum(axis=1, keepdims=True)
        expected = {
            "relevance": reasons.relevance[rows].mean(axis=0),
            "share": shares.mean(axis=0),
            "spread": shares.std(axis=0),
        }
        for name, values in expected.items():
            np.testing.assert_allclose(own[name].loc[NAMES], values, atol=1e-12)
        assert np.all(np.diff(own["share"].abs()) <= 0)


def test_rows_without_a_rival_do_not_count():
    X = IRIS.data.iloc[:20]
    alone = explain(AgglomerativeClustering(1).fit(X), X_train=X).profile()
    assert (alone["rows"] == 0).all() and (alone["relevance"] == 0).all()
    assert alone["rival"].isna().all()


def test_what_has_no_clusters_or_no_rows():
    with pytest.raises(ValueError, match="no clusters, its target is 'outlier'"):
        NeonKDE().fit(IRIS.data).explain().profile()
    with pytest.raises(ValueError, match="no rows: explain at least one"):
        of_kmeans()[:0].profile()
