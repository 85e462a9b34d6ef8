# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the README shows is what happens."""

import json
import re
from pathlib import Path

import pytest
from helpers import pages
from sklearn.metrics import roc_auc_score

from skneon.__main__ import main

README = Path(__file__).resolve().parents[1] / "README.md"


@pytest.fixture(scope="module")
def readme():
    if not README.is_file():
        pytest.skip("the README is not beside the tests")
    return README.read_text(encoding="utf-8")


@pytest.mark.usefixtures("readme", "zennit")
def test_python_blocks_run_in_order_and_print_what_is_shown(monkeypatch):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    shown = []
    monkeypatch.setattr(pyplot, "show", lambda: shown.append(pyplot.get_fignums()))
    names = pages.run(README)
    assert [len(numbers) for numbers in shown] == [1]
    assert names["reasons"].relevance.shape == (178, 13)
    assert names["reasons"].score.argmax() == 73
    heat = names["explanation"].heatmap()[0]
    scratch = names["wall"] == 235
    assert roc_auc_score(scratch.ravel(), heat.ravel()) > 0.95


def test_printed_table_is_the_printed_table(readme, capsys):
    table = re.search(r"^```\n( *row .*?)\.\.\.\n```", readme, re.DOTALL | re.MULTILINE)
    said = readme.split("Wine 73 has ")[1].split("On your own")[0]
    assert main(["--json", "--top", "1"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rows"][0]["row"] == 73 and found["n_flagged"] == 0
    assert said.startswith(f"{found['rows'][0]['multiple']:.1f} times the median")
    assert f"outlierness, {found['median']:.1f}." in said
    assert f"threshold is {found['threshold']:.1f}," in said
    assert f"None of the {found['n_rows']} wines" in said
    assert main([]) == 0
    # widths of columns differ among versions of rich
    shown, printed = re.sub(" +", " ", table[1]), capsys.readouterr().out
    assert shown in re.sub(" +", " ", printed)
