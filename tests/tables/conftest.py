# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables as files."""

import pytest
from helpers.cli_runs import written


@pytest.fixture
def table(tmp_path):
    """Writes a table, and gives its path."""
    return lambda content: written(tmp_path / "table.csv", content)
