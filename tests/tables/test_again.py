# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A further table by the plan of an earlier one."""

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import mixed

from skneon import NeonKDE, explain, prepare


def earlier():
    """Numbers with marks, dates, categories, and a column to leave out."""
    n = 60
    frame = mixed(n).assign(
        price=[f"{1 + i % 7}.{100 + i},50 EUR" for i in range(n)],
        day=[f"{1 + i % 28}.{1 + i % 12}.2026" for i in range(n)],
        gap=[-99 if i % 10 == 0 else i % 7 + i / 100 for i in range(n)],
    )
    return frame


def test_a_part_of_a_table_is_read_as_it_was():
    frame = earlier()
    known = prepare(frame, missing=-99, log="none")
    for rows in (slice(None), slice(11, 12), slice(20, 31)):
        part = prepare(frame[rows].iloc[:, ::-1], like=known)
        pd.testing.assert_frame_equal(part.rows, known.rows.loc[frame.index[rows]])
        assert part.kinds == known.kinds and part.log == known.log
    assert np.isnan(prepare(frame[:11], like=known).rows["gap"][10])


def test_new_categories_and_columns_are_said():
    frame = earlier()
    known = prepare(frame, log="none")
    new = frame[:4].assign(kind=["violet", None, "red", "pink"], more=1)
    part = prepare(new, like=known)
    said = " ".join(part.notes)
    assert "rare one: kind, 2 values, first 'violet' in row 0." in said
    assert "Not in X, and left out: more." in said
    assert "Missing values" in said and "kind 1" in said
    model = known.pipeline(NeonKDE()).fit(known.rows)
    assert np.isfinite(explain(model, part.rows).relevance).all()
    with pytest.raises(ValueError, match="strict=: Not among the categories"):
        prepare(new, like=known, strict=True)


def test_types_that_changed_are_refused():
    frame = earlier()
    known = prepare(frame, log="none")
    days = pd.date_range("2026-01-01", periods=60)
    wrong = frame.assign(weight=days, kind=days, size=pd.to_timedelta(range(60), "D"))
    with pytest.raises(ValueError) as caught:
        prepare(wrong, like=known)
    for said in (
        "'weight' has dates, and had numbers", "'kind' has dates, and had categories",
        "'size' has durations, and had numbers",
    ):  # fmt: skip
        assert said in str(caught.value)
    with pytest.raises(ValueError, match="'weight' has complex numbers"):
        prepare(frame.assign(weight=1j), like=known)
    with pytest.raises(ValueError, match="'weight' has values beyond 1e140"):
        prepare(frame.assign(weight=1e150), like=known)
    # a column without values fits every kind
    empty = prepare(frame.assign(weight=np.nan, day=None, kind=None), like=known)
    assert empty.rows[["weight", "day", "kind"]].isna().all(axis=None)
    with pytest.raises(TypeError, match="like must be what prepare gives, got 'X'"):
        prepare(frame, like="X")
    with pytest.raises(ValueError, match=r"log= is decided by like=: leave one"):
        prepare(frame, like=known, log="all")


def test_refusals_name_rows_and_columns_of_nearly_the_same_name():
    frame = earlier()
    known = prepare(frame, log="size")

    def said(new):
        with pytest.raises(ValueError) as caught:
            prepare(new, like=known)
        return str(caught.value)

    lacking = said(frame.rename(columns={"weight": "Weight", "grade": "notes"}))
    assert "lacks 'weight' (is it 'Weight'?), 'grade'. Fix the table" in lacking
    low = frame.assign(size=np.where(np.arange(60) == 41, -2.5, frame["size"]))
    low.loc[frame.index[50], "size"] = -1
    found = said(low)
    assert "down to -2.5 in row 41, which" in found and "(rows count from 0)." in found
    with pytest.raises(ValueError, match=r"log= size: .* -2.5 in row 41 \(rows count"):
        prepare(low, log="size")
