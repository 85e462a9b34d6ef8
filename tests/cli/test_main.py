# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The command line as a whole, on the wine data and on awkward tables."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import WINE, document, refused, run
from sklearn.preprocessing import scale

from skneon import NeonKDE, __main__, explain, threshold
from skneon._bandwidth import GAMMAS
from skneon._cli import _arguments, _main, _run


def test_after_an_error_the_process_ends_at_once(monkeypatch, capsys):
    # threads that read ahead abort it if they come to Python while it ends
    left = []
    monkeypatch.setattr(__main__.os, "_exit", left.append)
    monkeypatch.setattr(sys, "argv", ["skneon", "no_such_file.csv"])
    __main__.command()
    assert left == [2]
    assert "no_such_file.csv" in capsys.readouterr().err


def test_runs_as_a_module_on_the_wine_data():
    done = subprocess.run(
        [sys.executable, "-m", "skneon"], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == ("scikit-learn's wine data: 178 rows, 13 columns, standardised")
    assert all(len(line) <= 88 for line in lines)
    model = NeonKDE("likelihood").fit(scale(WINE))
    worst = model.outlierness().argmax()
    row = next(line.split() for line in lines if line.split()[:1] == [str(worst)])
    explanation = model.explain()[worst]
    leading = explanation.excess()[0].argmax()
    assert row[1] == f"{explanation.score[0]:.2f}"
    assert (
        row[2] == f"{explanation.score[0] / threshold(model.outlierness_).median:.1f}"
    )
    # one of 178
    assert row[3] == "0.56"
    assert row[4] == WINE.columns[leading]
    assert row[5] == f"{explanation.share[0, leading]:.0%}"
    assert float(row[6]) == pytest.approx(WINE.iat[worst, leading], rel=1e-3)
    assert float(row[7]) == pytest.approx(WINE.iloc[:, leading].median(), rel=1e-3)


def test_output_of_outliers(table, tmp_path):
    output = tmp_path / "relevance.csv"
    run(table(WINE), "--output", output)
    found = pd.read_csv(output, index_col="row")
    expected = NeonKDE("likelihood").fit(scale(WINE)).explain()
    relevance = found[WINE.columns + " relevance"]
    np.testing.assert_allclose(relevance, expected.relevance, rtol=1e-9)
    assert len(found) == 178 and np.abs(found["residual"]).max() < 1e-9


def test_log_and_columns(table):
    names = ["proline", "magnesium"]
    path = table(WINE)
    out = run(path, "--columns", *names, "--log").out
    explanation = NeonKDE("likelihood").fit(scale(np.log(WINE[names]))).explain()
    worst = explanation.score.argmax()
    assert "178 rows, 2 columns" in out
    assert f"{worst:>7} {explanation.score[worst]:>11.2f}" in out
    reason = document(path, "--columns", *names, "--log")["rows"][0]["reasons"][0]
    column = WINE[reason["feature"]]
    Z, i = np.log(column), names.index(reason["feature"])
    compared = np.exp(explanation.compared_with[worst, i] * Z.std(ddof=0) + Z.mean())
    assert reason["compared_with"] == pytest.approx(compared)
    assert reason["typical"] == column.median()
    out = run(path, "--columns", *names, "--log", "proline").out
    Z = scale(WINE[names].assign(proline=np.log(WINE["proline"])))
    density = NeonKDE("likelihood").fit(Z)
    expected = explain(density, groups="suspects").score.max()
    assert f"{expected:.2f}" in out


def test_gamma_and_threads(table):
    for gamma in (0.5, "scott", "nearest"):
        found = document(table(WINE), "--gamma", gamma, "--n-jobs", 2)
        kde = NeonKDE(gamma).fit(scale(WINE))
        assert found["settings"]["gamma"] == pytest.approx(kde.gamma_)
        by = gamma if isinstance(gamma, str) else None
        assert found["settings"]["gamma_by"] == by
        assert found["rows"][0]["score"] == pytest.approx(kde.outlierness().max())
    said = run(table(WINE), "--gamma", "nearest").out
    assert f"(kernel density, gamma {kde.gamma_:.3g} by nearest; rows count" in said
    assert "(kernel density, gamma 0.5; rows" in run(table(WINE), "--gamma", 0.5).out


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
        ("n,a\n1,10,5,9\n2,20,6,9\n3,900,7,9\n", "line 2 has 4 fields"),
        ("a,b\n1,2\n3\n5,6\n", "line 3 has 1 field, the"),
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

    monkeypatch.setattr(_run.Run, "_pass", interrupted)
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
    names = list(pd.read_csv(output).columns)
    assert names[:4] == ["row_", "cluster_", "score", "residual"]
    assert names[4::4] == ["row", "cluster", "c"]


def test_without_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert 'pip install "skneon[tables]"' in refused()


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


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["--bad"], ["nothing.csv"]]
)
def test_answers_that_need_no_library(arguments):
    code = (
        "import sys; from skneon.__main__ import main\n"
        f"try: main({arguments})\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'sklearn', 'pandas', 'pyarrow', 'rich'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_the_rules_of_thumb_are_those_that_there_are():
    assert {*_arguments.GAMMAS} == GAMMAS
