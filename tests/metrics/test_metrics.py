# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Flipping, insertion, distances and scorers."""

from functools import partial

import numpy as np
import pytest
import reference
from hypothesis import given
from sklearn.datasets import load_diabetes, load_iris, load_wine
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from strategies import centroid_problems, density_problems
from test_laws import fitted_kde, fitted_kmeans

from skneon import NeonKDE, NeonKMeans, neuralize
from skneon.metrics import (
    conservation_error,
    conservation_scorer,
    exact_shapley,
    flipping_curve,
    flipping_score,
    flipping_scorer,
    insertion_score,
    insertion_scorer,
    insertion_trials,
    relevance_distance,
    shapley_scorer,
)

IRIS, WINE = scale(load_iris().data), scale(load_wine().data[:, :9])


@given(density_problems(max_support=20, max_features=8))
def test_flipping_leaves_features_out_of_the_distances(problem):
    kde = fitted_kde(problem)
    relevance = kde.explain(problem.X).relevance
    curve = flipping_curve(kde, problem.X)
    np.testing.assert_array_equal(curve[:, -1], 0)
    np.testing.assert_allclose(curve[:, 0], kde.outlierness(problem.X), rtol=1e-9)
    # leaving out a squared difference never makes a row more of an outlier
    assert np.all(np.diff(curve, axis=1) <= 1e-9 * curve[:, :1])
    for n, x in enumerate(problem.X):
        squares = reference.squared_differences(x, problem.U)
        order = np.argsort(-relevance[n], kind="stable")
        for j in range(len(x)):
            h = squares[:, order[j:]].sum(axis=1)
            expected = reference.log_mean_exp(h, problem.pi, problem.gamma)
            assert abs(curve[n, j] - expected) <= 1e-9 * max(expected, 1e-3)


@given(centroid_problems(max_features=8))
def test_flipping_of_evidence(problem):
    if len(problem.mu) == 1:
        return
    kmeans = fitted_kmeans(problem.mu, "shapley", 1.0)
    curve = flipping_curve(kmeans, problem.X, cluster=problem.cluster)
    np.testing.assert_array_equal(curve[:, -1], 0)
    score = kmeans.evidence(problem.X, cluster=problem.cluster)
    size = 1 + np.abs(score) + np.sum(problem.X**2) + np.sum(problem.mu**2)
    assert np.all(np.abs(curve[:, 0] - score) <= 1e-12 * size)


def test_flipping_of_inlierness():
    kde = NeonKDE(gamma=0.3).fit(IRIS)
    curve = flipping_curve(kde, IRIS[:20], target="inlier")
    np.testing.assert_array_equal(curve[:, -1], 0)
    np.testing.assert_allclose(curve[:, 0], kde.inlierness(IRIS[:20]))
    assert np.all(np.diff(curve[:, :-1], axis=1) >= 0)
    good = flipping_score(kde, target="inlier")
    bad = -kde.explain(target="inlier").relevance
    assert 0 < good < flipping_score(kde, relevance=bad, target="inlier") < 1


def test_flipping_leaves_training_rows_out():
    kde = NeonKDE(gamma=1.0).fit(IRIS)
    curve = flipping_curve(kde)
    np.testing.assert_allclose(curve[:, 0], kde.outlierness())
    refit = NeonKDE(gamma=1.0).fit(IRIS[1:])
    np.testing.assert_allclose(curve[:1], flipping_curve(refit, IRIS[:1]), rtol=1e-9)


def test_flipping_score_is_the_area_under_the_normalised_curve():
    kde = NeonKDE(gamma=0.5).fit(WINE)
    curve = flipping_curve(kde)
    x = np.linspace(0, 1, 10)
    area = [np.sum(np.diff(x) * (c[1:] + c[:-1]) / 2) / c[0] for c in curve]
    assert flipping_score(kde) == pytest.approx(np.mean(area))
    kmeans = NeonKMeans(3, random_state=0).fit(WINE)
    curve = flipping_curve(kmeans, cluster=1)
    sign = np.sign(curve[:, 0])
    area = [np.sum(np.diff(x) * (c[1:] + c[:-1]) / 2) for c in curve]
    expected = np.sum(area * sign) / np.sum(curve[:, 0] * sign)
    assert flipping_score(kmeans, cluster=1) == pytest.approx(expected)
    assert flipping_score(NeonKDE().fit(np.ones((4, 3)))) == 0
    single = NeonKDE(gamma=1.0).fit([[0.0, 0.0]])
    of_two = flipping_score(single, [[0.0, 0.0], [1.0, 2.0]])
    assert of_two == flipping_score(single, [[1.0, 2.0]]) > 0
    assert flipping_score(NeonKMeans(1).fit(IRIS)) == 0


