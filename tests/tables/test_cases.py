# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables as people have them: each kind of column says what it should, in any form."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from helpers.cli_runs import document, refused, written

from skneon import prepare

N = 60
RNG = np.random.default_rng(0)
OTHER = RNG.normal(size=N).round(3)
WHOLE = np.r_[RNG.integers(100, 5000, N - 3), 7, 42, 812]


def frame_of(cells, name="x"):
    """A column of texts beside one of numbers."""
    return pd.DataFrame({name: list(cells), "other": OTHER}, dtype=object)


def read(cells, name="x", **options):
    """What is made of a column of texts: its kind, values and notes."""
    found = prepare(frame_of(cells, name), log="none", **options)
    values = found.rows[name].to_numpy() if name in found.kinds else None
    return found.kinds.get(name), values, found


@pytest.mark.parametrize(
    "form",
    [
        "{:,}", "${:,}", "€ {:,}", "{:,} EUR", "USD {:,}", "{:,} kg", "{:,} %",
        "{:,}.00",
    ],
)  # fmt: skip
def test_marks_of_numbers(form):
    kind, values, found = read([form.format(n) for n in WHOLE])
    assert kind == "number"
    np.testing.assert_array_equal(values, WHOLE)
    assert any("Read as numbers" in note for note in found.notes)


@pytest.mark.parametrize("mark", [".", " ", "'", "\N{NO-BREAK SPACE}"])
def test_thousands_of_other_conventions(mark, tmp_path):
    cells = [f"{n + 0.25:,.2f}".replace(",", "t").replace(".", ",") for n in WHOLE]
    kind, values, _ = read([cell.replace("t", mark) for cell in cells])
    assert kind == "number"
    np.testing.assert_array_equal(values, WHOLE + 0.25)


def test_negative_numbers_of_all_sorts():
    signed = np.where(OTHER < 0, -WHOLE, WHOLE)
    for form in ("({:,})", "\N{MINUS SIGN}{:,}", "{:,}-", "-${:,}"):
        cells = [form.format(-n) if n < 0 else f"{n:,}" for n in signed]
        np.testing.assert_array_equal(read(cells)[1], signed)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["1,651", "2,300", "4,125"] * 20, "say --thousands ,"),
        ([f"{i},5" if i % 2 else f"{i}.25" for i in range(N)], "cannot be read"),
        (["1.078", "2.125", "887", "3.512"] * 15, "say --thousands ."),
    ],
)
def test_marks_that_cannot_be_told_are_refused(cells, message, tmp_path):
    cells = [f'"{cell}"' for cell in cells]
    path = written(tmp_path / "t.csv", "\n".join(["x", *cells]) + "\n")
    assert message in refused(path)


def test_units_that_differ_are_no_number():
    kind, _, found = read([f"{n} {['kg', 'g'][n % 2]}" for n in WHOLE])
    assert kind is None and "several units (g, kg)" in found.aside["x"]


@pytest.mark.parametrize(
    "mark", ["?", "-", "..", "*", "N.A.", "#VALUE!", "missing", "\\N", "***", "(none)"]
)
def test_marks_for_missing_numbers(mark):
    cells = [str(n) for n in WHOLE]
    cells[3] = cells[40] = mark
    kind, values, found = read(cells)
    assert kind == "number" and np.isnan(values[[3, 40]]).all()
    assert sum(np.isnan(values)) == 2
    assert any(f"{mark!r} 2" in note for note in found.notes)


def test_words_for_missing_are_named(tmp_path):
    cells = [*OTHER[:-2].astype(str), "trace", "trace"]
    path = written(tmp_path / "t.csv", frame_of(cells))
    assert "--missing 'trace'" in refused(path)
    assert document(path, "--missing", "trace")["settings"]["categories"] == []
    kind, values, _ = read(cells, missing=["trace"])
    assert kind == "number" and np.isnan(values[-2:]).all()


@pytest.mark.parametrize("code", [-200, 999, 9999, -99])
def test_codes_for_missing_are_pointed_out(code):
    numbers = RNG.uniform(1, 12, N).round(1)
    numbers[[3, 9, 40, 41]] = code
    found = prepare(pd.DataFrame({"x": numbers, "other": OTHER}))
    assert any(f"missing {code}," in note for note in found.notes)
    with pytest.raises(ValueError, match="strict="):
        prepare(pd.DataFrame({"x": numbers, "other": OTHER}), strict=True)
    found = prepare(pd.DataFrame({"x": numbers, "other": OTHER}), missing=[str(code)])
    assert found.rows["x"].isna().sum() == 4 and found.rows["x"].max() < 13


BODY = "".join(f"{i % 13}.5,{i % 7}.25,{i * i % 11}\n" for i in range(N))


