# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The examples of the guide run, and print what it says."""

from pathlib import Path

import pages
import pytest

DOC = Path(__file__).resolve().parents[1] / "doc"
# the datasets of the examples come with the test extra
PAGES = ["models.md", "pipelines.md", "extend.md"]


@pytest.mark.parametrize("name", PAGES)
def test_examples_run_in_order(name):
    if not DOC.is_dir():
        pytest.skip("the guide is not beside the tests")
    pages.run(DOC / name)
