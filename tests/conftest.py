# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Settings and fixtures of the whole suite."""

import os

# scikit-learn's array API check is skipped unless this is set before SciPy loads
os.environ["SCIPY_ARRAY_API"] = "1"

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "skneon",
    deadline=None,
    derandomize="CI" in os.environ,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("skneon")

WHOLESALE = "wholesale_customers.csv"


@pytest.fixture(scope="session")
def wholesale_path():
    """The wholesale customers data, where a copy lies beside the project."""
    root = Path(__file__).resolve().parents[1]
    candidates = [os.environ.get("SKNEON_WHOLESALE_CSV"), root.parent / "shared/data"]
    for candidate in filter(None, candidates):
        path = Path(candidate)
        path = path / WHOLESALE if path.is_dir() else path
        if path.is_file():
            return path
    pytest.skip("the wholesale customers data is not beside the project")
