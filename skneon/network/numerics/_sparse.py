# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rows that come dense or sparse."""

from typing import Any

import numpy as np

from skneon.network.numerics._types import Array


def as_dense(X: Any) -> Array:
    """Rows as a plain array, whether they come dense or sparse."""
    return np.asarray(X.toarray() if hasattr(X, "toarray") else X)
