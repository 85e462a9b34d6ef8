# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The public names are there, though they are imported when they are asked for."""

import subprocess
import sys

import pytest

import skneon
from skneon import _public


def test_names():
    assert skneon.__all__ == _public.__all__ == sorted(_public.__all__)
    for name in skneon.__all__:
        assert getattr(skneon, name) is getattr(_public, name)
    assert {*skneon.__all__, "network"} <= {*dir(skneon)}
    with pytest.raises(AttributeError, match="'skneon' has no attribute 'kde'"):
        skneon.kde  # noqa: B018


def test_all_ways_to_import():
    code = (
        "import sys, skneon\nassert 'numpy' not in sys.modules\n"
        "assert skneon.__version__ and 'numpy' not in sys.modules\n"
        "from skneon import datasets\nassert datasets.fetch_wholesale_customers\n"
        "from skneon import *\nassert prepare and metrics.exact_shapley\n"
        "assert skneon.network.SoftArgmin"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
