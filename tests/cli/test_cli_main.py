# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The command line, on the wine data and on awkward tables."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from cli_runs import WINE, document, mixed, refused, run, written
from sklearn.preprocessing import scale

from skneon import NeonKDE, NeonKMeans
from skneon._cli import _main


@pytest.fixture
def table(tmp_path):
    """Writes a table, and gives its path."""
    return lambda content: written(tmp_path / "table.csv", content)


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


def test_top_counts_the_rows(table):
    lines = run("--top", 2).out.splitlines()
    heads = [line.split() for line in lines if line[:7].strip().isdigit()]
    order = np.argsort(-NeonKDE().fit(scale(WINE)).outlierness())
    assert [int(head[0]) for head in heads] == list(order[:2])
    assert "The 4 most outlying rows" in run(table(WINE[:4]), "--top", 99).out


def test_clusters(tmp_path):
    output = tmp_path / "relevance.csv"
    done = run("--model", "kmeans", "--clusters", 4, "--output", output)
    said = " ".join(done.out.split())
    assert done.code == 0 and f"All relevances are in {output}." in said
    kmeans = NeonKMeans(4, n_init=10, random_state=0).fit(scale(WINE))
    table = pd.read_csv(output, index_col="row")
    np.testing.assert_array_equal(table["cluster"], kmeans.labels_)
    explanation = kmeans.explain()
    np.testing.assert_allclose(
        table[WINE.columns], explanation.relevance, rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(table["score"], explanation.score, rtol=1e-9)
    for c in range(4):
        members = kmeans.labels_ == c
        mean = explanation.relevance[members].mean(axis=0)
        line = next(
            line.split() for line in done.out.splitlines() if line[:7].strip() == str(c)
        )
        share = mean.max() / explanation.score[members].mean()
        assert line[1] == str(members.sum())
        assert line[2] == WINE.columns[mean.argmax()] and line[3] == f"{share:.0%}"
        inside = WINE.loc[members, line[2]].mean()
        assert float(line[4]) == pytest.approx(inside, rel=1e-3)
        outside = WINE.loc[~members, line[2]].mean()
        assert float(line[5]) == pytest.approx(outside, rel=1e-3)
    alone = run("--model", "kmeans", "--clusters", 1).out
    assert "no other cluster to compare" in alone


def test_output_of_outliers(table, tmp_path):
    output = tmp_path / "relevance.csv"
    run(table(WINE), "--output", output)
    found = pd.read_csv(output, index_col="row")
    expected = NeonKDE().fit(scale(WINE)).explain()
    np.testing.assert_allclose(found[WINE.columns], expected.relevance, rtol=1e-9)
    assert len(found) == 178 and np.abs(found["residual"]).max() < 1e-9


def test_log_and_columns(table):
    names = ["proline", "magnesium"]
    path = table(WINE)
    out = run(path, "--columns", *names, "--log").out
    explanation = NeonKDE().fit(scale(np.log(WINE[names]))).explain()
    worst = explanation.score.argmax()
    assert "178 rows, 2 columns" in out
    assert f"{worst:>7} {explanation.score[worst]:>11.2f}" in out
    row = document(path, "--columns", *names, "--log")["rows"][0]
    Z = np.log(WINE[row["reasons"][0]["feature"]])
    i = names.index(row["reasons"][0]["feature"])
    typical = np.exp(explanation.reference[worst, i] * Z.std(ddof=0) + Z.mean())
    assert row["reasons"][0]["typical"] == pytest.approx(typical)
    out = run(path, "--columns", *names, "--log", "proline").out
    Z = scale(WINE[names].assign(proline=np.log(WINE["proline"])))
    assert f"{NeonKDE().fit(Z).outlierness().max():.2f}" in out


def test_gamma_and_threads(table):
    for gamma in (0.5, "scott", "nearest"):
        found = document(table(WINE), "--gamma", gamma, "--n-jobs", 2)
        kde = NeonKDE(gamma).fit(scale(WINE))
        assert found["settings"]["gamma"] == pytest.approx(kde.gamma_)
        assert found["rows"][0]["score"] == pytest.approx(kde.outlierness().max())


def test_json_has_what_the_python_interface_says(table):
    found = document(table(WINE), "--top", 3)
    explanation = NeonKDE().fit(scale(WINE)).explain()
    assert found["n_rows"] == found["settings"]["n_support"] == 178
    assert found["settings"]["columns"] == list(WINE.columns)
    order = np.argsort(-explanation.score)
    assert [entry["row"] for entry in found["rows"]] == list(order[:3])
    for entry in found["rows"]:
        n = entry["row"]
        assert entry["score"] == pytest.approx(explanation.score[n])
        relevance = {r["feature"]: r["relevance"] for r in entry["reasons"]}
        expected = dict(zip(WINE.columns, explanation.relevance[n], strict=True))
        assert relevance == pytest.approx(expected)
        assert list(relevance.values()) == sorted(relevance.values(), reverse=True)
        assert (
            entry["reasons"][0]["value"] == WINE.at[n, entry["reasons"][0]["feature"]]
        )


def test_json_of_clusters():
    found = document("--model", "kmeans", "--clusters", 2)
    assert sum(entry["rows"] for entry in found["clusters"]) == 178
    assert document("--model", "kmeans", "--clusters", 1)["clusters"] == [
        {"cluster": 0, "rows": 178, "score": None, "reasons": []}
    ]


def test_quiet_and_version(table, tmp_path, capsys):
    output = tmp_path / "out.csv"
    assert run(table(WINE), "--quiet", "--output", output).out == ""
    assert output.exists()
    assert document("--quiet")["rows"]
    with pytest.raises(SystemExit) as stop:
        _main.main(["--version"])
    assert stop.value.code == 0 and "skneon" in capsys.readouterr().out
    with pytest.raises(SystemExit) as stop:
        _main.main(["--help"])
    text = capsys.readouterr().out
    assert stop.value.code == 0 and "examples:" in text
    assert all(len(line) <= 88 for line in text.splitlines())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("a,b\n", "has a header line but no rows"),
        ("a,b\n1,2\n", "1 row: at least 2"),
        ("a,b\n1,\n,\n", "No column can be used"),
        ("a,b\nx,y\nz,w\n", "free text or labels"),
        ("a,b\n1,2\n1,2\n", "the same value in every row: a, b"),
        ("a,b\n1,2\n,\n,\n", "No column can be used"),
        ("n,a,b\n1,10,5,9\n2,20,6,9\n3,900,7,9\n", "line 2 has 4 fields"),
        ("a,b\n1,2\n3\n5,6\n", "line 3 has 1 fields"),
        ("a;b\n1,2;3;4\n5;6\n", "line 2 has 3 fields"),
        ("a,b\n1,2\ninf,3\n", "Column 'a' holds infinite values (first in row 1"),
        ("a,b\n1,2\n1e400,3\n", "Column 'a' holds infinite values"),
        ("a,b\n1,2\n1e200,3\n", "rescale it"),
        ('a,b\n1,2\n3,"4\n', "line 3 cannot be read as CSV"),
        ("a,a,b\n1,2,3\n3,4,4\n", "several columns named a"),
        ("a,b\n1,2\n3,x\n4,5\n9,6\n", "but also 1 value that cannot be read"),
    ],
)  # fmt: skip
def test_unusable_tables(table, tmp_path, text, message):
    output = tmp_path / "out.csv"
    assert message in refused(table(text), "--output", output)
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_unusable_files(table, tmp_path):
    assert "no such file" in refused(tmp_path / "nothing.csv")
    assert "is a folder" in refused(tmp_path)
    latin = table("größe,b\n1,2\n3,4\n".encode("latin-1"))
    assert "is not UTF-8 text" in refused(latin)
    assert "--encoding rot17 is not known" in refused(latin, "--encoding", "rot17")
    assert run(latin, "--encoding", "latin-1").code == 0


