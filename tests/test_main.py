# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The command line, on the wine data and on awkward tables."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale

from skneon import NeonKDE, NeonKMeans
from skneon.__main__ import main

WINE = load_wine(as_frame=True).data


@pytest.fixture
def run(capsys, tmp_path):
    """Run the command on a table; gives exit code, output and errors."""

    def run(table, *arguments):
        first = []
        if table is not None:
            path = tmp_path / "table.csv"
            if isinstance(table, pd.DataFrame):
                table.to_csv(path, index=False)
            else:
                path.write_text(table)
            first = [str(path)]
        code = main([*first, *map(str, arguments)])
        captured = capsys.readouterr()
        assert (code == 0) == (captured.err == "")
        return code, captured.out, captured.err

    return run


def test_runs_as_a_module_on_the_wine_data():
    done = subprocess.run(
        [sys.executable, "-m", "skneon"], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == ("scikit-learn's wine data: 178 rows, 13 columns, standardised")
    assert all(len(line) <= 88 for line in lines)
    model = NeonKDE().fit(scale(WINE))
    worst = model.outlierness().argmax()
    row = next(line.split() for line in lines if line.split()[:1] == [str(worst)])
    explanation = model.explain()[worst]
    leading = explanation.relevance[0].argmax()
    assert row[1] == f"{explanation.score[0]:.2f}"
    assert row[2] == WINE.columns[leading]
    assert row[3] == f"{explanation.share[0, leading]:.0%}"
    assert float(row[4]) == pytest.approx(WINE.iat[worst, leading], rel=1e-3)
    typical = explanation.reference[0, leading] * WINE.std(ddof=0) + WINE.mean()
    assert float(row[5]) == pytest.approx(typical.iloc[leading], rel=1e-3)


def test_top_counts_the_rows(run):
    _, out, _ = run(None, "--top", 2)
    heads = [line.split() for line in out.splitlines() if line[:7].strip().isdigit()]
    order = np.argsort(-NeonKDE().fit(scale(WINE)).outlierness())
    assert [int(head[0]) for head in heads] == list(order[:2])
    _, out, _ = run(WINE[:4], "--top", 99)
    assert "The 4 most outlying rows" in out


def test_clusters(run, tmp_path):
    output = tmp_path / "relevance.csv"
    code, out, _ = run(None, "--model", "kmeans", "--clusters", 4, "--output", output)
    assert code == 0 and f"All relevances are in {output}." in out
    kmeans = NeonKMeans(4, n_init=10, random_state=0).fit(scale(WINE))
    table = pd.read_csv(output, index_col="row")
    np.testing.assert_array_equal(table["cluster"], kmeans.labels_)
    explanation = kmeans.explain()
    np.testing.assert_allclose(table[WINE.columns], explanation.relevance, rtol=1e-9)
    np.testing.assert_allclose(table["score"], explanation.score, rtol=1e-9)
    for c in range(4):
        members = kmeans.labels_ == c
        mean = explanation.relevance[members].mean(axis=0)
        line = next(
            line.split() for line in out.splitlines() if line[:7].strip() == str(c)
        )
        share = mean.max() / explanation.score[members].mean()
        assert line[1] == str(members.sum())
        assert line[2] == WINE.columns[mean.argmax()] and line[3] == f"{share:.0%}"
        inside = WINE.loc[members, line[2]].mean()
        assert float(line[4]) == pytest.approx(inside, rel=1e-3)
    _, out, _ = run(None, "--model", "kmeans", "--clusters", 1)
    assert "no other cluster to compare" in out


def test_output_of_outliers(run, tmp_path):
    output = tmp_path / "relevance.csv"
    run(WINE, "--output", output)
    table = pd.read_csv(output, index_col="row")
    expected = NeonKDE().fit(scale(WINE)).explain()
    np.testing.assert_allclose(table[WINE.columns], expected.relevance, rtol=1e-9)
    assert len(table) == 178 and np.abs(table["residual"]).max() < 1e-9
    code, _, err = run(WINE, "--output", tmp_path / "no" / "folder.csv")
    assert code == 2 and "cannot be written" in err


def test_log_and_columns(run):
    names = ["proline", "magnesium"]
    _, out, _ = run(WINE, "--columns", *names, "--log")
    Z = scale(np.log(WINE[names]))
    explanation = NeonKDE().fit(Z).explain()
    worst = explanation.score.argmax()
    assert "178 rows, 2 columns" in out
    assert f"{worst:>7} {explanation.score[worst]:>11.2f}" in out
    _, out, _ = run(WINE, "--columns", *names, "--log", "proline")
    Z = scale(WINE[names].assign(proline=np.log(WINE["proline"])))
    assert f"{NeonKDE().fit(Z).outlierness().max():.2f}" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--columns", "prolin"], "no column 'prolin'; there are alcohol"),
        (["--log", "colour"], "--log colour: not among the columns used"),
        (["--model", "kmeans", "--clusters", "999"], "only 178 rows are distinct"),
    ],
)
def test_unusable_arguments(run, arguments, message):
    code, out, err = run(WINE, *arguments)
    assert code == 2 and out == "" and message in err


