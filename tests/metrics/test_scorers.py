# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Scorers for the searches of scikit-learn."""

from functools import partial

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris, load_wine
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, NeonKMeans
from skneon.metrics import (
    conservation_scorer,
    exact_shapley,
    flipping_score,
    flipping_scorer,
    insertion_score,
    insertion_scorer,
    relevance_distance,
    shapley_scorer,
)


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
