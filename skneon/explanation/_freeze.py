# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Fields of frozen dataclasses that cannot be written to."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from skneon.explanation._frozen_dict import FrozenDict


def freeze(explanation: Any, names: Iterable[str]) -> None:
    """Put what cannot be written to in the place of arrays and dicts.

    Views of arrays, and copies of dicts.
    """
    for name in names:
        value = getattr(explanation, name)
        if isinstance(value, np.ndarray):
            value = value.view()
            value.flags.writeable = False
            object.__setattr__(explanation, name, value)
        elif isinstance(value, dict):
            object.__setattr__(explanation, name, FrozenDict(value))
