# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""X_train of Pipelines: rows are those of the fit, whatever its steps do to them."""

import numpy as np
import pandas as pd
import pytest
from helpers.laws import assert_close
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_selection import SelectKBest
from sklearn.neighbors import KernelDensity, LocalOutlierFactor, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, TargetEncoder

from skneon import NeonKDE, explain

DIGITS = load_digits().data[:120]
RNG = np.random.default_rng(0)
N = 120
LABELS = np.arange(N) % 3 == 0
TARGET = RNG.normal(size=N)
MIXED = pd.DataFrame(
    {
        "city": np.array(["Bonn", "Rome", "York", "Oslo"])[np.arange(N) % 4],
        "v": RNG.normal(size=N),
        "w": 1e3 + RNG.normal(size=N),
    },
    index=[f"row{i}" for i in range(N)],
)
ENCODE = make_column_transformer(
    (TargetEncoder(), ["city"]), (StandardScaler(), ["v", "w"])
)
# steps that give other values in their fit than afterwards, and what they are fitted to
NOISY = {
    "randomized": (PCA(10, svd_solver="randomized", random_state=0), DIGITS),
    "whiten": (
        PCA(10, whiten=True, svd_solver="randomized", random_state=0),
        DIGITS,
    ),
    "svd": (TruncatedSVD(10, random_state=0), DIGITS),
    "float32": (PCA(10), DIGITS.astype(np.float32)),
    "cross-fitting": (ENCODE, MIXED),
}


@pytest.mark.parametrize("case", NOISY)
@pytest.mark.parametrize("model", [KernelDensity(bandwidth=5.0), NeonKDE()], ids=repr)
def test_rows_of_the_fit_are_known_by_what_they_are_nearest_to(case, model):
    step, rows = NOISY[case]
    pipeline = make_pipeline(step, model).fit(rows, TARGET)
    got = explain(pipeline, X_train=rows)
    numbers = np.arange(N)
    seen = None if rows is MIXED else step.transform(rows)
    expected = explain(pipeline[-1], seen, leave_out=numbers)
    np.testing.assert_allclose(got.score, expected.score, rtol=1e-5)
    assert got.relevance.shape[1] == rows.shape[1]
    swapped = np.arange(N)
    swapped[[3, 70]] = [70, 3]
    changed = rows.copy()
    where = (7, "v") if rows is MIXED else (7, 20)
    if rows is MIXED:
        changed.loc[rows.index[where[0]], where[1]] += 30.0
    else:
        changed[where] += 300.0
    for other, row in (
        (rows.iloc[swapped] if rows is MIXED else rows[swapped], 3),
        (changed, 7),
        (rows[::-1], 0),
    ):
        with pytest.raises(ValueError, match=f"row {row} is another than the training"):
            explain(pipeline, X_train=other)


def test_an_encoder_that_leaves_no_column_as_it_is():
    """Rows of a category are alike, so that only categories can be told apart."""
    cities = MIXED[["city"]]
    target = np.arange(N) % 4 + 0.3 * TARGET
    pipeline = make_pipeline(TargetEncoder(), NeonKDE()).fit(cities, target)
    got = explain(pipeline, X_train=cities)
    np.testing.assert_array_equal(got.score, explain(pipeline[-1]).score)
    with pytest.raises(ValueError, match="row 0 is another than the training"):
        explain(pipeline, X_train=cities[::-1])


def test_rows_of_another_precision_are_the_same():
    """Rounding to float32 is 1e-4 of what the scaler leaves of w."""
    table = MIXED[["v", "w"]]
    for fit, asked in ((np.float64, np.float32), (np.float32, np.float64)):
        pipeline = make_pipeline(StandardScaler(), KernelDensity())
        pipeline.fit(table.astype(np.float32).astype(fit))
        got = explain(pipeline, X_train=table.astype(asked))
        np.testing.assert_array_equal(got.score, explain(pipeline[-1]).score)
        with pytest.raises(ValueError, match="row 0 is another"):
            explain(pipeline, X_train=table[::-1].astype(asked))


def test_the_step_that_was_fitted_to_other_rows_is_named():
    scaled = make_pipeline(StandardScaler(), PCA(5), NearestNeighbors(n_neighbors=3))
    scaled.fit(DIGITS)
    for rows, named in (
        (DIGITS + 1.0, "standardscaler"),
        (DIGITS[::-1] * 2.0, "standardscaler"),
        (DIGITS[::-1], None),
    ):
        with pytest.raises(ValueError, match="NearestNeighbors: row 0 is") as raised:
            explain(scaled, X_train=rows)
        named_it = f"Step {named!r} was fitted to other rows" in str(raised.value)
        assert named_it == (named is not None)
    steps = make_pipeline(StandardScaler(), PCA(5)).fit(DIGITS[:60])
    last = LocalOutlierFactor(novelty=True).fit(steps.transform(DIGITS))
    explain(make_pipeline(*[s for _, s in steps.steps], last), X_train=DIGITS)


def test_steps_that_choose_columns_by_a_target_allow_for_no_noise():
    table = MIXED[["v", "w"]]
    pipeline = make_pipeline(SelectKBest(k=1), NeonKDE()).fit(table, LABELS)
    explain(pipeline, X_train=table)
    with pytest.raises(ValueError, match="row 0 is another"):
        explain(pipeline, X_train=table + 1e-4)


def test_few_rows_are_nearest_by_chance():
    rows = DIGITS[:2].astype(np.float32)
    pipeline = make_pipeline(PCA(1), KernelDensity()).fit(rows)
    explain(pipeline, X_train=rows)
    # each is nearest to its own, but from far
    others = rows.mean(axis=0) + 4 * (rows - rows.mean(axis=0))
    with pytest.raises(ValueError, match="row 0 is another"):
        explain(pipeline, X_train=others)
    with pytest.raises(ValueError, match="row 0 is another"):
        explain(pipeline, X_train=rows[::-1])


def test_noise_labels_leave_out_rows():
    frame = MIXED[["v", "w"]]
    members = np.where(np.arange(N) % 5 == 0, -1, np.arange(N) % 2)
    pipeline = make_pipeline(StandardScaler(), KernelDensity()).fit(frame)
    got = explain(pipeline, X_train=frame, members=members)
    expected = explain(pipeline[-1], members=members)
    assert_close(got.relevance, expected.relevance)
    np.testing.assert_array_equal(got.index, frame.index[members >= 0])
    np.testing.assert_array_equal(got.data, frame[members >= 0])
