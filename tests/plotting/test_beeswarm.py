# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Every row a point, coloured by its own value."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from helpers import pictures
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skneon import NeonKDE, explain
from skneon.plotting import BeeswarmDisplay, SummaryDisplay


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def drawn(display, lane):
    return np.ma.getdata(display.points_[lane].get_offsets())


def test_points_are_excess_and_colours_values():
    X = np.random.default_rng(0).normal(size=(60, 5))
    reasons = NeonKDE(gamma=0.5).fit(X).explain()
    display = BeeswarmDisplay.from_explanation(reasons, row=7)
    order = [reasons.feature_names.index(name) for name in display.feature_names]
    summary = SummaryDisplay.from_explanation(reasons)
    assert display.feature_names == summary.feature_names
    rows = np.append(
        np.delete(
            np.argsort(-reasons.score)[::-1],
            np.flatnonzero(np.argsort(-reasons.score)[::-1] == 7),
        ),
        7,
    )
    for lane, i in enumerate(order):
        x, y = drawn(display, lane).T
        np.testing.assert_allclose(x, reasons.excess()[rows, i])
        assert np.all(np.abs(y - lane) <= 0.45) and y[-1] == lane
        # ranks of the column's own values
        colours = display.points_[lane].get_array()
        assert np.array_equal(np.argsort(colours), np.argsort(X[rows, i]))
    assert display.ax_.get_title() == f"ring: row 7, outlierness {reasons.score[7]:.4g}"
    pictures.check(display)


def test_of_many_rows_the_largest_scores_are_drawn():
    reasons = pictures.explanation(n=50)
    display = BeeswarmDisplay.from_explanation(reasons, max_rows=11, k=2)
    assert len(display.size) == 11 and "11 of 50 rows" in display.ax_.get_title()
    n_others = len(reasons.feature_names) - 2
    label = display.ax_.get_xlabel().replace("\n", " ")
    assert label == f"{display.measure} ({n_others} others not shown)"
    every = BeeswarmDisplay.from_explanation(reasons, k=n_others + 2)
    assert "shown" not in every.ax_.get_xlabel()
    largest = np.sort(reasons.score)[-6:]
    i = reasons.feature_names.index(display.feature_names[0])
    kept = reasons.relevance[np.isin(reasons.score, largest), i]
    assert set(kept) <= set(np.asarray(display.size)[:, 0])
    with pytest.raises(IndexError, match="Row 50"):
        BeeswarmDisplay.from_explanation(reasons, row=50)


def test_categories_have_no_order():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=30), "b": list("xyz") * 10})
    steps = make_column_transformer((StandardScaler(), ["a"]), (OneHotEncoder(), ["b"]))
    reasons = explain(make_pipeline(steps, NeonKDE()).fit(frame), frame)
    display = BeeswarmDisplay.from_explanation(reasons)
    standing = np.asarray(display.standing)
    assert np.isnan(standing[:, display.feature_names.index("b")]).all()
    assert np.isfinite(standing[:, display.feature_names.index("a")]).all()
    pictures.check(display)
