# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Skewed columns are on a log scale."""

import numpy as np
import pandas as pd
from helpers.odd_tables import OTHER, N

from skneon import prepare


def test_skewed_columns_are_on_a_log_scale():
    frame = pd.DataFrame(
        {"x": np.random.default_rng(0).lognormal(3, 2, N), "other": OTHER + 9}
    )
    found = prepare(frame)
    assert found.log == ("x",) and any("log scale" in note for note in found.notes)
    assert prepare(frame, log="none").log == () and prepare(-frame).log == ()
    assert prepare(frame, log="other").log == ("other",)