@pytest.mark.parametrize("arguments", [["--top", "0"], ["--clusters", "-1"], ["--bad"]])
def test_arguments_that_argparse_refuses(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2 and "usage: python -m skneon" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("a,b\n", "has a header line but no rows"),
        ("a,b\n1,2\n", "1 usable row: at least 2"),
        ("a,b\nx,y\nz,w\n", "No column is numeric (found a, b)"),
        ("a;b\n1;2\n3;4\n", "must be separated by commas"),
        ("a,b\n1,2\n1,2\n", "No column varies"),
        ("a,b\n1,2\n,3\n4,\n", "1 usable row: at least 2"),
        ("a,b\n1,\n,3\n4,\n", "0 usable rows: at least 2"),
        ("n,a,b\n1,10,5,9\n2,20,6,9\n3,900,7,9\n", "more fields than the header"),
        ("a;b\n1,5;2,5\n2,5;3,1\n3,0;9,9\n", "more fields than the header"),
        ("a,b\n1,2\ninf,3\n", "Column 'a' holds infinite values"),
        ("a,b\n1,2\n1e200,3\n", "rescale the columns"),
        ('a,b\n1,2\n3,"4\n', "cannot be read as CSV"),
        ("a,b\n1,2\n3,4,5\n6\n7,8,9,0\n", "cannot be read as CSV"),
    ],
)
def test_unusable_tables(run, text, message):
    code, out, err = run(text)
    assert code == 2 and out == "" and message in err
    assert "Traceback" not in err


def test_a_missing_file(run, tmp_path):
    code = main([str(tmp_path / "nothing.csv")])
    assert code == 2


def test_what_cannot_be_used_is_named_and_left_out(run, tmp_path):
    table = WINE[["alcohol", "proline"]].copy()
    table["name"], table["constant"], table["nothing"] = "x", 7.0, np.nan
    table.loc[[3, 17], "proline"] = np.nan
    output = tmp_path / "out.csv"
    code, out, _ = run(table, "--output", output)
    assert code == 0 and "176 rows, 2 columns" in out
    assert "Left out, not numeric: name." in out
    assert "Left out, the same value in every row: constant." in out
    assert "Left out, no values at all: nothing." in out
    assert "Left out, 2 rows with missing values (proline 2)." in out
    # rows keep their number in the file
    rows = pd.read_csv(output, index_col="row").index
    np.testing.assert_array_equal(rows, np.delete(np.arange(178), [3, 17]))
    code, _, err = run(table, "--columns", "name")
    assert code == 2 and "'name' is not numeric" in err
    code, _, err = run(table.assign(alcohol=-1.0), "--log", "proline", "alcohol")
    assert code == 2


def test_trailing_commas_do_not_shift_the_columns(run):
    rows = "".join(f"{n},{10 * n**2},{5 + n % 3},\n" for n in range(1, 9))
    code, out, err = run("name,price,weight\n" + rows, "--columns", "price", "weight")
    if code == 0:
        assert "640" in out and "8 rows, 2 columns" in out
    else:
        assert "more fields than the header" in err


def test_text_in_another_encoding(tmp_path, capsys):
    path = tmp_path / "latin.csv"
    path.write_bytes("größe,b\n1,2\n3,4\n".encode("latin-1"))
    assert main([str(path)]) == 2
    assert "is not UTF-8 text" in capsys.readouterr().err


def test_a_terminal_that_knows_ascii_alone(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("größe,b\n1,2\n3,4\n5,9\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "skneon", str(path)],
        capture_output=True, text=True, env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert done.returncode == 0 and "gr??e" in done.stdout


def test_a_file_behind_the_columns(run, tmp_path, monkeypatch):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n3,4\n")
    code, _, err = run(None, "--columns", "a", tmp_path / "x.csv")
    assert code == 2 and "put the file first" in err


def test_output_never_overwrites_the_data(run, tmp_path):
    code, _, err = run(WINE, "--output", tmp_path / "table.csv")
    assert code == 2 and "would overwrite the data" in err


def test_column_names_of_the_output_are_kept(run, tmp_path):
    table = WINE[["ash", "alcohol", "proline"]].set_axis(
        ["row", "cluster", "c"], axis=1
    )
    output = tmp_path / "out.csv"
    run(table, "--model", "kmeans", "--output", output)
    names = ["row_", "cluster_", "row", "cluster", "c", "score", "residual"]
    assert list(pd.read_csv(output).columns) == names


def test_one_column_and_one_row(run):
    _, out, _ = run(WINE[["ash"]], "--top", 1)
    assert "178 rows, 1 column," in out and "The most outlying row, judged" in out


def test_log_of_values_that_are_not_positive(run):
    code, _, err = run(WINE.assign(ash=WINE["ash"] - 2), "--log", "ash")
    assert code == 2 and "--log ash: the column goes down to -0.64" in err


def test_without_pandas(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert main([]) == 2
    assert 'pip install "skneon[pandas]"' in capsys.readouterr().err
