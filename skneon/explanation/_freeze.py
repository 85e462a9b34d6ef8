# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Arrays of frozen dataclasses that cannot be written to."""

from collections.abc import Iterable
from typing import Any

import numpy as np


def freeze(explanation: Any, names: Iterable[str]) -> None:
    """Put views that cannot be written to in the place of arrays."""
    for name in names:
        value = getattr(explanation, name)
        if isinstance(value, np.ndarray):
            value = value.view()
            value.flags.writeable = False
            object.__setattr__(explanation, name, value)
