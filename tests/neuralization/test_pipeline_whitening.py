# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Steps that magnify rounding are refused by name; those of real columns are not."""

import numpy as np
import pytest
from helpers.checks import REAL
from sklearn.cluster import BisectingKMeans, KMeans
from sklearn.decomposition import PCA, FastICA, IncrementalPCA
from sklearn.neighbors import KernelDensity, NearestNeighbors
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, explain, neuralize

RNG = np.random.default_rng(0)
PLAIN = RNG.normal(size=(200, 4))
# a column that follows from others, but for noise of a size
NOISE = RNG.normal(size=200)
WHITENING = {
    "pca": lambda: [PCA(whiten=True)],
    "incrementalpca": lambda: [IncrementalPCA(whiten=True)],
    "fastica": lambda: [FastICA(random_state=0, tol=1e-2, max_iter=1000)],
    "standardscaler": lambda: [PCA(), StandardScaler()],
    "featureunion": lambda: [make_union(StandardScaler(), PCA(whiten=True))],
}


def dependent(noise=0.0):
    return np.column_stack([PLAIN, PLAIN[:, 0] + PLAIN[:, 1] + noise * NOISE])


@pytest.mark.filterwarnings("ignore:FastICA did not converge")
@pytest.mark.parametrize("step", WHITENING)
def test_whitened_rounding_is_refused(step):
    expected = rf"Step '{step}' magnifies .* up to \S+e\+\d+, .* fewer n_components"
    pipeline = make_pipeline(*WHITENING[step](), KernelDensity())
    for X in (dependent(), dependent().astype(np.float32)):
        with pytest.raises(ValueError, match=expected):
            neuralize(pipeline.fit(X))


@pytest.mark.parametrize(
    "model",
    [
        NeonKDE(gamma=0.5),
        NearestNeighbors(),
        KMeans(3, random_state=0, n_init=1),
        BisectingKMeans(3, random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_whatever_model_stands_behind(model):
    pipeline = make_pipeline(PCA(whiten=True), model).fit(dependent())
    with pytest.raises(ValueError, match=r"by up to [1-9]e\+1\d, .* n_components\.$"):
        neuralize(pipeline)
    single = dependent().astype(np.float32)
    with pytest.raises(ValueError, match=r"components, or fit to float64\.$"):
        neuralize(pipeline.fit(single))


def test_the_solver_that_squares_is_seen_through():
    # its least variance is 1e-16 in the place of 1e-32: sums are small, shares are not
    pca = PCA(whiten=True, svd_solver="covariance_eigh")
    model = make_pipeline(StandardScaler(), pca, KernelDensity()).fit(dependent())
    with pytest.raises(ValueError, match="Step 'pca' magnifies"):
        neuralize(model)


@pytest.mark.parametrize("step", WHITENING)
@pytest.mark.parametrize("name", ["iris", "wine", "cancer", "nearly dependent"])
def test_real_columns_are_explained(step, name):
    X = REAL.get(name, dependent(1e-5))
    model = make_pipeline(*WHITENING[step](), KernelDensity()).fit(X)
    explanation = explain(model, X[:5])
    size = np.abs(explanation.relevance).sum(axis=1)
    total = explanation.relevance.sum(axis=1)
    assert np.all(np.abs(total - explanation.score) <= 1e-9 * size)
    with_less = make_pipeline(PCA(3, whiten=True), KernelDensity()).fit(dependent())
    assert np.all(explain(with_less, dependent()[:5]).score > 0)


def test_columns_of_any_size_are_whitened():
    X = PLAIN * [1e6, 1.0, 1e-3, 1e-6] + [1e8, 0.0, 0.0, 1.0]
    model = make_pipeline(PCA(whiten=True, svd_solver="full"), KernelDensity()).fit(X)
    explanation = explain(model, X[:5])
    Z = (X - X.mean(axis=0)) / X.std(axis=0, ddof=1)
    alone = explain(KernelDensity().fit(Z), Z[:5])
    np.testing.assert_allclose(explanation.score, alone.score, rtol=0.2)
