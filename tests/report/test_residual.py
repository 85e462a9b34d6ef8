# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What of a score belongs to no column: in words, on cards, beside the columns' sum."""

import re

import numpy as np
import pytest
from helpers.report_pages import clean
from sklearn.datasets import load_wine
from sklearn.ensemble import IsolationForest
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import SGDOneClassSVM
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import Explanation, NeonKDE, explain, report
from skneon._report._residual import residual_line, residual_words
from skneon.network import SoftArgmin

X = load_wine(as_frame=True).data.iloc[::2, :6]


def of(relevance, residual):
    """An explanation of these parts."""
    relevance, residual = np.asarray(relevance, float), np.asarray(residual, float)
    return Explanation(
        relevance=relevance, score=relevance.sum(axis=1) + residual, target="outlier",
        feature_names=("a", "b"), data=relevance, compared_with=relevance,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("relevance", "residual", "words", "line"),
    [
        ([[1, 2], [3, 4]], [0, 1e-9], "", ""),
        ([[1, 2], [3, 4]], [-2, -2], "A constant of −2, the same for every row, "
         "belongs to no column.", "of no column (a constant): −200\xa0%"),
        ([[1, 2], [3, 4]], [1, 3], "The rule leaves 28\xa0% of the median score "
         "unexplained (residual).", "of no column (the residual): 25\xa0%"),
        ([[1, 2], [-3, -4]], [1, 3], "The rule leaves 2 of a score unexplained (the "
         "median size of the residual).", "of no column (the residual): 25\xa0%"),
        ([[1, 2]], [1], "The rule leaves 25\xa0% of the median score unexplained "
         "(residual).", "of no column (the residual): 25\xa0%"),
    ],
)  # fmt: skip
def test_words(relevance, residual, words, line):
    found = of(relevance, residual)
    assert residual_words(found) == words
    assert residual_line(found, 0, is_part=True) == line
    if line:
        told = residual_line(found, 0, is_part=False)
        assert told == f"{line.split(':')[0]}: {residual[0]:g}".replace("-", "−")


def cards(page):
    """What each card says of other columns, and of none, as numbers."""
    text = re.sub(r"\s+", " ", clean(page.html).text)
    number = r"(−?[\d.,e]+)"
    found = re.findall(
        rf"other columns: together {number} of no column \([^)]+\): {number}", text
    )
    return np.array([[float(n.replace("−", "-")) for n in one] for one in found])


def test_cards_of_signed_scores_add_up():
    forest = IsolationForest(n_estimators=20, bootstrap=True, random_state=0).fit(X)
    boundary = make_pipeline(
        StandardScaler(), Nystroem(n_components=20, random_state=0), SGDOneClassSVM()
    ).fit(X)
    for model, options in ((forest, {"rule": "path"}), (forest, {}), (boundary, {})):
        found = explain(model, X, **options)
        page = report(found, X, top=5)
        order = np.argsort(-found.score, kind="stable")[:5]
        told = cards(page)
        np.testing.assert_allclose(told[:, 1], found.residual[order], 1e-3)
        parts = [sum(p.relevance for p in page_reasons(found[i])) for i in order]
        rest = found.relevance[order].sum(axis=1) - parts
        np.testing.assert_allclose(told[:, 0], rest, 1e-3, 1e-3)


def page_reasons(one):
    """The reasons that have a line on a card."""
    parts = one.reasons(4)[0]
    return [p for k, p in enumerate(parts) if k == 0 or abs(p.share) >= 0.03]


def test_cards_of_shares_add_up():
    lossy = NeonKDE(gamma=1.0, rule=SoftArgmin(epsilon=5.0))
    found = lossy.fit(StandardScaler().fit_transform(X)).explain()
    text = re.sub(r"\s+", " ", clean(report(found, X, top=5).html).text)
    lines = re.findall(
        r"other columns?: (\d+).% of no column \(the residual\): (\d+)", text
    )
    order = np.argsort(-found.score, kind="stable")[: len(lines)]
    assert len(lines) == 5
    for (others, left), i in zip(lines, order, strict=True):
        told = sum(p.share for p in page_reasons(found[i]))
        assert abs(int(left) - 100 * found.residual[i] / found.score[i]) <= 0.5
        assert abs(int(others) - 100 * (found.share[i].sum() - told)) <= 0.5
    assert "which add up to it, with what belongs to no column" in text
