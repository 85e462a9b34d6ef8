# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which rows are flagged, how that is said, and the exit code."""

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import WINE, document, refused, run, written
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, p_values, threshold

OLD, NEW = WINE.iloc[::2], WINE.iloc[1::2]


@pytest.fixture(scope="module")
def known():
    """Scores of the training rows, and of the others, of which one is altered."""
    steps = StandardScaler().fit(OLD)
    model = NeonKDE("likelihood").fit(steps.transform(OLD))
    new = NEW.copy()
    new.iloc[7] *= 2
    return model.outlierness_, model.outlierness(steps.transform(new)), new


def found(tmp_path, rows, *arguments):
    """What is flagged, by the file; JSON and the terminal say the same."""
    path, output = written(tmp_path / "t.csv", rows), tmp_path / "out.csv"
    arguments = [path, "--log", "none", "--output", output, *arguments]
    told = document(*arguments, "--top", len(rows))
    flagged = pd.read_csv(output)["flagged"].to_numpy()
    rows = {entry["row"] for entry in told["rows"] if entry["flagged"]}
    assert rows == {*np.flatnonzero(flagged)} and told["n_flagged"] == len(rows)
    done = run(*arguments, "--fail-on-outliers", "--top", 3)
    assert done.code == int(flagged.any())
    assert done.out.count(" * ") == min(flagged.sum(), 3) + flagged.any()
    return flagged, told


def test_new_rows(tmp_path, known):
    training, score, new = known
    arguments = ["--fit-on", written(tmp_path / "old.csv", OLD)]
    p = p_values(score, training)
    flagged, _ = found(tmp_path, new, *arguments, "--alpha", 0.1)
    np.testing.assert_array_equal(flagged, p <= 0.1)
    assert 1 < flagged.sum() < len(new)
    # (1 / 90) / (2 / 89) is the least share at which two rows can be flagged
    flagged, _ = found(tmp_path, new, *arguments, "--fdr", 0.9)
    rank = np.searchsorted(np.sort(p), p, side="right")
    largest = max(r for r in rank if np.sort(p)[r - 1] <= 0.9 * r / len(p))
    np.testing.assert_array_equal(flagged, rank <= largest)
    flagged, told = found(tmp_path, new, *arguments, "--threshold", 60)
    np.testing.assert_array_equal(flagged, score > 60)
    assert flagged[7] and not flagged.all()
    # expected in one of 20 tables of as many rows
    limit = threshold(training, 0.05 * len(training) / len(score))
    assert told["threshold"] == pytest.approx(limit.value)
    assert [e["p"] for e in told["rows"]] == pytest.approx(np.sort(p))
    # the least p is 1 / 90: of 89 rows one alone is too few, of 8 it is enough
    flagged, told = found(tmp_path, new, *arguments)
    assert not flagged.any() and "at least 10 rows must stand" in told["flagged_by"]
    flagged, _ = found(tmp_path, new[4:12], *arguments)
    np.testing.assert_array_equal(np.flatnonzero(flagged), [3])


def test_training_rows(tmp_path, known):
    training = known[0]
    flagged, told = found(tmp_path, OLD, "--contamination", 0.1)
    np.testing.assert_array_equal(flagged, training > np.quantile(training, 0.9))
    assert [entry["top"] for entry in told["rows"][:2]] == [1 / 89, 2 / 89]
    flagged, _ = found(tmp_path, OLD, "--threshold", 20)
    np.testing.assert_array_equal(flagged, training > 20)
    flagged, _ = found(tmp_path, OLD)
    assert not flagged.any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--threshold", 1, "--alpha", 0.1], "--threshold and --alpha are two ways"),
        (["--alpha", 0.1], "--alpha is for new rows (--fit-on, --model-file)"),
        (["--fdr", 0.1], "--fdr is for new rows"),
        (["--alpha", 1], "--alpha: must be above 0 and below 1, got 1"),
        (
            ["--columns", "ash,hue"],
            "--columns ash,hue: separate the names by blanks, as in --columns ash hue",
        ),
        (["--threshold", "nan"], "--threshold: must be a number, got 'nan'"),
        (["--model", "kmeans", "--fail-on-outliers"], "clusters have no outliers"),
        (["--model-file", "m", "--log", "none"], "--log is decided by --model-file m"),
        (["--model-file", "m", "--max-support", 9], "--max-support is decided by"),
        (["--save", "m.pkl"], "--save m.pkl: it must end in .skops"),
        (["--fit-on", "nothing.csv"], "nothing.csv: there is no such file"),
    ],
)
def test_contradictions(tmp_path, arguments, message):
    assert message in refused(written(tmp_path / "t.csv", WINE), *arguments)


def test_new_rows_need_a_table_of_their_own(tmp_path):
    path = written(tmp_path / "t.csv", WINE)
    assert "Name the table of the new rows" in refused("--fit-on", path)
    assert "is the table itself: leave it out" in refused(path, "--fit-on", path)
    model = tmp_path / "m.skops"
    run(path, "--save", model)
    said = refused(path, "--model-file", model, "--output", model)
    assert "would overwrite the data" in said
