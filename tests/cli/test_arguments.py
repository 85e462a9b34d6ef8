# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Arguments that cannot be used, and what is said about them."""

import os

import pytest
from helpers.cli_runs import WINE, mixed, refused, run, written


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--top", "0"], "--top: must be at least 1, got 0"),
        (["--clusters", "-1"], "--clusters: must be at least 1"),
        (["--clusters", "x"], "--clusters: must be an integer, got 'x'"),
        (["--bad"], "unrecognized arguments: --bad"),
        (["--col", "x"], "unrecognized arguments"),
        (["--gamma", "0"], "--gamma: must be a positive number or one of likelihood,"),
        (["--gamma", "inf"], "--gamma: must be a positive number"),
        (["--n-jobs", "0"], "--n-jobs: must not be 0"),
        (["--max-support", "1"], "--max-support must be at least 2"),
        (["--delimiter", "ab"], "must be one character or tab"),
        (["--group", "a"], "must be NAME=column,column,..."),
        (["--group", "a=ash", "--group", "a=hue"], "--group a is given twice"),
        (["--group", "a=ash,nothing"], "unknown features ['nothing']"),
        (["--group", "hue=ash,alcohol"], "bear the name of a lone feature"),
        (["--columns", "prolin"], "no column 'prolin'; there are alcohol"),
        (["--drop", "prolin"], "--drop: there is no column 'prolin'"),
        (["--id", "prolin"], "--id: there is no column 'prolin'"),
        (["--columns", "ash", "--id", "ash"], "--id ash: it is among --columns"),
        (["--drop", "ash", "--keep", "ash"], "--keep ash: it is among --drop"),
        (["--columns", "ash", "--drop", "ash"], "No column is left"),
        (["--log", "colour"], "--log colour: not among the columns used"),
        (["--model", "kmeans", "--clusters", "999"], "only 178 rows are distinct"),
        (["--output", "x.xls"], "must end in .csv, .tsv"),
        (["--output", "x.csv", "--report", "x.csv"], "are the same file"),
    ],
)
def test_unusable_arguments(arguments, message, tmp_path):
    path = written(tmp_path / "table.csv", WINE)
    assert message in refused(path, *arguments)


def test_log_of_what_has_none(tmp_path):
    path = written(tmp_path / "table.csv", WINE.assign(ash=WINE["ash"] - 2))
    assert "--log ash: the column goes down to -0.64" in refused(path, "--log", "ash")
    assert "--log ash: the column goes down" in refused(path, "--log")
    path = written(tmp_path / "table.csv", mixed())
    assert "not one of numbers" in refused(path, "--log", "kind")
    only = ["--columns", "kind", "grade"]
    assert "no column is one of numbers" in refused(path, *only, "--log")


def test_a_file_behind_the_columns(tmp_path):
    path = written(tmp_path / "x.csv", "a,b\n1,2\n3,4\n")
    assert "put the file first" in refused("--columns", "a", path)
    assert "put the file first" in refused("--drop", path)


def test_output_never_overwrites_the_data(tmp_path):
    path = written(tmp_path / "table.csv", WINE)
    link = tmp_path / "link.csv"
    os.link(path, link)
    before = path.read_bytes()
    for name in (path, tmp_path / "." / "table.csv", link):
        assert "would overwrite the data" in refused(path, "--output", name)
    assert path.read_bytes() == before


def test_groups_may_be_quoted(tmp_path):
    frame = WINE[["ash", "hue", "alcohol"]].set_axis(["a,b", "c", "d"], axis=1)
    path = written(tmp_path / "table.csv", frame)
    assert run(path, "--group", 'both="a,b",c').code == 0


def test_options_of_the_other_model():
    assert "--clusters is for --model kmeans" in refused("--clusters", 4)
    assert "--gamma is for --model kde" in refused("--model", "kmeans", "--gamma", 1)
