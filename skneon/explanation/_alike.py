# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Whether explanations can stand below one another."""

from collections.abc import Iterator, Sequence
from typing import Any


def check_alike(parts: Sequence[Any], kind: type) -> None:
    """Refuse what are no explanations of the same features, target and rule.

    Raises
    ------
    TypeError
        For what is no `Explanation`.
    ValueError
        Where there is none, and where two differ.
    """
    if not parts:
        raise ValueError("There is no explanation to concatenate.")
    for part in parts:
        if not isinstance(part, kind):
            raise TypeError(f"concat takes explanations, got {part!r} among them.")
    for part in parts[1:]:
        pairs = zip(_facts(parts[0]), _facts(part), strict=True)
        for (what, first), (_, other) in pairs:
            if first != other:
                raise ValueError(
                    f"The explanations have different {what}: {first} and {other}."
                )


def target_kind(explanation: Any) -> str:
    """The target as texts show it, "cluster" for clusters."""
    target = explanation.target
    return repr(target) if isinstance(target, str) else "cluster"


def _facts(explanation: Any) -> Iterator[tuple[str, Any]]:
    """What explanations that stand below one another have in common."""
    meta = explanation.meta
    yield "features", explanation.feature_names
    yield "targets", target_kind(explanation)
    yield "rules", meta.get("rule")
    yield "numbers of clusters", meta.get("n_clusters")
