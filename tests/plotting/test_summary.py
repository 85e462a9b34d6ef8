# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Bars over all rows."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import pictures

from skneon.plotting import SummaryDisplay


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("k", [3, 20])
def test_means_and_quartiles(k):
    explanation = pictures.explanation(d=13)
    display = SummaryDisplay.from_explanation(explanation, k=k)
    size = np.abs(explanation.relevance)
    order = np.argsort(-size.mean(axis=0))[:k]
    lengths = [bar.get_width() for bar in display.bars_]
    np.testing.assert_array_equal(lengths, display.mean)
    np.testing.assert_allclose(lengths[:k], size[:, order].mean(axis=0))
    lines = np.array(display.spread_.get_segments())[:, :, 0]
    np.testing.assert_allclose(
        lines[:k], np.quantile(size[:, order], [0.25, 0.75], axis=0).T
    )
    names = [explanation.feature_names[i] for i in order]
    assert display.feature_names[:k] == names
    if k == 3:
        rest = np.delete(size, order, axis=1).mean(axis=1)
        assert display.feature_names[3] == "mean of 10 others"
        assert lengths[3] == pytest.approx(rest.mean())
        np.testing.assert_allclose(lines[3], np.quantile(rest, [0.25, 0.75]))
    assert "over 40 rows" in display.ax_.get_xlabel().replace("\n", " ")


def test_made_by_hand():
    display = SummaryDisplay(["a"], [1.0], [[0.5], [2.0]]).plot()
    assert "rows" not in display.ax_.get_xlabel()
    pictures.check(display)


def test_keywords_reach_the_bars():
    display = SummaryDisplay.from_explanation(pictures.explanation(), alpha=0.5)
    assert {bar.get_alpha() for bar in display.bars_} == {0.5}
