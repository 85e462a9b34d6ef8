# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of linear models behind features of a Gaussian kernel."""

import pickle

import numpy as np
import pandas as pd
import pytest
from helpers import gaussians
from scipy import sparse
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.kernel_approximation import Nystroem, RBFSampler
from sklearn.linear_model import SGDOneClassSVM
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import Explanation, explain, neuralize
from skneon.metrics import exact_shapley

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(60, 4)) @ RNG.normal(size=(4, 4)), columns=[*"abcd"])
NEW = pd.DataFrame(RNG.normal(size=(6, 4)) * 3, columns=[*"abcd"])


def pipeline(*steps):
    return make_pipeline(*steps, SGDOneClassSVM(nu=0.2, random_state=0)).fit(X)


def nystroem(**parameters):
    return Nystroem(n_components=20, random_state=0, **parameters)


def sampler(**parameters):
    return RBFSampler(n_components=50, random_state=0, **parameters)


KERNELS = pipeline(StandardScaler(), nystroem(gamma=0.3))
COSINES = pipeline(StandardScaler(), sampler(gamma=0.3))


def by_columns(pipe, Z, S):
    """The score of scikit-learn's own parts, by the columns S of the kernels."""
    features, linear = pipe[-2], pipe[-1]
    kernels = rbf_kernel(Z[:, S], features.components_[:, S], 0.3) if S else 1.0
    kernels = kernels * np.ones((len(Z), len(features.components_)))
    return -linear.decision_function(kernels @ features.normalization_.T)


def test_shapley_values_of_all_coalitions():
    Z = KERNELS[:-2].transform(NEW)
    found = explain(KERNELS, NEW)
    expected = gaussians.shapley(lambda S: by_columns(KERNELS, Z, list(S)), 4)
    np.testing.assert_allclose(found.relevance, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.score, -KERNELS.decision_function(NEW), atol=1e-12)
    np.testing.assert_allclose(found.residual, by_columns(KERNELS, Z, []), atol=1e-12)
    np.testing.assert_allclose(exact_shapley(KERNELS, NEW), expected, atol=1e-12)
    assert found.feature_names == (*"abcd",)
    assert found.meta["last_step"] == "SGDOneClassSVM"


def test_integrated_is_the_integral_over_the_way_in():
    """Columns take part to the degree s: exp(-gamma s d^2), by quadrature."""
    Z, linear, features = KERNELS[:-2].transform(NEW), KERNELS[-1], KERNELS[-2]
    a = features.normalization_.T @ linear.coef_
    D = (Z[:, None] - features.components_) ** 2
    node, weight = np.polynomial.legendre.leggauss(80)
    s = (node[:, None, None] + 1) / 2
    slope = np.tensordot(weight / 2, np.exp(-0.3 * s * D.sum(axis=2)), axes=1)
    expected = np.einsum("nk,nki->ni", 0.3 * a * slope, D)
    found = explain(KERNELS, NEW, rule="integrated")
    np.testing.assert_allclose(found.relevance, expected, rtol=0, atol=1e-12)
    total = found.relevance.sum(axis=1) + by_columns(KERNELS, Z, [])
    np.testing.assert_allclose(total, found.score, rtol=0, atol=1e-12)


def test_random_features_by_their_frequencies():
    Z = COSINES[:-2].transform(NEW)
    omega, w = COSINES[-2].random_weights_, COSINES[-1].coef_
    features = COSINES[-2].transform(Z)
    shares = omega**2 / (omega**2).sum(axis=0)
    found = explain(COSINES, NEW)
    np.testing.assert_allclose(found.relevance, -(features * w) @ shares.T, atol=1e-12)
    np.testing.assert_allclose(found.score, -COSINES.decision_function(NEW), atol=1e-12)
    np.testing.assert_allclose(found.residual, COSINES[-1].offset_[0], atol=1e-12)
    assert found.standard_error is None
    assert found.meta["n_components"] == 50
    assert Explanation.from_json(found.to_json()).meta["random_state"] == 0
    with pytest.raises(TypeError, match="no value without some of them: take"):
        exact_shapley(COSINES, NEW)
    assert np.isnan(found.compared_with).all()


@pytest.mark.parametrize("features", [nystroem(), sampler(gamma="scale")], ids=str)
def test_behind_linear_steps(features):
    pipe = pipeline(PCA(2), features)
    found = explain(pipe, NEW)
    np.testing.assert_allclose(found.score, -pipe.decision_function(NEW), atol=1e-12)
    constant = pipe[-1].offset_[0]
    if isinstance(features, Nystroem):
        assert found.meta["rule"] == "integrated"
        constant -= (pipe[-2].normalization_.T @ pipe[-1].coef_).sum()
    np.testing.assert_allclose(found.residual, constant, atol=1e-9)


@pytest.mark.parametrize(
    "features",
    [nystroem(), nystroem(kernel_params={"gamma": 0.2}), sampler(gamma=0.0)],
    ids=["gamma of the columns", "gamma among others", "no frequencies"],
)
def test_scores(features):
    pipe = make_pipeline(features, SGDOneClassSVM(random_state=0)).fit(X)
    found = explain(pipe, NEW)
    np.testing.assert_allclose(found.score, -pipe.decision_function(NEW), atol=1e-12)
    assert np.isfinite(found.relevance).all()


@pytest.mark.parametrize("pipe", [KERNELS, COSINES], ids=["kernels", "cosines"])
def test_training_rows_score_in_folds(pipe):
    network = neuralize(pipe, X_train=X)
    found = network.explain(NEW)
    Z = pipe[:1].transform(X)
    expected = np.empty(len(Z))
    for fold in range(10):
        fresh = clone(pipe[1:]).fit(np.delete(Z, np.s_[fold::10], axis=0))
        expected[fold::10] = -fresh.decision_function(Z[fold::10])
    np.testing.assert_allclose(found.training_score, expected, atol=1e-12)
    assert found.p_value is not None
    again = pickle.loads(pickle.dumps(network)).explain(NEW)
    np.testing.assert_array_equal(again.relevance, found.relevance)
    np.testing.assert_allclose(network.forward(), -pipe.decision_function(X))


def test_sparse_rows():
    rows = sparse.csr_array(NEW.to_numpy())
    table = X.to_numpy()
    pipe = make_pipeline(nystroem(), SGDOneClassSVM(random_state=0))
    pipe.fit(sparse.csr_array(table))
    found = explain(pipe, rows)
    np.testing.assert_allclose(found.score, -pipe.decision_function(rows), atol=1e-12)


def test_refused_in_words():
    pipe = pipeline(nystroem(kernel="laplacian"))
    with pytest.raises(TypeError, match=r"kernel='laplacian'.*take kernel=\"rbf\""):
        explain(pipe, NEW)
    with pytest.raises(ValueError, match="behind RBFSampler: take one of 'random-feat"):
        explain(COSINES, NEW, rule="shapley")
    with pytest.raises(ValueError, match="behind Nystroem: take one of 'integrated', "):
        explain(KERNELS, NEW, rule="w-square")
    with pytest.raises(ValueError, match="Behind a linear step such as PCA a kernel"):
        explain(pipeline(PCA(2), nystroem()), NEW, rule="shapley")
