# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The report that several test modules look at."""

import pytest
from sklearn.datasets import load_wine

from skneon import report

WINE = load_wine(as_frame=True).data


@pytest.fixture(scope="session", autouse=True)
def date():
    """Pages of one day, also around midnight."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1767312000")
        yield


@pytest.fixture(scope="session")
def wine(date):
    return report(None, WINE)
