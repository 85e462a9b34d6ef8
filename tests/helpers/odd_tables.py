# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Columns as people have them, and what is made of them."""

import numpy as np
import pandas as pd

from skneon import prepare

N = 60
RNG = np.random.default_rng(0)
OTHER = RNG.normal(size=N).round(3)
WHOLE = np.r_[RNG.integers(100, 5000, N - 3), 7, 42, 812]


def frame_of(cells, name="x"):
    """A column of texts beside one of numbers."""
    return pd.DataFrame({name: list(cells), "other": OTHER}, dtype=object)


def read(cells, name="x", **options):
    """What is made of a column of texts: its kind, values and notes."""
    found = prepare(frame_of(cells, name), log="none", **options)
    values = found.rows[name].to_numpy() if name in found.kinds else None
    return found.kinds.get(name), values, found


BODY = "".join(f"{i % 13}.5,{i % 7}.25,{i * i % 11}\n" for i in range(N))