@pytest.mark.parametrize(
    "ahead",
    [
        "temp,wind,hum\n", "# a\n# b\ntemp,wind,hum\n", "#temp,wind,hum\n",
        "Weather data\nof 2020\n\ntemp,wind,hum\n",
        'Series:,"X1"\nTitle:,Weather\ntemp,wind,hum\n', "sep=,\ntemp,wind,hum\n",
        "temp,wind,hum\n°C,m/s,%\n", "temp,wind,\n,,hum\n",
    ],
)  # fmt: skip
def test_lines_ahead_of_the_table(ahead, tmp_path):
    found = prepare(written(tmp_path / "t.csv", ahead + BODY))
    assert list(found.rows) == ["temp", "wind", "hum"]
    assert found.rows.shape == (N, 3) and found.rows["temp"].iloc[1] == 1.5


def test_options_for_the_lines_ahead(tmp_path):
    path = written(tmp_path / "t.csv", "one,two,three\n% x\n" + BODY)
    options = {"skip_lines": 2, "header": False}
    assert list(prepare(path, **options).rows) == ["x0", "x1", "x2"]
    named = prepare(path, skip_lines=2, names=["a", "b", "c"])
    assert named.rows.shape == (N, 3) and list(named.rows) == ["a", "b", "c"]
    assert prepare(path, comment="%").rows.shape == (N, 3)
    assert "--skip-lines" in refused(path)
    path = written(tmp_path / "u.csv", BODY)
    assert any("taken for the header" in note for note in prepare(path).notes)
    assert "taken for the header" in refused(path, "--strict")


def test_headers_that_are_short(tmp_path):
    rows = [f"car{i},{20 + i % 7},{4 + 2 * (i % 3)}" for i in range(N)]
    found = prepare(written(tmp_path / "t.csv", "\n".join(["mpg,cyl", *rows]) + "\n"))
    assert list(found.rows) == ["mpg", "cyl"] and found.rows.index[1] == "car1"
    rows = [row[3:] + "," for row in rows]
    found = prepare(written(tmp_path / "t.csv", "\n".join(["n,a,b", *rows]) + "\n"))
    assert list(found.rows) == ["a", "b"]


@pytest.mark.parametrize("blank", [" ", "   ", "\t ", " \t"])
def test_runs_of_blanks_separate(blank, tmp_path):
    text = "temp,wind,hum\n" + BODY
    path = written(tmp_path / "t.dat", text.replace(",", blank))
    expected = prepare(written(tmp_path / "t.csv", text)).rows
    pd.testing.assert_frame_equal(prepare(path).rows, expected)
    padded = text.replace(",", blank).replace("\n", "\n  ").rstrip(" ")
    path = written(tmp_path / "t.dat", padded)
    pd.testing.assert_frame_equal(prepare(path, delimiter=" ").rows, expected)


def test_containers(tmp_path):
    text = ("temp,wind,hum\n" + BODY).encode()
    frame = pd.read_csv(io.BytesIO(text))
    zipped, packed = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("t.csv", text)
    with pa.output_stream(packed, compression="zstd") as stream:
        stream.write(text)
        stream.flush()
    lines = frame.to_json(orient="records", lines=True).encode()
    files = {
        "a": text, "b": gzip.compress(text), "c": bz2.compress(text),
        "d": lzma.compress(text), "e": zipped.getvalue(), "g": lines,
        "h": gzip.compress(lines), "i": frame.to_json(orient="records").encode(),
    }  # fmt: skip
    frame.to_feather(tmp_path / "j")
    frame.to_parquet(tmp_path / "k")
    frame.to_excel(tmp_path / "l.xlsx", index=False)
    for name, content in files.items():
        written(tmp_path / name, content)
    for path in tmp_path.iterdir():
        pd.testing.assert_frame_equal(prepare(path).rows, frame.astype(float))
    table = pa.table({name: pa.array(frame[name]) for name in frame})
    pd.testing.assert_frame_equal(prepare(table).rows, frame.astype(float))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.4", "a PDF document"), (b"\xd0\xcf\x11\xe0", "save it as .xlsx"),
        (b"SQLite format 3\0", "an SQLite database"), (b"\x93NUMPY", "numpy.load"),
        (b"\x89HDF\r\n", "an HDF5 file"), (b"<html><body>", "HTML"),
        (gzip.compress(b"PAR1"), "Parquet inside gzip"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_named(content, message, tmp_path):
    assert message in refused(written(tmp_path / "t.csv", content))


def test_archives_of_several_files(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("a.csv", "a\n")
        archive.writestr("b.csv", "b\n")
    assert "2 files (a.csv, b.csv)" in refused(tmp_path / "t.zip")
    with tarfile.open(tmp_path / "t.tar", "w") as archive:
        archive.add(tmp_path / "t.zip", "t.zip")
    assert "a tar archive" in refused(tmp_path / "t.tar")


DAYS = pd.date_range("2019-12-25", periods=20).repeat(3)


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%b-%Y", "%Y-%m-%dT%H:%M:%SZ",
     "%Y-%m-%d %H:%M", "%d %B %Y", "%b %d, %Y"],
)  # fmt: skip
def test_dates(form):
    kind, values, found = read(DAYS.strftime(form))
    assert kind == "date"
    np.testing.assert_array_equal(
        np.diff(values), np.diff(DAYS) / np.timedelta64(1, "D")
    )
    assert values[0] == (DAYS[0] - pd.Timestamp(0)).days
    assert any("Read as dates" in note for note in found.notes)


