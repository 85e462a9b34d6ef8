# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Groups of features whose relevances are summed."""

from collections.abc import Mapping, Sequence


def group_members(
    groups: Mapping[str, Sequence[str]], feature_names: Sequence[str]
) -> dict[str, list[int]]:
    """Column numbers of each group; features in no group are groups of their own."""
    position = {name: i for i, name in enumerate(feature_names)}
    if len(position) < len(feature_names):
        raise ValueError(f"Features share a name: {list(feature_names)}. Rename them.")
    members, lone = {}, dict(position)
    for group, names in groups.items():
        names = [names] if isinstance(names, str) else names
        # names as a frame has them, numbers or tuples, stand for their texts
        names = list(dict.fromkeys(map(str, names)))
        if not names:
            raise ValueError(f"Group {group!r} is empty.")
        unknown = [name for name in names if name not in position]
        if unknown:
            raise ValueError(
                f"Group {group!r} names unknown features {unknown}; "
                f"the features are {list(feature_names)}."
            )
        twice = [name for name in names if name not in lone]
        if twice:
            raise ValueError(f"Features {twice} are in more than one group.")
        members[str(group)] = [lone.pop(name) for name in names]
    taken = sorted(set(members) & set(lone))
    if taken:
        raise ValueError(f"Groups {taken} bear the name of a lone feature.")
    return members | {name: [i] for name, i in lone.items()}
