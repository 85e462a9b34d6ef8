# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Scores that may be negative, as those of forests: no shares, and borders."""

import numpy as np
from helpers.report_pages import clean
from sklearn.datasets import load_wine
from sklearn.ensemble import IsolationForest

from skneon import explain, report
from skneon._report._judge import Judge
from skneon.neuralization import neuralize

X = load_wine(as_frame=True).data.iloc[::3, :5]
FOREST = IsolationForest(n_estimators=20, random_state=0).fit(X)


def test_contributions_to_signed_scores_are_no_shares():
    page = report(FOREST, X, top=1)
    text = " ".join(clean(page.html).text.split())
    n = int(np.sum(FOREST.predict(X) == -1))
    assert f"By its own threshold, 0, the model predicts {n} of 60 rows to be" in text
    assert "Scores are in splits saved, of those that random cuts need" in text
    assert "% of the outlierness" not in text
    found = explain(FOREST, X)
    first = found[int(found.score.argmax())].top(1, by="relevance")[0][0]
    assert f"adds {first.relevance:.4g}" in text and "(border " in text
    assert "first principal component, " in text and "&rarr;" in page.html


def test_rows_of_the_fit_have_no_p_values():
    network, numbers = neuralize(FOREST, X_train=X), np.arange(len(X))
    assert Judge(network, numbers).explain(X, numbers, numbers).p_value is None
    assert Judge(network).explain(X, numbers, numbers).p_value is not None
