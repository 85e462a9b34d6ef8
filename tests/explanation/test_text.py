# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The words of explanations."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, explain, prepare
from skneon.explanation._column import standings
from skneon.explanation._text import (
    cell_text,
    cell_texts,
    is_alike,
    is_missing,
    label_text,
    note_text,
    one_line,
    place_text,
    score_name,
    shorten,
    two_digits,
    value_text,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (15601.4, "15601"),
        (0.123456, "0.1235"),
        (-2.5, "\N{MINUS SIGN}2.5"),
        (1234567.25, "1234567"),
        (-1764540000, "\N{MINUS SIGN}1764540000"),
        (2.5e15, "2.5e+15"),
        (np.float32(2.5), "2.5"),
        (3, "3"),
        (0.0, "0"),
        (True, "True"),
        (np.bool_(False), "False"),
        (np.inf, "inf"),
        (np.nan, "missing"),
        (None, "missing"),
        (pd.NA, "missing"),
        (pd.NaT, "missing"),
        (pd.Timestamp("2020-01-02"), "2020-01-02 00:00:00"),
        ("two\nlines\x00", "two lines"),
        (1 + 2j, "(1+2j)"),
        (np.array([1, 2]), "[1 2]"),
    ],
    ids=str,
)
def test_cells(value, text):
    assert cell_text(value) == text
    assert is_missing(value) == (text == "missing")


@given(st.lists(st.floats(allow_nan=False), min_size=2, max_size=3))
@example([5e-324, 0.0, -5e-324])
@example([1e308, np.nextafter(1e308, 0) * (1 - 1e-12)])
def test_values_beside_one_another_differ_where_their_texts_would_not(values):
    texts = cell_texts(values)
    for (one, first), (other, second) in combinations(
        zip(values, texts, strict=True), 2
    ):
        assert (first != second) or is_alike(one, other)
    if len(set(map(cell_text, values))) == len(values):
        assert texts == [cell_text(value) for value in values]


def test_equal_values_differ_by_rounding_alone():
    assert cell_texts([0.1 + 0.2, 0.3, np.float32(0.3)]) == ["0.3"] * 3
    assert cell_texts(["a", 2.5, None]) == ["a", "2.5", "missing"]
    assert is_alike(1e-17, 0.0, 1.0) and not is_alike(1e-17, 0.0)
    assert not is_alike("5", 5.5) and is_alike(np.inf, np.inf)


@pytest.mark.parametrize(
    ("base", "spread", "far"),
    [(1.7645e9, 3600, 4e4), (52.52, 5e-4, 49e-4), (1e7, 1, 30)],
)
def test_reasons_are_not_lost_among_digits(base, spread, far):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"far": base + spread * rng.random(80), "z": rng.normal(size=80)})
    X.loc[7, "far"] = base + far
    told = explain(make_pipeline(StandardScaler(), NeonKDE()).fit(X), X_train=X)[7]
    first = told.reasons(1)[0][0]
    assert (first.feature, first.value) == ("far", base + far)
    value, note = value_text(told, 0, 0), note_text(told, 0, 0)
    assert f"median {value}," not in note and note.endswith(", largest of 80")
    assert float(value) == pytest.approx(first.value, abs=spread)
    assert value in told._repr_html_() and note in told._repr_html_()


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60), st.integers(-1, 7))
@example([1] * 77 + [2] * 363, 1)
@example([*range(176), 200, 201], 200)
@example([0] * 30 + [9, 9], 9)
@example([0] * 30 + [9], 9)
@example([0] * 30 + [9], 5)
def test_places_count_all_rows_that_are_at_least_as_extreme(column, value):
    column, n = np.array(column), len(column)
    said = place_text(*standings(column, np.array([value]))[0].tolist(), n)
    below, beyond = (column <= value).sum(), (column >= value).sum()
    if said.startswith(("top", "lowest")):
        part = beyond if said.startswith("top") else below
        assert said.split(" ")[1] == f"{100 * part / n:.2g}" and part <= n / 10
    elif said:
        word, of = said.split(maxsplit=1)
        side = beyond if word in ("largest", "above") else below
        alone = {"largest": 1, "smallest": 1, "above": 0, "below": 0}
        assert side == alone[word] and of.endswith(str(n))
    else:
        assert min(below, beyond) > n / 10


def test_shorten_keeps_both_ends():
    assert shorten("mean radius", 11) == "mean radius"
    short = shorten("a very long name of something (cm)", 20)
    assert len(short) <= 20 and short.startswith("a very") and short.endswith("(cm)")
    assert "\N{HORIZONTAL ELLIPSIS}" in short
    for length in range(1, 8):
        assert len(shorten("abcdefghij", length)) <= length


def test_two_digits():
    values = [100.0, 99.6, 99.4, 123.4, 12.34, 1.234, 0.5618, 1.0]
    texts = ["100", "100", "99", "123", "12", "1.2", "0.56", "1"]
    assert list(map(two_digits, values)) == texts


def test_one_line():
    assert one_line(" a\n\tb\u200b ") == "a b"
    assert one_line(("x", 1)) == "('x', 1)"


def test_names_of_scores():
    assert score_name("outlier") == "outlierness"
    assert score_name("inlier") == "inlierness"
    assert score_name("local_outlier_factor") == "local outlier factor"
    assert score_name(np.array([0, 1])) == "evidence"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("a\nb", "a b"),
        (("p", 3), "p, 3"),
        (("p", np.datetime64("2020-01-02", "ns")), "p, 2020-01-02"),
        (np.datetime64("2020-01-02T10:30", "us"), "2020-01-02T10:30:00"),
        (np.datetime64("2020-01-02T00:00:00.5", "ms"), "2020-01-02T00:00:00.500"),
        (7, "7"),
    ],
)
def test_labels_of_rows(label, expected):
    assert label_text(label) == expected


def test_dates_have_a_median_and_categories_what_is_most_frequent():
    days = pd.date_range("2020-01-01", periods=30)
    table = prepare(pd.DataFrame({"day": days, "n": range(30), "c": list("xyx") * 10}))
    model = table.pipeline(NeonKDE()).fit(table.rows)
    told = table.shown(explain(model, X_train=table.rows))
    assert told.feature_names == ("day", "c")
    assert note_text(told, 0, 0) == "median 2020-01-15, smallest of 30"
    assert note_text(told[15], 0, 0) == "median 2020-01-15"
    assert note_text(told, 0, 1) == "mostly x"
