# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations that several test modules look at."""

import numpy as np
import pandas as pd
import pytest

from skneon import NeonKDE, neuralize
from skneon.network import SoftArgmin

NAMES = ["a", "b", "score"]


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    index = pd.Index([f"row{n}" for n in range(30)])
    return pd.DataFrame(rng.normal(size=(30, 3)), columns=NAMES, index=index)


@pytest.fixture(scope="module")
def explanation(frame):
    density = NeonKDE(rule=SoftArgmin(epsilon=0.1)).fit(frame)
    return neuralize(density).explain(frame)
