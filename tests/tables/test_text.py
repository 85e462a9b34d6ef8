# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables of text: parts do not matter."""

import pandas as pd
import pytest
from helpers.cli_runs import document, mixed, written

from skneon import prepare
from skneon._tables import _source, _text


@pytest.mark.parametrize("model", ["kde", "kmeans"])
@pytest.mark.parametrize("cells", [1, 50, 10_000])
def test_parts_do_not_matter(tmp_path, monkeypatch, cells, model):
    path = written(tmp_path / "table.csv", mixed())
    arguments = [path, "--model", model, "--max-support", 50, "--id", "name"]
    output = tmp_path / "out.csv"
    expected = document(*arguments, "--output", output)
    table = pd.read_csv(output)
    monkeypatch.setattr(_source, "CELLS", cells)
    found = document(*arguments, "--output", output)
    assert found["settings"] == expected["settings"]
    assert found["notes"] == expected["notes"]
    assert_close(found, expected)
    # without relevances to write, scores alone are taken
    assert_close(document(*arguments)["rows" if model == "kde" else "clusters"],
                 expected["rows" if model == "kde" else "clusters"])  # fmt: skip
    pd.testing.assert_frame_equal(pd.read_csv(output), table, rtol=1e-9, atol=1e-12)


def assert_close(found, expected):
    """The same but for rounding."""
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        for key in expected:
            assert_close(found[key], expected[key])
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_close(one, other)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)
    else:
        assert found == expected


@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
@pytest.mark.parametrize("comment", [None, "%"])
def test_ends_and_quotes(end, comment, tmp_path, monkeypatch):
    monkeypatch.setattr(_text, "BLOCK", 256)
    rows = "\n".join(f'{i % 7}.5,"x\n{i % 3}"' for i in range(100))
    path = tmp_path / "t.csv"
    path.write_bytes(f"a,b\n{rows}{end}".encode())
    found = prepare(path, comment=comment)
    assert found.rows.shape == (100, 2) and found.rows["b"][4] == "x\n1"
    path.write_bytes(f'a,b\n{rows}\n1,"2{end}'.encode())
    with pytest.raises(ValueError, match=r"line 20[123] cannot be read as CSV"):
        prepare(path, comment=comment)


def test_more_lines_may_be_skipped_than_are_looked_at(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("x\n" * 300 + "a,b\n" + "1.5,2\n3.5,7\n2.5,9\n")
    assert prepare(path, skip_lines=300).rows.shape == (3, 2)
