# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The doors neuralize and explain."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.exceptions import NotFittedError
from sklearn.manifold import Isomap
from sklearn.neighbors import KernelDensity, LocalOutlierFactor, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skneon
from skneon import NeonKDE, NeonKMeans, explain, neuralize
from skneon.network import SoftArgmin

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

X = load_iris().data


def assert_same(got, expected):
    np.testing.assert_allclose(got.relevance, expected.relevance, rtol=1e-9)
    np.testing.assert_allclose(got.score, expected.score, rtol=1e-9)
    np.testing.assert_allclose(got.compared_with, expected.compared_with, rtol=1e-9)


def test_explain_is_the_same_as_the_method():
    kde = NeonKDE(gamma=2.0).fit(X)
    kmeans = NeonKMeans(3, random_state=0).fit(X)
    for rows in (X[:9], None):
        assert_same(explain(kde, rows), kde.explain(rows))
        assert_same(explain(kde, rows, target="inlier"), kde.explain(rows, "inlier"))
        assert_same(explain(kmeans, rows), kmeans.explain(rows))
    asked = {"cluster": 0, "rival": 2}
    assert_same(explain(kmeans, X, **asked), kmeans.explain(X, **asked))


def test_options_override_the_parameters_of_the_estimator():
    kde = NeonKDE(gamma=2.0).fit(X)
    rule = SoftArgmin(beta=1.0, epsilon=0.1)
    other = NeonKDE(gamma=2.0, rule=rule).fit(X)
    assert_same(neuralize(kde, rule=rule).explain(), other.explain())
    with pytest.raises(TypeError, match="takes no gama; it takes n_jobs, target, rule"):
        neuralize(kde, gama=1.0)
    with pytest.raises(ValueError, match="'rtol' parameter"):
        neuralize(kde, rtol=2.0)


def test_kernel_density_leaves_out_its_training_rows():
    weight = np.random.default_rng(0).uniform(0.1, 1, len(X))
    for sample_weight in (None, weight):
        density = KernelDensity(bandwidth=0.5).fit(X, sample_weight=sample_weight)
        expected = NeonKDE(gamma=2.0).fit(X, sample_weight=sample_weight)
        assert_same(explain(density), expected.explain())
        assert_same(explain(density, X), expected.explain(X))
    score = neuralize(density).forward(X)
    constant = 4 / 2 * np.log(2 / np.pi)
    np.testing.assert_allclose(constant - 2 * score, density.score_samples(X))


@pytest.mark.parametrize(
    "parameters",
    [
        {"metric": "manhattan"},
        {"metric": "minkowski", "metric_params": {"p": 1}},
    ],
)
def test_other_kernels_and_metrics_are_refused(parameters):
    density = KernelDensity(**parameters).fit(X)
    value = next(iter(parameters.values()))
    with pytest.raises(ValueError, match=f"Only the .* has this network.*{value}"):
        neuralize(density)


def test_other_names_of_the_euclidean_metric():
    expected = explain(KernelDensity(bandwidth="scott").fit(X))
    for parameters in ({"metric": "l2"}, {"metric": "p"}, {"metric": "minkowski"}):
        density = KernelDensity(bandwidth="scott", **parameters).fit(X)
        assert_same(explain(density), expected)


def test_kmeans():
    kmeans = KMeans(3, random_state=0, n_init=1).fit(X)
    for rule in ("shapley", "midpoint", "w-square"):
        neon = NeonKMeans(3, random_state=0, n_init=1, rule=rule).fit(X)
        assert_same(explain(kmeans, X, rule=rule, X_train=X), neon.explain())
        assert_same(explain(kmeans, rule=rule, X_train=X), neon.explain())
    # without the rows: the mean evidence of the rows moved onto their centroids
    moved = neon.evidence(kmeans.cluster_centers_[kmeans.labels_]).mean()
    assert moved >= neon.mean_evidence_
    beta = explain(kmeans, X, rule="w-square").meta["beta"]
    assert beta == pytest.approx(1 / moved)
    with pytest.raises(ValueError, match="KMeans does not keep its training rows"):
        explain(kmeans)
    with pytest.raises(TypeError, match="target"):
        explain(kmeans, X, target="outlier")


def test_a_network_stays_what_it_was_when_the_model_is_fitted_again():
    frame = pd.DataFrame(X, columns=list("abcd"), index=np.arange(150) + 7)
    for model in (NeonKDE(), NeonKMeans(3, random_state=0)):
        network = neuralize(model.fit(frame))
        expected, by_rows = network.explain(), network.explain(frame)
        model.fit(frame.iloc[:20, :2].rename(columns={"a": "z"}))
        assert_same(network.explain(), expected)
        assert_same(network.explain(frame), by_rows)
        assert network.explain().feature_names == tuple("abcd")
        np.testing.assert_array_equal(network.explain().index, frame.index)


@pytest.mark.parametrize(
    "model", [NeonKDE(), NeonKMeans(), KernelDensity(), KMeans()], ids=repr
)
def test_models_must_be_fitted(model):
    with pytest.raises(NotFittedError):
        neuralize(model)


def test_unknown_models_are_refused():
    with pytest.raises(TypeError, match="No network is known for Isomap; known are"):
        neuralize(Isomap(n_neighbors=60).fit(X))
    with pytest.raises(TypeError, match="not a class: fit KMeans first"):
        neuralize(KMeans)
    with pytest.raises(TypeError, match="No network is known for int"):
        neuralize(3)
    with pytest.raises(TypeError, match="It is supervised, and networks are known of"):
        neuralize(ExtraTreesClassifier(3).fit(X, X[:, 0] > 5))


@pytest.mark.parametrize("name", ["IsolationForest", "ExtendedIsolationForest"])
def test_forests_of_other_packages_are_refused(name):
    foreign = type(name, (), {"__module__": "isotree._core"})()
    with pytest.raises(TypeError, match="Of isotree none is: fit the IsolationForest"):
        neuralize(foreign)


def test_a_new_model_can_be_registered():
    class Nearest:
        def __init__(self, network):
            self.network = network

    @neuralize.register
    def _(model: Nearest, **options):
        return model.network

    network = neuralize(KernelDensity().fit(X))
    assert_same(explain(Nearest(network), X[:3]), network.explain(X[:3]))


def test_public_names_exist():
    assert all(hasattr(skneon, name) for name in skneon.__all__)


class Detector:
    """A model of another package that has one of scikit-learn inside."""

    def __init__(self, **inside):
        vars(self).update(inside)


def test_models_that_have_a_known_one_inside():
    """As the detectors of PyOD, whose attributes have these names."""
    for name, part in (
        ("neigh_", NearestNeighbors()),
        ("detector_", LocalOutlierFactor(novelty=True)),
        ("kde_", KernelDensity()),
        ("estimator_", make_pipeline(StandardScaler(), KernelDensity())),
    ):
        model = Detector(scale=StandardScaler().fit(X), **{name: part.fit(X)})
        match = rf"explain\(model.{name}, X\) explains the {type(part).__name__}"
        with pytest.raises(TypeError, match=match):
            explain(model, X)
        assert len(explain(getattr(model, name), X)) == len(X)
    for model in (Detector(inside=KernelDensity()), Detector(), object()):
        with pytest.raises(TypeError, match=r"Teach further models with neuralize"):
            explain(model, X)