def test_good_orders_flip_sooner_than_bad_ones():
    kde = NeonKDE(gamma=0.3).fit(WINE)
    exact = exact_shapley(kde)
    random = np.random.default_rng(0).normal(size=WINE.shape)
    scores = [
        flipping_score(kde, relevance=relevance)
        for relevance in (exact, None, random, -exact.relevance)
    ]
    assert abs(scores[0] - scores[1]) < 0.01 and scores[1] < scores[2] < scores[3]
    kmeans = NeonKMeans(4, random_state=0, n_init=1).fit(WINE)
    for clusters in (kmeans.labels_, (kmeans.labels_ + 1) % 4):
        good = flipping_score(kmeans, cluster=clusters)
        assert good < flipping_score(kmeans, relevance=random, cluster=clusters)


def test_relevance_distance():
    R, S = np.array([[1.0, 2], [0, 0], [0, 0]]), np.array([[2.0, -2], [0, 0], [1, 0]])
    expected = [5 / 4, 0, 1]
    np.testing.assert_allclose(relevance_distance(R, S, average=None), expected)
    assert relevance_distance(R, S) == 1
    assert relevance_distance(R, S, average="mean") == pytest.approx(0.75)
    assert relevance_distance(S, R, average="median") == pytest.approx(5 / 3)
    assert relevance_distance(S, R, average=None)[2] == np.inf
    explanation = NeonKDE().fit(IRIS).explain()
    assert relevance_distance(explanation, explanation) == 0
    with pytest.raises(ValueError, match=r"same shape.*\(3, 2\) and \(3, 1\)"):
        relevance_distance(R, S[:, :1])
    for bad in (np.full((3, 2), np.nan), np.full((3, 2), np.inf)):
        with pytest.raises(ValueError, match="no NaN or infinite"):
            relevance_distance(bad, S)
    with pytest.raises(ValueError, match="at least one row"):
        relevance_distance(R[:0], S[:0])
    with pytest.raises(ValueError, match="got 'max'"):
        relevance_distance(R, S, average="max")


def test_conservation_error():
    kde = NeonKDE(beta="gamma", epsilon=0.5).fit(IRIS)
    explanation = kde.explain()
    expected = np.abs(explanation.residual) / explanation.relevance.sum(axis=1)
    assert conservation_error(kde) == pytest.approx(expected.max())
    assert conservation_error(kde, beta="integrated") < 1e-12
    wrong = np.zeros_like(IRIS)
    assert conservation_error(kde, relevance=wrong) == np.inf
    assert conservation_error(NeonKMeans(1).fit(IRIS)) == np.inf
    kmeans = NeonKMeans(3, random_state=0).fit(IRIS)
    for rule in ("shapley", "midpoint", "w-square"):
        assert conservation_error(neuralize(kmeans, rule=rule), IRIS) < 1e-12


def test_relevance_must_fit_the_rows():
    kde = NeonKDE().fit(IRIS)
    with pytest.raises(ValueError, match=r"shape \(150, 3\), the rows \(150, 4\)"):
        flipping_score(kde, relevance=IRIS[:, :3])
    with pytest.raises(ValueError, match="NaN"):
        flipping_score(kde, relevance=np.full((150, 4), np.nan))


def test_relevance_must_be_of_the_same_rows_target_and_columns():
    frame = load_iris(as_frame=True).data
    kde = NeonKDE().fit(frame)
    explanation = kde.explain(frame)
    expected = flipping_score(kde, frame)
    assert flipping_score(kde, frame, explanation) == expected
    assert flipping_score(kde, frame, explanation.to_frame()[frame.columns]) == expected
    with pytest.raises(ValueError, match="put them in the same order"):
        flipping_score(kde, frame, explanation.to_frame()[frame.columns[::-1]])
    with pytest.raises(ValueError, match="of other rows"):
        flipping_score(kde, frame[::-1], explanation)
    with pytest.raises(ValueError, match="of another target"):
        flipping_score(kde, frame, kde.explain(frame, target="inlier"))
    kmeans = NeonKMeans(3, random_state=0).fit(frame)
    with pytest.raises(ValueError, match="of another target"):
        flipping_score(kmeans, frame, kmeans.explain(frame), cluster=1)


def test_insertion_by_the_slow_protocol():
    kmeans = NeonKMeans(3, random_state=3, n_init=1).fit(IRIS)
    relevance = kmeans.explain().relevance
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(30):
        for n, x in enumerate(IRIS):
            order = list(np.argsort(-relevance[n]))
            failed = 0
            for step in range(4):
                row = np.array(
                    [
                        x[i]
                        if i in order[: step + 1]
                        else IRIS[rng.choice(np.delete(np.arange(150), n)), i]
                        for i in range(4)
                    ]
                )
                distances = np.sum((kmeans.cluster_centers_ - row) ** 2, axis=1)
                if distances.argmin() == kmeans.labels_[n]:
                    break
                failed += 1
            shares.append(1 - failed / 4)
    trials = insertion_trials(kmeans)
    assert trials.shape == (100, 150)
    standard_error = np.std(np.reshape(shares, (30, 150)).mean(axis=1)) / np.sqrt(30)
    assert abs(trials.mean() - np.mean(shares)) < 4 * standard_error
    assert insertion_score(kmeans) == trials.mean()
    random = rng.normal(size=IRIS.shape)
    assert insertion_score(kmeans) > insertion_score(kmeans, relevance=random)


