# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Warnings that show the user's own line."""

import sys
import warnings

# packages whose lines are not the user's
INSIDE = {"skneon", "sklearn", "joblib", "contextlib"}


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line that called the package, however deep within this is.

    Parameters
    ----------
    message : str
    category : type of Warning, default=UserWarning
    """
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and _is_inside(frame.f_globals):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _is_inside(names: dict[str, object]) -> bool:
    return str(names.get("__name__")).partition(".")[0] in INSIDE
