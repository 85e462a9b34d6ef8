# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Models without a network unless their training rows are given as X_train."""

from typing import Any, TypeVar

KINDS: set[type] = set()

T = TypeVar("T", bound=type)


def needs_training_rows(kind: T) -> T:
    """Let Pipelines hand on X_train to models of a class; a decorator, or a call."""
    KINDS.add(kind)
    return kind


def is_in_need(model: Any) -> bool:
    """Whether a model has no network without its training rows."""
    return isinstance(model, tuple(KINDS))
