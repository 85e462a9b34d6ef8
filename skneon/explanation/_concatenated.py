# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Several explanations of one model as one."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skneon.explanation._tables import stacked

if TYPE_CHECKING:
    from skneon.explanation._explanation import Explanation
    from skneon.explanation._fields import Fields


def concatenated(
    parts: Sequence["Explanation"], row_fields: Sequence[str]
) -> "Explanation":
    """See `Explanation.concat`; `row_fields` are those that hold an entry per row."""
    check_alike(parts)
    first = parts[0]
    changes: dict[str, Any] = {}
    for name in row_fields:
        values = [getattr(part, name) for part in parts]
        if any(value is None for value in values):
            changes[name] = None
        elif not isinstance(values[0], str):
            changes[name] = stacked([_unpadded(value) for value in values])
    changes |= _ordinary(parts)
    names = _common_names([part.index_names for part in parts])
    return replace(first, index_names=names, **changes)


def _ordinary(parts: Sequence["Explanation"]) -> dict[str, Any]:
    """What is known of ordinary rows; where that differs, percentiles are kept."""
    found = [part.ordinary for part in parts]
    if any(ordinary is None for ordinary in found):
        return {"ordinary": None, "ranks": None}
    if all(ordinary is found[0] for ordinary in found):
        return {}
    ranks = [part.standing for part in parts if part.standing is not None]
    return {"ordinary": found[0], "ranks": stacked(ranks)}


def check_alike(parts: Sequence["Explanation"]) -> None:
    """Refuse what are no explanations of the same features, target and rule.

    Raises
    ------
    TypeError
        For what is no explanation.
    ValueError
        Where there is none, and where two differ.
    """
    if not parts:
        raise ValueError("There is no explanation to concatenate.")
    for part in parts:
        if not hasattr(part, "relevance"):
            raise TypeError(f"concat takes explanations, got {part!r} among them.")
    for part in parts[1:]:
        pairs = zip(_facts(parts[0]), _facts(part), strict=True)
        for (what, first), (_, other) in pairs:
            if first != other:
                raise ValueError(
                    f"The explanations have different {what}: {first} and {other}."
                )


def _facts(explanation: "Explanation") -> Iterator[tuple[str, Any]]:
    """What explanations that stand below one another have in common."""
    yield "features", explanation.feature_names
    yield "targets", target_kind(explanation)
    yield "rules", explanation.meta.get("rule")
    yield "numbers of clusters", explanation.meta.get("n_clusters")


def target_kind(explanation: "Fields") -> str:
    """The target as texts show it, "cluster" for clusters."""
    target = explanation.target
    return repr(target) if isinstance(target, str) else "cluster"


def _unpadded(values: Any) -> Any:
    """Texts as objects, which keep their length."""
    return values.astype(object) if values.dtype.kind in "US" else values


def _common_names(
    names: Sequence[tuple[Hashable, ...] | None],
) -> tuple[Hashable, ...] | None:
    """Names of levels that several indices agree on; None where levels differ."""
    levels = [(None,) if given is None else given for given in names]
    if len({len(given) for given in levels}) > 1:
        return None
    each = [set(level) for level in zip(*levels, strict=True)]
    common = tuple(level.pop() if len(level) == 1 else None for level in each)
    return None if common == (None,) else common
