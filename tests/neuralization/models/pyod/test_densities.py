# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of PyOD's detectors that have a density or a Gaussian inside."""

import numpy as np
import pytest
from helpers.detectors import (
    check_behind_a_scaler,
    check_mechanics,
    check_scores,
    tables,
)

from skneon import explain

pytest.importorskip("pyod", reason="the extra pyod is not installed")

from pyod.models.gmm import GMM
from pyod.models.kde import KDE
from pyod.models.mcd import MCD
from pyod.models.ocsvm import OCSVM

TRAIN, ROWS = tables()["drawn"]


def gmm():
    return GMM(2, random_state=0)


def mcd():
    return MCD(random_state=0, support_fraction=0.9)


def outlierness(model, scores):
    gamma, d = 1 / (2 * model.kde_.bandwidth_**2), model.kde_.n_features_in_
    return (scores + d / 2 * np.log(gamma / np.pi)) / gamma


def of_support(model, scores):
    machine = model.detector_
    gamma = 1 / machine.n_features_in_
    return -np.log((machine.offset_ - scores) / machine.dual_coef_.sum()) / gamma


@pytest.mark.parametrize(
    ("fresh", "options"),
    [
        (lambda: KDE(bandwidth=2.0), {"explained": outlierness}),
        (OCSVM, {"explained": of_support}),
        (gmm, {"residual": True, "rule": "integrated"}),
        (mcd, {"rule": "integrated"}),
        (mcd, {}),
    ],
)
def test_scores_are_shared(fresh, options):
    # wine in its units is far beyond the reach of a kernel
    names = ["cancer", "drawn"] if "explained" in options else list(tables())
    check_scores(fresh, names=names, **options)


@pytest.mark.parametrize("fresh", [lambda: KDE(bandwidth=2.0), OCSVM, gmm, mcd])
def test_mechanics(fresh):
    check_behind_a_scaler(fresh)
    check_mechanics(fresh)


@pytest.mark.parametrize(
    ("fresh", "inside", "options"),
    [
        (KDE, "kde_", {"rule": "soft-argmin"}),
        (OCSVM, "detector_", {"rule": "soft-argmin"}),
        (gmm, "detector_", {"target": "outlier", "rule": "mean"}),
        (mcd, "detector_", {"rule": "mean"}),
    ],
)
def test_explanations_are_those_of_the_model_inside(fresh, inside, options):
    model = fresh().fit(TRAIN)
    got = explain(model, ROWS, X_train=TRAIN, **options)
    expected = explain(getattr(model, inside), ROWS, X_train=TRAIN, **options)
    np.testing.assert_array_equal(got.relevance, expected.relevance)
    np.testing.assert_array_equal(got.compared_with, expected.compared_with)
    np.testing.assert_allclose(got.p_value, expected.p_value)
    own = explain(model, X_train=TRAIN, **options)
    expected = explain(getattr(model, inside), X_train=TRAIN, **options)
    np.testing.assert_array_equal(own.score, expected.score)


def test_mcd_keeps_scores_of_its_training_rows():
    model = mcd().fit(TRAIN)
    got = explain(model, ROWS)
    given = explain(model, ROWS, X_train=TRAIN)
    np.testing.assert_allclose(got.p_value, given.p_value, rtol=1e-12)


def test_a_threshold_beyond_all_scores_is_passed_by_no_row():
    model = OCSVM().fit(TRAIN)
    model.threshold_ = model.detector_.offset_.item() + 1
    assert explain(model, ROWS).meta["threshold"] == np.inf
    assert (model.predict(ROWS) == 0).all()


def test_what_has_no_network_is_refused():
    for kde in (KDE(metric="manhattan"), KDE(metric_params={"p": 3})):
        with pytest.raises(ValueError, match='Fit KDE with metric="euclidean"'):
            explain(kde.fit(TRAIN), ROWS)
    with pytest.raises(ValueError, match='Fit OCSVM with kernel="rbf"'):
        explain(OCSVM(kernel="linear").fit(TRAIN), ROWS)
    message = r"score of KDE is one of outliers: .* explain\(model.kde_, X, target='inl"
    with pytest.raises(ValueError, match=message):
        explain(KDE().fit(TRAIN), ROWS, target="inlier")
    with pytest.raises(ValueError, match="score of GMM is one of outliers"):
        explain(gmm().fit(TRAIN), ROWS, target="cluster")
    with pytest.raises(TypeError, match=r"neuralize\(MCD\) takes no groups"):
        explain(mcd().fit(TRAIN), ROWS, groups=np.zeros(len(TRAIN)))
