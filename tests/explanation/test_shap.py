# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations in the form that shap's plots take."""

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import pictures

from skneon import NeonKDE
from skneon.network import SoftArgmin

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

shap = pytest.importorskip("shap")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def numbers(n=40):
    X = np.random.default_rng(0).normal(size=(60, 4))
    return NeonKDE(rule=SoftArgmin(epsilon=0.5)).fit(X).explain(X[:n])


def categories(n=40):
    data = np.random.default_rng(0).normal(size=(n, 4)).astype(object)
    data[:, 1] = np.array(["red", "green", "blue"], dtype=object)[np.arange(n) % 3]
    data[n // 3, 1] = None
    data[n // 2, 2] = np.nan
    return pictures.explanation(n=n, d=4, data=data, names=["w", "x", "y", "z"])


def clusters(n=40):
    return pictures.explanation(n=n, d=4, n_clusters=3)


EXPLANATIONS = [numbers, categories, clusters]


@pytest.mark.parametrize("make", EXPLANATIONS)
@pytest.mark.parametrize("n", [1, 40])
def test_values_sum_to_score_less_residual(make, n):
    explanation = make(n)
    result = explanation.to_shap()
    assert isinstance(result, shap.Explanation)
    np.testing.assert_array_equal(result.values, explanation.relevance)
    np.testing.assert_array_equal(result.base_values, np.zeros(n))
    assert tuple(result.feature_names) == explanation.feature_names
    total = result.base_values + result.values.sum(axis=1) + explanation.residual
    np.testing.assert_allclose(total, explanation.score)
    if make is numbers:
        assert np.all(explanation.residual > 0.01)


def test_numbers_stay_as_they_are():
    explanation = numbers()
    result = explanation.to_shap()
    np.testing.assert_array_equal(result.data, explanation.data)
    assert result.display_data is None
    # shap may change its arrays, explanations do not change
    result.values[:] = result.data[:] = 0
    assert explanation.relevance.any() and explanation.data.any()


def test_categories_become_numbers_in_sorted_order():
    explanation = categories()
    result = explanation.to_shap()
    assert result.data.dtype == float
    np.testing.assert_array_equal(
        result.data[:, 0], explanation.data[:, 0].astype(float)
    )
    texts = explanation.data[:, 1]
    order = {"blue": 0, "green": 1, "red": 2, None: np.nan}
    np.testing.assert_array_equal(result.data[:, 1], [order[text] for text in texts])
    assert np.isnan(result.data[20, 2]) and np.isnan(result.data[13, 1])
    np.testing.assert_array_equal(
        result.display_data[:, 1], [text or "missing" for text in texts]
    )
    assert result.display_data[0, 0] == explanation.data[0, 0]
    assert result.display_data[20, 2] == "missing"


def assert_names_are_drawn(explanation):
    """The current figure can be drawn, and names features."""
    figure = plt.gcf()
    figure.canvas.draw()
    labels = [label.get_text() for ax in figure.axes for label in ax.get_yticklabels()]
    assert any(name in text for name in explanation.feature_names for text in labels)


@pytest.mark.parametrize("make", EXPLANATIONS)
@pytest.mark.parametrize("plot", ["bar", "beeswarm", "heatmap"])
def test_plots_of_many_rows(make, plot):
    explanation = make()
    getattr(shap.plots, plot)(explanation.to_shap(), show=False)
    assert_names_are_drawn(explanation)


@pytest.mark.parametrize("make", EXPLANATIONS)
@pytest.mark.parametrize("row", [0, 13, 20])
@pytest.mark.parametrize("plot", ["bar", "waterfall"])
def test_plots_of_one_row(make, plot, row):
    explanation = make()
    getattr(shap.plots, plot)(explanation.to_shap()[row], show=False)
    assert_names_are_drawn(explanation)


# 2026-11-22: beeswarm takes percentiles of a column even where all of it is missing
@pytest.mark.filterwarnings("ignore:All-NaN slice encountered:RuntimeWarning")
@pytest.mark.parametrize("make", EXPLANATIONS)
def test_plots_of_an_explanation_of_one_row(make):
    explanation = make(1)
    result = explanation.to_shap()
    shap.plots.bar(result, show=False)
    assert_names_are_drawn(explanation)
    plt.figure()
    shap.plots.waterfall(result[0], show=False)
    assert_names_are_drawn(explanation)
    plt.figure()
    shap.plots.beeswarm(result, show=False)
    assert_names_are_drawn(explanation)


@pytest.mark.parametrize("make", EXPLANATIONS)
def test_force_plots(make):
    result = make().to_shap()
    assert shap.plots.force(result[0]).html()
    shap.plots.force(result[0], matplotlib=True, show=False)
    many = shap.plots.force(result[:5])
    assert many.html()
    assert shap.plots.force(result[20]).html()


def test_dates_are_shown_as_texts():
    dates = np.array(["2020-01-03", "2020-01-01"], dtype="datetime64[D]")
    data = np.column_stack([dates.astype(object), [1.5, None]])
    result = pictures.explanation(n=2, d=2, data=data).to_shap()
    np.testing.assert_array_equal(result.data, [[1, 1.5], [0, np.nan]])
    assert result.display_data.tolist() == [
        ["2020-01-03", 1.5],
        ["2020-01-01", "missing"],
    ]
    shap.plots.waterfall(result[0], show=False)


def test_without_shap_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "shap", None)
    with pytest.raises(ImportError, match=r'pip install "skneon\[shap\]"'):
        numbers().to_shap()
