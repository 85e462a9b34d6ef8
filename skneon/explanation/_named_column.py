# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The number of a feature by its name."""

from collections.abc import Sequence
from difflib import get_close_matches

# names that a message lists
LISTED = 12


def named_column(feature_names: Sequence[str], name: str) -> int:
    """The number of the feature of a name.

    Parameters
    ----------
    feature_names : sequence of str
    name : str

    Returns
    -------
    column : int

    Raises
    ------
    KeyError
        Where no feature has it; similar names, or the first ones, are listed.
    ValueError
        Where several have it.
    """
    places = [i for i, known in enumerate(feature_names) if known == name]
    if len(places) == 1:
        return places[0]
    if places:
        raise ValueError(
            f"{len(places)} features are called {name!r}, numbers {places}: take "
            "relevance[:, number]."
        )
    near = get_close_matches(name, feature_names, n=3)
    some = ", ".join(map(repr, near or feature_names[:LISTED]))
    end = ", ..." if len(feature_names) > LISTED else "."
    hint = f"Did you mean {some}?" if near else f"Features are {some}{end}"
    raise KeyError(
        f"No feature is called {name!r}. {hint} Rows are chosen by number, those of a "
        "label by the mask explanation.index == label."
    )
