# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Training rows that models judge which were fitted without them."""

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from sklearn.svm import OneClassSVM

from skneon import Explanation, NeonKDE, explain, neuralize, report, threshold

X = scale(load_wine().data)
PLANTED = [7, 100]
X[PLANTED, [0, 4]] += 6
X[PLANTED, [1, 9]] -= 6
MODELS = {
    "mixture": (GaussianMixture(3, reg_covar=1e-3, random_state=0), "outlier"),
    "support vectors": (OneClassSVM(nu=0.1), None),
    "pipeline": (make_pipeline(StandardScaler(), OneClassSVM(nu=0.1)), None),
}


@pytest.fixture(scope="module", params=MODELS)
def told(request):
    """A fitted model, its options and the explanation of its training rows."""
    model, target = MODELS[request.param]
    options = {} if target is None else {"target": target}
    fitted = model.fit(X)
    return fitted, options, explain(fitted, X_train=X, **options)


def test_rows_that_are_altered_are_flagged_by_models_without_them(told):
    _, _, reasons = told
    assert reasons.flagged()[PLANTED].all() and reasons.flagged().sum() < 6
    # by the scores of the model that was fitted to them not all of them are
    assert not threshold(reasons.score).flagged(reasons.score)[PLANTED].all()


def test_what_is_explained_is_the_score_of_the_model(told):
    fitted, options, reasons = told
    own = neuralize(fitted, **options).forward(X)
    np.testing.assert_allclose(reasons.score, own, rtol=1e-9)
    total = reasons.relevance.sum(axis=1) + reasons.residual
    np.testing.assert_allclose(total, own, rtol=1e-9)
    # and the scores that flag are those that new rows stand beside
    beside = explain(fitted, X[:1], X_train=X, **options).training_score
    np.testing.assert_array_equal(reasons.held_out_score, beside)
    np.testing.assert_array_equal(reasons.training_score, beside)
    assert reasons.threshold == threshold(beside)
    np.testing.assert_array_equal(reasons.judged_score, beside)


def test_rows_keep_their_scores(told):
    reasons = told[-1]
    flagged = reasons.flagged()
    assert reasons[PLANTED].flagged().all()
    np.testing.assert_array_equal(reasons[50:].flagged(), flagged[50:])
    both = Explanation.concat([reasons[:50], reasons[50:]])
    again = Explanation.from_json(both.to_json())
    np.testing.assert_array_equal(again.flagged(), flagged)
    np.testing.assert_array_equal(again.aggregate({}).flagged(), flagged)


def test_others_are_judged_by_what_is_explained():
    reasons = explain(NeonKDE().fit(X))
    assert reasons.held_out_score is None
    np.testing.assert_array_equal(reasons.judged_score, reasons.score)
    machine = OneClassSVM(nu=0.1).fit(X)
    new = explain(machine, X + 1, X_train=X)
    assert new.held_out_score is None and new.p_value is not None


def test_a_report_says_by_what_rows_are_flagged():
    machine = OneClassSVM(nu=0.1).fit(X)
    reasons = explain(machine, X_train=X)
    page = report(reasons, None, top=3).html
    assert "outlierness by models fitted without the row" in page
    n = reasons.flagged().sum()
    assert f"What drives the {n} rows beyond the threshold" in page
    first = np.argsort(-reasons.held_out_score)[0]
    assert f"without it {reasons.held_out_score[first]:.4g}" in page


def test_too_few_rows_for_a_fold():
    few = GaussianMixture(4, random_state=0).fit(X[:4])
    reasons = explain(few, X_train=X[:4], target="outlier")
    assert reasons.training_score is None is reasons.threshold
    with pytest.raises(ValueError, match="nine tenths"):
        reasons.flagged()
