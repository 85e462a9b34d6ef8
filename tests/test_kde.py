# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""NeonKDE as an estimator."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skneon import NeonKDE, neuralize
from skneon.network import Midpoint, RandomFeatures, SoftArgmin

DATA = {
    "iris": scale(load_iris().data),
    "wine": scale(load_wine().data),
    "cancer": scale(load_breast_cancer().data),
}
QUERIES = (
    "outlierness", "inlierness", "score_samples", "score", "decision_function",
    "predict", "explain",
)  # fmt: skip


def assert_close_to_kernel_density(kde, density, X):
    log_density = density.score_samples(X)
    np.testing.assert_allclose(kde.score_samples(X), log_density, rtol=1e-9)
    log_kernel_mean = log_density - X.shape[1] / 2 * np.log(kde.gamma_ / np.pi)
    np.testing.assert_allclose(
        kde.outlierness(X), -log_kernel_mean / kde.gamma_, rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(kde.inlierness(X), np.exp(log_kernel_mean), rtol=1e-9)
    assert kde.score(X) == pytest.approx(log_density.mean(), rel=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("gamma", [0.05, 0.5, 5.0])
@pytest.mark.parametrize("name", DATA)
def test_equals_kernel_density(name, gamma, weighted):
    X = DATA[name]
    rng = np.random.default_rng(0)
    weight = rng.uniform(0.1, 3, len(X)) if weighted else None
    kde = NeonKDE(gamma=gamma).fit(X, sample_weight=weight)
    density = KernelDensity(bandwidth=(2 * gamma) ** -0.5, leaf_size=len(X))
    density.fit(X, sample_weight=weight)
    assert_close_to_kernel_density(kde, density, X)
    assert_close_to_kernel_density(kde, density, X[:9] + rng.normal(size=X[:9].shape))


@pytest.mark.parametrize("rule", ["scott", "silverman"])
def test_rules_of_thumb_are_those_of_kernel_density(rule):
    X = DATA["wine"]
    density = KernelDensity(bandwidth=rule).fit(X)
    kde = NeonKDE(gamma=rule).fit(X)
    assert kde.gamma_ == pytest.approx(1 / (2 * density.bandwidth_**2), rel=1e-12)
    weighted = NeonKDE(gamma=rule).fit(X, sample_weight=np.full(len(X), 0.01))
    assert weighted.gamma_ == pytest.approx(kde.gamma_, rel=1e-12)


def test_gamma_scale():
    X = DATA["wine"]
    assert NeonKDE().fit(X).gamma_ == pytest.approx(1 / 13)
    shifted = X + 100 * np.arange(13)
    assert NeonKDE().fit(shifted).gamma_ == pytest.approx(1 / 13)
    assert NeonKDE().fit(np.ones((5, 2))).gamma_ == 1
    assert NeonKDE().fit(X[:1]).gamma_ == 1


def test_contamination_is_the_share_of_outliers():
    X = DATA["wine"]
    for contamination in (0.05, 0.1, 0.5):
        kde = NeonKDE(contamination=contamination).fit(X)
        for labels in (kde.predict(X), kde.predict(), kde.fit_predict(X)):
            assert set(labels) == {-1, 1}
            assert np.sum(labels == -1) == pytest.approx(contamination * 178, abs=1)
        decision = kde.decision_function(X)
        np.testing.assert_array_equal(kde.score_samples(X) - kde.offset_, decision)
        np.testing.assert_array_equal(kde.predict(X) == -1, decision < 0)
        # the most outlying rows by leave-one-out are those that predict() calls so
        worst = np.sort(np.argsort(-kde.outlierness())[: np.sum(kde.predict() == -1)])
        np.testing.assert_array_equal(np.flatnonzero(kde.predict() == -1), worst)


def test_explains_what_the_query_methods_return():
    X = DATA["iris"]
    kde = NeonKDE().fit(X)
    for rows in (X[:7], None):
        outlier = kde.explain(rows)
        np.testing.assert_allclose(outlier.score, kde.outlierness(rows), rtol=1e-12)
        inlier = kde.explain(rows, target="inlier")
        np.testing.assert_allclose(inlier.score, kde.inlierness(rows), rtol=1e-9)
        assert (outlier.target, inlier.target) == ("outlier", "inlier")


def test_sample_draws_as_kernel_density_does():
    X = DATA["iris"]
    weight = np.random.default_rng(0).uniform(size=len(X))
    for sample_weight in (None, weight):
        kde = NeonKDE(gamma=2.0).fit(X, sample_weight=sample_weight)
        density = KernelDensity(bandwidth=0.5).fit(X, sample_weight=sample_weight)
        expected = density.sample(20, random_state=3)
        np.testing.assert_allclose(kde.sample(20, random_state=3), expected)
    weight[:100] = 0
    drawn = NeonKDE(gamma=1e9).fit(X, sample_weight=weight).sample(50, random_state=0)
    nearest = np.array([np.argmin(((X - row) ** 2).sum(axis=1)) for row in drawn])
    assert np.all(nearest >= 100)


def test_random_features_are_those_of_the_seed():
    X = DATA["iris"]
    kde = NeonKDE(rule=RandomFeatures(n_components=30)).fit(X)
    first = kde.explain(X, target="inlier")
    again = kde.explain(X[:5], target="inlier")
    np.testing.assert_allclose(again.relevance, first.relevance[:5], atol=1e-12)
    refitted = clone(kde).fit(X).explain(X, target="inlier")
    np.testing.assert_array_equal(refitted.relevance, first.relevance)
    rule = RandomFeatures(n_components=30, random_state=1)
    other = kde.explain(X, target="inlier", rule=rule)
    assert np.abs(other.relevance - first.relevance).max() > 1e-4
    assert other.standard_error.shape == X.shape
    assert NeonKDE().fit(X).explain(X, target="inlier").standard_error is None


def test_the_rule_counts_for_the_target_that_it_explains():
    X = DATA["iris"]
    kde = NeonKDE(rule="uniform").fit(X)
    plain = NeonKDE().fit(X)
    assert kde.explain(target="inlier").meta["rule"] == "uniform"
    np.testing.assert_array_equal(kde.explain().relevance, plain.explain().relevance)
    kde.set_params(rule="soft-argmin")
    assert kde.explain().meta["rule"] == "soft-argmin"
    inlier = kde.explain(target="inlier")
    assert inlier.meta["rule"] == "shapley"
    # what is asked for in a call comes before the parameter, or is refused
    assert kde.explain(rule="integrated").meta["rule"] == "integrated"
    with pytest.raises(ValueError, match='does not explain target="inlier"'):
        kde.explain(target="inlier", rule="soft-argmin")


def test_beta_goes_into_rules_that_are_given_by_name():
    X = DATA["iris"]
    expected = NeonKDE(rule=SoftArgmin(beta=0.3)).fit(X).explain()
    for parameters in ({"beta": 0.3}, {"beta": 0.3, "rule": "soft-argmin"}):
        kde = NeonKDE(**parameters).fit(X)
        np.testing.assert_array_equal(kde.explain().relevance, expected.relevance)
        assert kde.explain().meta["beta"] == 0.3
    # objects carry all of their settings
    kde = NeonKDE(beta=7.0, rule=SoftArgmin(beta=0.3)).fit(X)
    np.testing.assert_array_equal(kde.explain().relevance, expected.relevance)
    kde = NeonKDE(beta="gamma").fit(X)
    assert kde.explain().meta["beta"] == kde.gamma_
    assert neuralize(kde, rule="activation").network.rule.beta == kde.gamma_
    assert neuralize(NeonKDE().fit(X), rule="activation").network.rule.beta is None


def test_grid_search_over_gamma_and_beta():
    X = load_wine().data
    gammas = [0.01, 0.1, 0.3, 1.0, 10.0]
    grid = {"neonkde__gamma": gammas, "neonkde__beta": ["gamma", "integrated"]}
    search = GridSearchCV(make_pipeline(StandardScaler(), NeonKDE()), grid).fit(X)
    likelihood = []
    for gamma in gammas:
        folds = []
        for k in range(5):
            fold = np.zeros(len(X), dtype=bool)
            fold[np.array_split(np.arange(len(X)), 5)[k]] = True
            scaler = StandardScaler().fit(X[~fold])
            density = KernelDensity(bandwidth=(2 * gamma) ** -0.5)
            density.fit(scaler.transform(X[~fold]))
            folds.append(density.score_samples(scaler.transform(X[fold])).mean())
        likelihood.append(np.mean(folds))
    assert search.best_params_["neonkde__gamma"] == gammas[np.argmax(likelihood)]
    assert search.best_score_ == pytest.approx(max(likelihood), rel=1e-9)


def test_feature_names():
    frame = load_iris(as_frame=True).data
    kde = NeonKDE().fit(frame)
    explanation = kde.explain(frame)
    assert explanation.feature_names == tuple(frame.columns)
    with pytest.raises(ValueError, match="feature names should match"):
        kde.explain(frame.rename(columns={"sepal length (cm)": "length"}))
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        kde.explain(frame.to_numpy())
    plain = NeonKDE().fit(frame.to_numpy())
    assert plain.explain().feature_names == ("x0", "x1", "x2", "x3")


@pytest.mark.parametrize("method", QUERIES)
def test_bad_queries_are_refused(method):
    kde = NeonKDE()
    with pytest.raises(NotFittedError):
        getattr(kde, method)(DATA["iris"])
    kde.fit(DATA["iris"])
    with pytest.raises(ValueError, match="3 features, but NeonKDE is expecting 4"):
        getattr(kde, method)(DATA["iris"][:, :3])
    for value in (np.nan, np.inf):
        X = DATA["iris"].copy()
        X[3, 2] = value
        with pytest.raises(ValueError, match=r"NaN|infinity"):
            getattr(kde, method)(X)
    with pytest.raises(ValueError, match="magnitude 1e\\+200"):
        getattr(kde, method)(np.full((1, 4), -1e200))


@pytest.mark.parametrize(
    "parameters",
    [
        {"gamma": 0.0}, {"gamma": -1.0}, {"gamma": np.inf}, {"gamma": np.nan},
        {"gamma": "auto"}, {"beta": -1.0}, {"beta": "scale"}, {"rule": 1},
        {"rule": "approximate"}, {"rule": "midpoint"}, {"rule": Midpoint(1.0)},
        {"contamination": 0.0}, {"contamination": 0.6}, {"n_jobs": 1.5},
        {"rtol": 1.0}, {"algorithm": "tree"}, {"verbose": "yes"},
    ],
)  # fmt: skip
def test_bad_parameters_are_refused_and_nothing_changes(parameters):
    with pytest.raises(ValueError, match=next(iter(parameters))):
        NeonKDE(**parameters).fit(DATA["iris"])
    kde = NeonKDE().fit(DATA["iris"])
    before = {k: v for k, v in vars(kde).items() if k.endswith("_")}
    with pytest.raises(ValueError, match=next(iter(parameters))):
        kde.set_params(**parameters).fit(DATA["wine"])
    after = {k: v for k, v in vars(kde).items() if k.endswith("_")}
    assert after.keys() == before.keys()
    assert all(after[k] is before[k] for k in after)


@pytest.mark.parametrize("name", ["beta", "rule", "rtol", "algorithm"])
def test_parameters_set_after_fit_are_checked_too(name):
    kde = NeonKDE().fit(DATA["iris"]).set_params(**{name: "wrong"})
    with pytest.raises(ValueError, match=name):
        kde.explain()


def test_a_failed_fit_leaves_the_estimator_as_it_was():
    kde = NeonKDE().fit(pd.DataFrame(DATA["iris"], columns=list("abcd")))
    before = dict(vars(kde))
    for X, sample_weight, message in [
        (np.full((3, 2), 1e200), None, "Rescale the columns"),
        (np.full((3, 2), np.nan), None, "NaN"),
        (np.ones((3, 2)), [1, 2], "sample_weight"),
        (np.ones((3, 2)), [1, -2, 1], "[Nn]egative"),
        (np.ones((3, 2)), [0, 0, 0], "sum to 0|all zero|at least one non-zero"),
        (np.ones((3, 2)), [1, np.nan, 0], "NaN"),
        (np.ones((3, 2)), [1e308, 1e308, 1e308], "sum to inf"),
    ]:
        with pytest.raises(ValueError, match=message):
            kde.fit(X, sample_weight=sample_weight)
        assert vars(kde).keys() == before.keys()
        assert all(vars(kde)[name] is before[name] for name in before)
    fresh = NeonKDE()
    with pytest.raises(ValueError, match="Rescale"):
        fresh.fit(np.full((3, 2), 1e200))
    assert not hasattr(fresh, "n_features_in_")


def test_the_model_keeps_its_own_copy_of_the_rows():
    X = DATA["iris"].copy()
    kde = NeonKDE().fit(X)
    expected = kde.outlierness()
    X[:] = 0
    np.testing.assert_array_equal(kde.outlierness(), expected)


def test_bad_targets_are_refused():
    kde = NeonKDE().fit(DATA["iris"])
    with pytest.raises(ValueError, match="'target' parameter"):
        kde.explain(target="anomaly")