def test_dates_that_cannot_be_told():
    kind, _, found = read([f"{1 + i % 12:02}/{1 + i % 11:02}/2020" for i in range(N)])
    assert kind is None and "day and month" in found.aside["x"]
    kind, values, _ = read([f"{i % 24:02}:{i % 50 + 10}:30" for i in range(N)])
    assert kind == "duration" and values[1] == pytest.approx(
        (3600 + 11 * 60 + 30) / 86400
    )


def test_categories_of_which_none_is_frequent():
    texts = [f"t{i % 150}" for i in range(300)] * 2
    frame = pd.DataFrame({"x": texts, "other": RNG.normal(size=600)})
    assert prepare(frame).aside["x"] == "no category is frequent enough"


@pytest.mark.parametrize("name", ["ID", "customer_id", "sampleNo", "zip code", "key"])
def test_numbers_that_label_rows(name):
    labels = RNG.permutation(np.arange(61_000, 1_400_000, 7919))[:N]
    found = prepare(pd.DataFrame({name: labels, "a": OTHER, "b": OTHER**2}))
    assert found.aside[name] == "numbers that label rows"
    assert any(f"keep= {name}" in n or f"--keep {name}" in n for n in found.notes)
    kept = prepare(pd.DataFrame({name: labels, "a": OTHER}), keep=[name])
    assert kept.kinds[name] == "number"


def test_labels_without_a_telling_name_are_pointed_out(tmp_path):
    labels = RNG.choice(np.arange(61_000, 1_400_000), N, replace=False)
    path = written(tmp_path / "t.csv", pd.DataFrame({"customer": labels, "a": OTHER}))
    found = document(path)
    assert any("nearly all different: customer" in note for note in found["notes"])
    assert "customer" in refused(path, "--strict")
    assert document(path, "--strict", "--keep", "customer")["n_rows"] == N
    people = pd.DataFrame({"people": RNG.lognormal(9, 2, N).round(), "a": OTHER})
    assert not any("nearly all different" in note for note in prepare(people).notes)


def test_leading_zeros_are_labels():
    kind, values, found = read([f"{i % 9:05}" for i in range(N)])
    assert kind == "category" and values[1] == "00001"
    assert any("leading zeros" in note for note in found.notes)


@pytest.mark.parametrize("step", [1, 3, 1000])
@pytest.mark.parametrize("kind", ["csv", "frame", "parquet"])
def test_integers_beyond_two_to_53(step, kind, tmp_path):
    whole = 2**60 + step * RNG.permutation(N)
    frame = pd.DataFrame({"v": whole, "other": OTHER})
    table = {"csv": tmp_path / "t.csv", "parquet": tmp_path / "t.pq", "frame": frame}[
        kind
    ]
    if kind == "csv":
        written(table, frame)
    elif kind == "parquet":
        frame.to_parquet(table)
    found = prepare(table)
    np.testing.assert_array_equal(found.rows["v"], (whole - whole[0]).astype(float))
    assert any(f"counted from {whole[0]}" in note for note in found.notes)


def test_numbers_as_text_are_the_same_on_every_door(tmp_path):
    few = RNG.integers(1, 40, N)
    few[5] = 9000
    frame = frame_of(few.astype(str))
    path, parquet = written(tmp_path / "t.csv", frame), tmp_path / "t.pq"
    frame.to_parquet(parquet)
    frame["other"] = OTHER
    for table in (path, parquet, frame, frame.assign(x=few)):
        np.testing.assert_array_equal(prepare(table).rows["x"], few)
    assert json.dumps(document(path)["rows"]) == json.dumps(document(parquet)["rows"])


def test_skewed_columns_are_on_a_log_scale():
    frame = pd.DataFrame({"x": RNG.lognormal(3, 2, N), "other": OTHER + 9})
    found = prepare(frame)
    assert found.log == ("x",) and any("log scale" in note for note in found.notes)
    assert prepare(frame, log="none").log == () and prepare(-frame).log == ()
    assert prepare(frame, log="other").log == ("other",)
