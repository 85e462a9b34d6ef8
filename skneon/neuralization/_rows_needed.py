# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Models whose network cannot be had without the rows that they were fitted to."""

from typing import Any


class RowsNeeded(ValueError):
    """The rows of the fit, which the model does not keep, did not come as X_train."""


class OtherRows(ValueError):
    """X_train are other rows than those of the fit; ``why`` says how that is known."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"X_train does not match the training data of the {name}: {why}. Pass "
            "exactly the rows used in fit, in the same order."
        )
        self.why = why


def rows_needed(model: Any) -> RowsNeeded:
    """The error for a fitted estimator."""
    return RowsNeeded(
        f"{type(model).__name__} does not keep the rows of its fit, of which its "
        "network consists: pass them as X_train, in the same order."
    )