def test_what_cannot_be_used_is_named_and_left_out(table, tmp_path):
    frame = WINE[["alcohol", "proline"]].copy()
    frame["name"], frame["constant"], frame["nothing"] = "x", 7.0, np.nan
    frame["number"] = np.arange(5, 183)
    frame["text"] = [f"bottle {i}" for i in range(178)]
    frame.loc[[3, 17], "proline"] = np.nan
    frame.loc[20, ["alcohol", "proline"]] = np.nan
    output = tmp_path / "out.csv"
    done = run(table(frame), "--output", output)
    assert done.code == 0 and "177 rows, 2 columns, standardised" in done.out
    assert "Left out, the same value in every row: name, constant." in done.out
    assert "Left out, no values at all: nothing." in done.out
    assert "Left out, the number of the row: number." in done.out
    assert "most of them different: text." in done.out
    assert "Left out, 1 row without any value." in done.out
    assert "value: alcohol 1, proline 3." in " ".join(done.out.split())
    # rows keep their number in the file
    rows = pd.read_csv(output, index_col="row").index
    np.testing.assert_array_equal(rows, np.delete(np.arange(178), 20))


def test_a_terminal_that_knows_ascii_alone(table):
    path = table("größe,b\n1,2\n3,4\n5,9\n")
    done = subprocess.run(
        [sys.executable, "-m", "skneon", str(path)],
        capture_output=True, text=True, env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert done.returncode == 0 and "gr??e" in done.stdout


def test_nobody_reads_on(table):
    with subprocess.Popen(
        [sys.executable, "-m", "skneon"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_interrupts_leave_nothing_behind(table, tmp_path, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(_main, "stream", interrupted)
    done = run(table(WINE), "--output", tmp_path / "out.csv")
    assert done.code == 130 and done.out == done.err == ""
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_progress(table, capsys):
    assert _main.main([str(table(WINE)), "--progress"]) == 0
    assert "178" in capsys.readouterr().err


def test_column_names_of_the_output_are_kept(table, tmp_path):
    frame = WINE[["ash", "alcohol", "proline"]].set_axis(
        ["row", "cluster", "c"], axis=1
    )
    output = tmp_path / "out.csv"
    run(table(frame), "--model", "kmeans", "--output", output)
    names = ["row_", "cluster_", "row", "cluster", "c", "score", "residual"]
    assert list(pd.read_csv(output).columns) == names


def test_one_column_and_one_row(table):
    out = run(table(WINE[["ash"]]), "--top", 1).out
    assert "178 rows, 1 column," in out and "The most outlying row, judged" in out


def test_report(table, tmp_path):
    frame, path = mixed(), tmp_path / "report.html"
    data = table(frame)
    said = run(data, "--report", path, "--top", 3, "--model", "kmeans").out
    assert f"The report is in {path}." in said
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert all(name in page for name in frame.columns)
    path.unlink()
    two = list(frame.select_dtypes("number").columns[:2])
    run(data, "--report", path, "--group", f"together={','.join(two)}", "--quiet")
    assert "together" in path.read_text(encoding="utf-8")
    assert "overwrite" in refused(data, "--report", data)


def test_without_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert 'pip install "skneon[pandas]"' in refused()


def test_options_of_the_other_model():
    assert "--clusters is for --model kmeans" in refused("--clusters", 4)
    assert "--gamma is for --model kde" in refused("--model", "kmeans", "--gamma", 1)


def test_numbers_with_thousands_separators(table):
    data = table('a,b\n"1.234,5",2\n"2.234,5",3\n"7.000,1",9\n')
    assert "thousands separators ('1.234,5' in row 0" in refused(data)
    assert run(data, "--drop", "a").code == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device")
def test_an_output_that_is_full():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "skneon"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("skneon: error: output cannot be written")
    assert done.stderr.count("\n") == 1
