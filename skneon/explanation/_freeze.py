# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Fields of frozen dataclasses that cannot be written to."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.sparse import issparse

from skneon.explanation._asked_table import read_only
from skneon.explanation._frozen_dict import FrozenDict
from skneon.explanation._sparse_relevance import canonical


def freeze(explanation: Any, names: Iterable[str]) -> None:
    """Put what cannot be written to in the place of arrays, sparse rows and dicts.

    Views of arrays, and copies of dicts.
    """
    for name in names:
        value = getattr(explanation, name)
        if isinstance(value, np.ndarray):
            object.__setattr__(explanation, name, read_only(value))
        elif issparse(value):
            object.__setattr__(explanation, name, canonical(value))
        elif isinstance(value, dict):
            object.__setattr__(explanation, name, FrozenDict(value))
