# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A plane to draw rows in."""

import numpy as np
import pytest


@pytest.fixture
def plane():
    return np.random.default_rng(3).normal(size=(40, 2))