def test_insertion_refuses_other_questions():
    with pytest.raises(TypeError, match="use flipping_score"):
        insertion_score(NeonKDE().fit(IRIS))
    kmeans = NeonKMeans(3, random_state=0).fit(IRIS)
    with pytest.raises(TypeError, match="asks about the assigned clusters"):
        insertion_score(kmeans, cluster=1)
    assert insertion_score(kmeans, cluster=None, n_trials=1) > 0
    with pytest.raises(ValueError, match="a single cluster"):
        insertion_score(NeonKMeans(1).fit(IRIS))
    with pytest.raises(ValueError, match="at least two rows"):
        insertion_score(kmeans, IRIS[:1])
    with pytest.raises(ValueError, match="n_trials == 0"):
        insertion_score(kmeans, n_trials=0)


def test_scorers_are_the_metrics_of_the_last_step():
    raw = load_wine().data[:, :9]
    kde = make_pipeline(StandardScaler(), NeonKDE(beta="gamma")).fit(raw[:150])
    rows = kde[:-1].transform(raw[150:])
    assert flipping_scorer(kde, raw[150:]) == -flipping_score(kde[-1], rows)
    distance = relevance_distance(kde[-1].explain(rows), exact_shapley(kde[-1], rows))
    assert shapley_scorer(kde, raw[150:]) == pytest.approx(-distance)
    inlier = shapley_scorer(kde, raw[150:], target="inlier")
    assert inlier < 0 and inlier != shapley_scorer(kde, raw[150:])
    assert -1e-6 < conservation_scorer(kde, raw[150:]) < 0
    nested = Pipeline([("one", kde)]).fit(raw)
    assert flipping_scorer(nested, raw) == flipping_scorer(kde.fit(raw), raw)
    kmeans = make_pipeline(StandardScaler(), NeonKMeans(3, random_state=0)).fit(raw)
    expected = insertion_score(kmeans[-1], kmeans[:-1].transform(raw))
    assert insertion_scorer(kmeans, raw) == expected
    assert insertion_scorer(kmeans[-1], kmeans[:-1].transform(raw)) == expected


DATA = {
    "iris": load_iris().data,
    "wine": load_wine().data[:, ::2],
    "wine, other half": load_wine().data[:, 1::2],
    "diabetes": load_diabetes().data[:150, :6],
}


@pytest.mark.parametrize("name", DATA)
def test_searching_beta_is_never_worse_than_the_choice_of_the_chapter(name):
    pipeline = make_pipeline(StandardScaler(), NeonKDE(gamma=0.5))
    grid = {"neonkde__beta": ["gamma", 0.05, "integrated"]}
    search = GridSearchCV(pipeline, grid, scoring=shapley_scorer, cv=3)
    search.fit(DATA[name])
    results = search.cv_results_
    assert search.best_params_["neonkde__beta"] == "integrated"
    assert search.best_score_ > results["mean_test_score"][0]
    # and on rows that the search has not seen
    held_out = search.fit(DATA[name][::2]).best_estimator_
    chapter = pipeline.set_params(neonkde__beta="gamma").fit(DATA[name][::2])
    unseen = DATA[name][1::2]
    assert shapley_scorer(held_out, unseen) >= shapley_scorer(chapter, unseen)


@pytest.mark.parametrize("name", DATA)
def test_searching_rules_is_never_worse_than_w_square(name):
    pipeline = make_pipeline(StandardScaler(), NeonKMeans(4, random_state=0, n_init=3))
    grid = {"neonkmeans__rule": ["w-square", "midpoint", "shapley"]}
    search = GridSearchCV(pipeline, grid, scoring=flipping_scorer, cv=3)
    search.fit(DATA[name][::2])
    assert search.best_score_ >= search.cv_results_["mean_test_score"][0]
    fixed = pipeline.set_params(neonkmeans__rule="w-square").fit(DATA[name][::2])
    unseen = DATA[name][1::2]
    chosen = flipping_scorer(search.best_estimator_, unseen)
    assert chosen >= flipping_scorer(fixed, unseen)


def test_several_scorers_beside_the_likelihood():
    scoring = {
        "likelihood": lambda estimator, X, y=None: estimator.score(X),
        "flipping": flipping_scorer,
        "inlier": partial(flipping_scorer, target="inlier"),
    }
    pipeline = make_pipeline(StandardScaler(), NeonKDE())
    result = cross_validate(pipeline, load_iris().data, scoring=scoring, cv=3)
    again = cross_validate(pipeline, load_iris().data, scoring=scoring, cv=3)
    for name in scoring:
        values = result[f"test_{name}"]
        assert np.all(np.isfinite(values))
        np.testing.assert_array_equal(values, again[f"test_{name}"])
    grid = {"neonkde__gamma": [0.1, 0.5, 2.0]}
    search = GridSearchCV(pipeline, grid, scoring=scoring, refit="likelihood", cv=3)
    assert "mean_test_flipping" in search.fit(load_iris().data).cv_results_
