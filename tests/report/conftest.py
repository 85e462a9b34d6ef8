# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The report that several test modules look at."""

import pytest
from sklearn.datasets import load_wine

from skneon import report

WINE = load_wine(as_frame=True).data


@pytest.fixture(scope="session")
def wine():
    return report(None, WINE)
