# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Warnings show the line that called the package, from wherever they come."""

import numpy as np
import pytest
from sklearn.cluster import SpectralClustering
from sklearn.ensemble import IsolationForest
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, explain, neuralize
from skneon._warn import warn_user

X = np.random.default_rng(0).normal(size=(40, 3))


def flat():
    model = SpectralClustering(2, gamma=0.03, random_state=0).fit(X)
    explain(model, X[:3] + 0.1, X_train=X)


def flat_network():
    model = SpectralClustering(2, gamma=0.03, random_state=0).fit(X)
    neuralize(model, X_train=X).forward(X[:3] + 0.1)


def mixture_of_whole_numbers():
    explain(GaussianMixture().fit(X), np.round(5 * X).astype(int))


def own_rows():
    NeonKDE(gamma=20.0).fit(X).explain(X)


def own_rows_of_a_pipeline():
    model = make_pipeline(StandardScaler(), KernelDensity(bandwidth=0.1)).fit(X)
    explain(model, X)


def beyond_reach():
    forest = IsolationForest(n_estimators=5, random_state=0).fit(X)
    explain(forest, X_train=X).flagged()


@pytest.mark.parametrize(
    "call",
    [
        flat,
        flat_network,
        mixture_of_whole_numbers,
        own_rows,
        own_rows_of_a_pipeline,
        beyond_reach,
    ],
)
def test_the_line_of_the_caller_is_shown(call):
    with pytest.warns(UserWarning) as found:
        call()
    assert {warning.filename for warning in found} == {__file__}


def test_category():
    with pytest.warns(FutureWarning, match="^soon$") as found:
        warn_user("soon", FutureWarning)
    assert found[0].filename == __file__
