# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A threshold from the body of the scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from skneon import NeonKDE, explain, threshold

GRID = (np.arange(4000) + 0.5) / 4000


@pytest.mark.parametrize("shape", [0.0, 0.3, 1.5])
def test_is_the_likeliest_tail_from_the_median_on(shape):
    rng = np.random.default_rng(0)
    scores = rng.permutation(rng.gamma(3.0, size=80))
    limit = threshold(scores, alpha=0.5, shape=shape)
    # how far beyond the median half of the rows are left
    half = stats.genpareto(shape).isf(0.5)
    median, upper = np.sort(scores)[[39, 69]]
    beyond = scores[scores > median]

    def loss(step):
        # beyond the upper one only the number counts
        law = stats.genpareto(shape, median, step / half)
        inside, outside = beyond[beyond <= upper], beyond[beyond > upper]
        return -law.logpdf(inside).sum() - len(outside) * law.logsf(upper)

    best = optimize.minimize_scalar(loss, bounds=(1e-3, 20), method="bounded")
    np.testing.assert_allclose(limit.step, best.x, rtol=1e-4)
    assert limit.median == median
    step = limit.step
    law = stats.genpareto(shape, median, step / half)
    np.testing.assert_allclose(limit.value, law.isf(1 / 80))
    where = [median - 5 * step, median, median + step, limit.value]
    np.testing.assert_allclose(limit.once_in(where), [1, 2, 4, 160])
    np.testing.assert_allclose(limit.multiple([2 * median]), [2.0])
    np.testing.assert_array_equal(
        limit.flagged([limit.value, np.nextafter(limit.value, np.inf), np.inf]),
        [False, True, True],
    )


# laws whose hazard rate rises, and one where it is constant
@pytest.mark.parametrize(
    "law",
    [stats.norm(), stats.gamma(2), stats.chi2(6), stats.uniform(), stats.logistic()],
    ids=["normal", "gamma", "chi2", "uniform", "logistic"],
)  # fmt: skip
def test_bounds_the_tail_of_every_rising_hazard_rate(law):
    limit = threshold(law.ppf(GRID))
    scores = law.isf(np.geomspace(1e-9, 0.125, 50))
    assert (law.sf(scores) * limit.once_in(scores) <= 1.001).all()


@pytest.mark.parametrize("shape", [0.0, 0.5])
def test_is_exact_where_the_tail_is_of_its_shape(shape):
    law = stats.genpareto(shape)
    limit = threshold(law.ppf(GRID), alpha=0.05, shape=shape)
    np.testing.assert_allclose(law.sf(limit.value), 0.05 / 4000, rtol=0.02)


@given(scale=st.floats(1e-3, 1e3), shift=st.floats(-1e3, 1e3), seed=st.integers(0, 99))
def test_goes_with_scale_and_shift_and_forgets_order(scale, shift, seed):
    rng = np.random.default_rng(seed)
    scores = rng.gamma(2.0, size=60)
    limit, other = threshold(scores), threshold(rng.permutation(scale * scores + shift))
    np.testing.assert_allclose(other.value, scale * limit.value + shift, rtol=1e-6)


def test_an_eighth_of_the_rows_may_be_anything():
    scores = np.random.default_rng(0).gamma(3.0, size=1000)
    wild = np.sort(scores)
    wild[-125:] = np.inf
    assert threshold(wild).value == pytest.approx(threshold(scores).value)


def test_ties_are_counted_once():
    # a fifth of the rows is one unit above the others: it ends there
    scores = np.repeat([1.0, 2.0], [80, 20])
    limit = threshold(scores)
    assert limit.step == pytest.approx(np.log(2))
    # but for rounding
    noise = scores + 1e-13 * np.random.default_rng(0).random(100)
    assert threshold(noise).value == pytest.approx(limit.value)


@pytest.mark.parametrize(
    "scores, note",
    [
        (np.arange(19.0), "19 rows are too few"),
        (np.empty(0), "0 rows are too few"),
        (np.full(50, 3.0), "tied"),
        (np.repeat([1.0, 9.0], [88, 12]), "tied"),
        (np.full(50, np.inf), "infinite"),
        (np.repeat([-np.inf, 1.0], [30, 20]), "infinite"),
    ],
)
def test_says_why_there_is_none(scores, note):
    limit = threshold(scores)
    assert note in limit.note
    assert not limit.flagged(scores).any()
    assert np.isnan(limit.once_in(scores)).all()


def test_many_expected_rows_are_flagged_above_the_median():
    scores = np.arange(100.0)
    assert threshold(scores, alpha=80).value == threshold(scores).median


def test_multiples_need_scores_that_are_not_negative():
    scores = np.random.default_rng(0).normal(size=100) + 2
    assert np.isnan(threshold(scores).multiple(scores)).all()
    assert threshold(scores).words(2.1) == "as expected of ordinary rows"


@pytest.mark.parametrize(
    "score, words",
    [
        (75.0, "1.5 times the median; as expected of ordinary rows"),
        (325.0, "6.5 times the median; expected once in 12,000 ordinary rows"),
        (
            6000.0,
            "120 times the median; expected less than once in a million ordinary rows",
        ),
    ],
)
def test_words(score, words):
    assert threshold(np.arange(1.0, 101.0)).words(score) == words


@pytest.mark.parametrize(
    "scores, alpha, message",
    [
        (np.ones((3, 2)), 0.05, "vector of numbers"),
        (np.array(["a"]), 0.05, "vector of numbers"),
        (np.r_[np.ones(30), np.nan], 0.05, "NaN at 30"),
        (np.ones(30), 0.0, "'alpha' parameter"),
        (np.ones(30), (1.0, -0.1), "'shape' parameter"),
    ],
)
def test_bad_input(scores, alpha, message):
    with pytest.raises(ValueError, match=message):
        threshold(scores, *np.atleast_1d(alpha))


def test_planted_rows_are_flagged_and_others_are_not():
    X = np.random.default_rng(0).normal(size=(300, 6))
    X[7, :2] += 6
    reasons = explain(NeonKDE(gamma=0.5).fit(X))
    assert np.flatnonzero(reasons.flagged()).tolist() == [7]
    # of all training rows, also where some are shown
    part = reasons[[3, 7]]
    assert part.threshold == reasons.threshold
    assert part.flagged().tolist() == [False, True]
    limit = threshold(reasons.score, 50, reasons.threshold.shape)
    np.testing.assert_array_equal(
        reasons.flagged(alpha=50), limit.flagged(reasons.score)
    )
