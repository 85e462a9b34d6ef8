# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Models whose network cannot be had without the rows that they were fitted to."""

from typing import Any


class RowsNeeded(ValueError):
    """The rows of the fit, which the model does not keep, did not come as X_train."""


def rows_needed(model: Any) -> RowsNeeded:
    """The error for a fitted estimator."""
    return RowsNeeded(
        f"{type(model).__name__} does not keep the rows of its fit, of which its "
        "network consists: pass them as X_train, in the same order."
    )
