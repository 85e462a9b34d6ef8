# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Pictures of reports."""

import pytest
from sklearn.datasets import load_wine

from skneon import report

WINE = load_wine(as_frame=True).data


def test_callers_settings_do_not_matter(wine):
    matplotlib = pytest.importorskip("matplotlib")
    with matplotlib.rc_context({"font.size": 30, "figure.facecolor": "black"}):
        assert report(None, WINE).html == wine.html
    assert matplotlib.pyplot.get_fignums() == []
