# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A warning where training rows meet themselves, and nowhere else."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.covariance import EmpiricalCovariance
from sklearn.datasets import load_breast_cancer
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import InSampleWarning, NeonKDE, explain
from skneon.neuralization._in_sample import own_numbers

CANCER = load_breast_cancer().data
X = np.random.default_rng(0).normal(size=(200, 5))


def stiff(rows):
    return make_pipeline(StandardScaler(), KernelDensity(bandwidth=0.5)).fit(rows)


def test_the_pipeline_that_hides_its_outliers():
    model = stiff(CANCER)
    with pytest.warns(InSampleWarning, match="X_train=X") as caught:
        explain(model, CANCER)
    assert caught[0].filename == __file__
    explain(model, X_train=CANCER)
    # a single row, and a frame
    with pytest.warns(InSampleWarning, match="leave_out="):
        explain(model, pd.DataFrame(CANCER[7:8]))
    explain(stiff(CANCER[::2]), CANCER[1::2])


def test_rows_that_were_rounded_to_float32():
    model = stiff(pd.DataFrame(CANCER))
    for rows in (CANCER.astype("f4"), pd.DataFrame(CANCER).astype({0: "f4"})):
        with pytest.warns(InSampleWarning):
            explain(model, rows[:40])
    explain(stiff(CANCER[::2]), CANCER[1::2].astype("f4"))


def test_figures_of_the_message():
    density = KernelDensity(bandwidth=0.3).fit(X[:10])
    with pytest.warns(InSampleWarning, match="X=None") as caught:
        inside = explain(density, X[:10]).score
    figures = f"is {np.median(inside):.3g}, and {np.median(explain(density).score):.3g}"
    assert figures in str(caught[0].message)


def test_estimators_and_neighbours_and_members():
    with pytest.warns(InSampleWarning) as caught:
        NeonKDE(gamma=5.0).fit(X).explain(X)
    assert caught[0].filename == __file__
    with pytest.warns(InSampleWarning):
        NeonKDE(gamma=5.0).fit(X.astype(np.float32)).explain(X, target="inlier")
    with pytest.warns(InSampleWarning):
        explain(NearestNeighbors().fit(X), X)
    with pytest.warns(InSampleWarning):
        members = np.arange(200) % 2
        explain(
            KernelDensity(bandwidth=0.3).fit(X), X, members=members, cluster=members
        )


def test_not_where_it_does_not_matter():
    others = X + 1e-6
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        explain(NeonKDE().fit(CANCER), CANCER)
        explain(KMeans(3, n_init=1, random_state=0).fit(X), X)
        explain(EmpiricalCovariance().fit(X), X)
        explain(GaussianMixture(2).fit(X), X, target="outlier")
        density = NeonKDE(gamma=5.0).fit(X)
        density.explain()
        explain(density, X[:3], leave_out=[0, 1, 2])
        explain(density, np.vstack([X[:5], others[:6]]))
        # there is no other row
        explain(NeonKDE(gamma=5.0).fit(X[:1]), X[:1])


@pytest.mark.parametrize("levels, n_columns", [(2, 3), (3, 4), (4, 3)])
def test_rows_that_coincide_by_chance(levels, n_columns):
    rng = np.random.default_rng(0)
    table = rng.integers(0, levels, size=(300, n_columns)).astype(float)
    density = NeonKDE(gamma=5.0).fit(table[:150])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for row in range(150, 180):
            explain(density, table[row : row + 1])
        explain(density, table[150:])


def test_numbers_of_rows():
    kept = np.vstack([X, X[:1], np.zeros((1, 5))])
    rows = np.vstack([X[:4], X[4:6] + 1e-5, np.zeros((1, 5)), X[5:6] * (1 + 1e-14)])
    expected = [-1, 1, 2, 3, -1, -1, 201, 5]
    assert own_numbers(rows, kept).tolist() == expected
    assert own_numbers(rows, kept[:, ::-1])[0] == -1
    scaled = own_numbers(
        rows * [1e-200, 1e100, 1, 0, 1], kept * [1e-200, 1e100, 1, 0, 1]
    )
    assert scaled.tolist() == expected
