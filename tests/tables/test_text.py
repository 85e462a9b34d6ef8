# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables of text: parts do not matter."""

import pandas as pd
import pytest
from helpers.cli_runs import document, mixed, written

from skneon._tables import _source


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
