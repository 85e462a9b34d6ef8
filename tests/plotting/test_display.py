# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What holds of all Displays."""

import subprocess
import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from helpers import pictures
from helpers.pictures import NAMES, draw
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skneon import explain, plotting


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_import_leaves_matplotlib_alone():
    code = "import sys, skneon.plotting; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", NAMES)
def test_without_matplotlib_names_the_extra(name, monkeypatch):
    explanation = pictures.explanation(n_clusters=2)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r'pip install "skneon\[plot\]"'):
        draw(name, explanation)


@pytest.mark.parametrize("name", NAMES)
def test_touches_no_global_state(name):
    explanation = pictures.explanation(n_clusters=2)
    before = dict(matplotlib.rcParams)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4))
    other = plt.figure()
    display = draw(name, explanation, ax=left)
    assert display.ax_ is left and display.figure_ is figure
    assert not right.has_data()
    assert plt.gcf() is other and len(plt.get_fignums()) == 2
    display = draw(name, explanation)
    assert display.figure_ not in (figure, other) and len(plt.get_fignums()) == 3
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("name", NAMES)
def test_plot_draws_again(name):
    display = draw(name, pictures.explanation(n_clusters=2))
    first = display.ax_
    ax = pictures.axes((120, 90))
    assert display.plot(ax=ax) is display
    assert display.ax_ is ax is not first
    pictures.check(display)


@pytest.mark.parametrize("name", NAMES)
def test_draws_into_a_subfigure(name):
    figure = plt.figure(layout="constrained")
    ax = figure.subfigures(1, 2)[0].subplots()
    display = draw(name, pictures.explanation(n_clusters=2), ax=ax)
    assert display.ax_ is ax
    figure.canvas.draw()


@pytest.mark.parametrize("name", NAMES)
def test_from_estimator(name):
    X = np.random.default_rng(0).normal(size=(30, 3))
    model = make_pipeline(StandardScaler(), KMeans(2, n_init=1, random_state=0)).fit(X)
    display = getattr(plotting, name)
    extra = {"positions": X[:, :2]} if name == "ScoreMapDisplay" else {}
    options = {"rule": "midpoint", "cluster": model.predict(X)}
    one = display.from_estimator(model, X, options=options, **extra)
    explanation = explain(model, X, **options)
    other = display.from_explanation(explanation, **extra)
    own = {"ScoreMapDisplay": "score", "SummaryDisplay": "inside"}
    own |= {"BeeswarmDisplay": "size", "ClusterProfileDisplay": "share"}
    field = own.get(name, "relevance")
    np.testing.assert_array_equal(getattr(one, field), getattr(other, field))


@pytest.mark.parametrize("name", NAMES)
def test_categories_and_missing_values(name):
    frame = pd.DataFrame(
        {
            "colour": ["red", "blue", "blue", "red", "grey"] * 6,
            "mass": [1.0, None, 3.0, 4.0, 50.0] * 6,
        }
    )
    prepare = make_column_transformer(
        (SimpleImputer(), ["mass"]), (OneHotEncoder(), ["colour"])
    )
    model = make_pipeline(prepare, KernelDensity()).fit(frame)
    members = np.array(["one", "two"] * 15)
    explanation = explain(model, frame, members=members)
    assert explanation.data.dtype == object
    pictures.check(draw(name, explanation))


@pytest.mark.parametrize("name", NAMES)
def test_a_single_cluster_of_infinite_evidence(name):
    explanation = pictures.explanation(n_clusters=1)
    zero = np.zeros_like(explanation.relevance)
    infinite = np.full(len(explanation), np.inf)
    fields = {"relevance": zero, "score": infinite, "rival": None}
    explanation = pictures.explanation(n_clusters=1, **fields)
    pictures.check(draw(name, explanation))


@pytest.mark.parametrize("name", NAMES)
def test_errors(name):
    explanation = pictures.explanation(n_clusters=2)
    with pytest.raises(ValueError, match="no rows: there is nothing to draw"):
        draw(name, explanation[:0])
    for k in (-1, 1.5, "all", True):
        with pytest.raises(ValueError, match="k must be an int of at least"):
            draw(name, explanation, k=k)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
@pytest.mark.parametrize("name", NAMES)
def test_numbers_of_any_size(name, scale):
    relevance = pictures.explanation(n_clusters=3).relevance * scale
    explanation = pictures.explanation(
        n_clusters=3, relevance=relevance, score=relevance.sum(axis=1)
    )
    pictures.check(draw(name, explanation, ax=pictures.axes((80, 80))))
