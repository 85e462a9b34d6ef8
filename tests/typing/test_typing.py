# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Types as users meet them: mypy and pyright on a script, and what editors show."""

import os
import re
import subprocess
import sys
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

import pytest

import skneon

ROOT = Path(skneon.__file__).parents[1]
SCRIPT = Path(__file__).with_name("user_script.py")
# options that the doors must show by name, as keywords alone
OPTIONS = {
    "explain": [
        "target", "rule", "cluster", "rival", "leave_out", "groups", "members",
        "X_train", "algorithm", "rtol", "n_jobs", "verbose",
    ],
    "neuralize": [
        "target", "rule", "members", "groups", "X_train", "algorithm", "rtol",
        "n_jobs", "verbose",
    ],
}  # fmt: skip
# checkers say nothing of lines that cannot be reached
DOORS = """
from skneon import NeonKDE, explain, neuralize

kde = NeonKDE().fit([[0.0], [1.0]])
reveal_type(explain)
reveal_type(neuralize)
reveal_type(explain(kde))
reveal_type(neuralize(kde))
reveal_type(neuralize(kde).explain())
reveal_type(kde.explain())
reveal_type(kde)
"""
WRONG = """
from skneon import NeonKDE, explain, neuralize

explain(NeonKDE(), target=1)
neuralize(NeonKDE(), n_jobs="many")
NeonKDE(rtol="small")
"""
CHECKERS = {
    # scikit-learn and others have no types
    "mypy": [
        "--config-file=", "--strict", "--warn-unreachable", "--ignore-missing-imports",
    ],
    "pyright": ["--pythonpath", sys.executable],
}  # fmt: skip
# of either: file, line, kind and message
SAID = re.compile(r"^ *(.+?\.py):(\d+):(?:\d+ -)? (\w+): (.*)$", re.MULTILINE)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(
            name,
            marks=pytest.mark.skipif(
                find_spec(name) is None, reason=f"{name} is not installed"
            ),
        )
        for name in CHECKERS
    ],
)
def report(request, tmp_path_factory):
    """What a checker says: for each file its (line, kind, message)."""
    folder = tmp_path_factory.mktemp("types")
    (folder / "doors.py").write_text(DOORS, encoding="utf-8")
    (folder / "wrong.py").write_text(WRONG, encoding="utf-8")
    # skneon as an installed package; pyright would ask for newer releases
    environment = {"PYTHONPATH": str(ROOT), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    command = [sys.executable, "-m", request.param, *CHECKERS[request.param]]
    done = subprocess.run(
        [*command, str(SCRIPT), "doors.py", "wrong.py"],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    said = defaultdict(list)
    for path, line, kind, message in SAID.findall(done.stdout):
        said[Path(path).name].append((int(line), kind, message))
    assert said["wrong.py"], done.stdout + done.stderr
    return said


def test_a_user_script_passes(report):
    assert report["user_script.py"] == []


def revealed(report):
    """The types that are revealed, without the modules that they come from."""
    messages = [message for _, _, message in report["doors.py"]]
    types = [re.search(r' is "(.*)"$', message)[1] for message in messages]
    return [re.sub(r"\b[a-z_][\w.]*\.(?=\w)", "", name) for name in types]


def test_doors_show_their_options_by_name(report):
    for (door, options), shown in zip(OPTIONS.items(), revealed(report), strict=False):
        before, after = shown.split("*, ")
        assert "model: Any" in before, door
        assert re.findall(r"(\w+): [^,]*?=", after) == options


def test_types_of_results_are_known(report):
    assert revealed(report)[2:] == [
        "Explanation", "NeuralizedModel | Any", "Explanation | Any", "Explanation",
        "NeonKDE",
    ]  # fmt: skip


def test_options_of_another_type_are_refused(report):
    errors = [line for line, kind, _ in report["wrong.py"] if kind == "error"]
    assert errors == [4, 5, 6]


def test_user_script_runs():
    environment = {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"}
    command = [sys.executable, "-W", "error", str(SCRIPT)]
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "['ColumnWise', 'CentroidPairs', 'Min'] 1" in done.stdout
