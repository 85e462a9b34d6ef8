# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Arrays of frozen dataclasses that cannot be written to."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.sparse import issparse

from skneon.explanation._asked_table import read_only
from skneon.explanation._sparse_relevance import canonical


def freeze(explanation: Any, names: Iterable[str]) -> None:
    """Put views that cannot be written to in the place of arrays and sparse rows."""
    for name in names:
        value = getattr(explanation, name)
        if isinstance(value, np.ndarray):
            object.__setattr__(explanation, name, read_only(value))
        elif issparse(value):
            object.__setattr__(explanation, name, canonical(value))
