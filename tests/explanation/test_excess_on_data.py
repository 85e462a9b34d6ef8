# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Excess and typical values on real tables."""

import numpy as np
import pandas as pd
import pytest
from palmerpenguins import load_penguins
from scipy.stats import spearmanr
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, scale

from skneon import NeonKDE, explain
from skneon.datasets import fetch_wholesale_customers


def assert_typical_values_are_typical(reasons, X):
    """Of every reason shown for the 20 leading rows."""
    rows = np.argsort(-reasons.score)[:20]
    parts = [part for row in reasons[rows].reasons(3) for part in row]
    assert len(parts) > 40
    for part in parts:
        column = X[part.feature].dropna()
        if column.dtype.kind not in "fi":
            assert part.typical == column.mode()[0]
            continue
        low, high = column.quantile([0.1, 0.9])
        assert low <= part.typical <= high
        assert part.typical == pytest.approx(column.median())


def test_the_year_leads_no_penguin():
    penguins = load_penguins()
    categories = ["species", "island", "sex"]
    numbers = [name for name in penguins if name not in categories]
    measured = make_pipeline(SimpleImputer(), StandardScaler())
    filled = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder())
    prepare = make_column_transformer((measured, numbers), (filled, categories))
    model = make_pipeline(prepare, NeonKDE()).fit(penguins)
    reasons = explain(model, X_train=penguins)
    # over all rows it has the largest relevance
    assert reasons.feature_names[reasons.relevance.mean(axis=0).argmax()] == "year"
    summary = reasons.summary()
    assert summary.loc["year", "leads"] == 0 and summary.loc["year", "excess"] < 0
    assert all("year" not in group.features for group in reasons.groups())
    assert_typical_values_are_typical(reasons, penguins)
    # the order is that of what each column adds to how far these rows are from ordinary
    # ones, by the density without it; the means of relevance are not in that order
    lead = np.argsort(-reasons.score, kind="stable")[:17]
    columns = [name.split("__")[1] for name in prepare.get_feature_names_out()]
    Z, density, added = model[:-1].transform(penguins), model[-1], {}
    for name in summary.index:
        others = [i for i, own in enumerate(columns) if not own.startswith(name)]
        less = NeonKDE(gamma=density.gamma_).fit(Z[:, others]).outlierness_
        part = reasons.score - less
        added[name] = part[lead].mean() - np.median(part)
    added = [added[name] for name in summary.index]
    assert spearmanr(added, summary["excess"])[0] > 0.95
    assert spearmanr(added, summary["relevance"])[0] < 0.8


def test_altered_columns_lead():
    X = scale(load_breast_cancer().data)
    rng = np.random.default_rng(0)
    rows, pairs = rng.choice(len(X), 5, replace=False), []
    for row in rows:
        pairs.append(rng.choice(X.shape[1], 2, replace=False))
        X[row, pairs[-1]] += 6 * rng.choice([-1, 1], 2)
    excess = explain(NeonKDE().fit(X)).excess()[rows]
    leading = np.argsort(-excess, axis=1)[:, :2]
    np.testing.assert_array_equal(np.sort(leading), np.sort(pairs))


def test_typical_wholesale_customers(wholesale_path):
    found = fetch_wholesale_customers(wholesale_path)
    spending = pd.DataFrame(found.data, columns=found.feature_names)
    model = make_pipeline(StandardScaler(), NeonKDE()).fit(spending)
    reasons = explain(model, X_train=spending)
    np.testing.assert_array_equal(reasons.typical, spending.median())
    first = reasons[reasons.score.argmax()]
    [[part]] = first.reasons(1)
    assert part.value == 47943 and part.typical == 965.5
    assert part.percentile == pytest.approx(100 * 439.5 / 440)
    assert "median 965.5, largest of 440" in first._repr_html_()
    # what it is compared with are few rows that are far out themselves
    assert part.compared_with > spending[part.feature].quantile(0.9)
    assert_typical_values_are_typical(reasons, spending)


def test_typical_values_of_measurements():
    X = load_breast_cancer(as_frame=True).data
    reasons = explain(make_pipeline(StandardScaler(), NeonKDE()).fit(X), X_train=X)
    assert_typical_values_are_typical(reasons, X)
