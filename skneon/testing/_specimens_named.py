# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Small networks by their names."""

from collections.abc import Iterable

from skneon.testing._specimen import Specimen
from skneon.testing._specimens import SPECIMENS


def specimens_named(networks: Iterable[str | Specimen] | None) -> list[Specimen]:
    """The specimens of these names; a `Specimen` is its own, None stands for all.

    Raises
    ------
    TypeError
        For what is no list of names and specimens.
    ValueError
        For a name that none has.
    """
    if networks is None:
        return [*SPECIMENS.values()]
    if isinstance(networks, str) or not isinstance(networks, Iterable):
        raise TypeError(f"networks must be a list of names, got {networks!r}.")
    chosen = []
    for name in networks:
        if not isinstance(name, str | Specimen):
            raise TypeError(f"networks holds {name!r}: it takes names and Specimens.")
        if isinstance(name, str) and name not in SPECIMENS:
            raise ValueError(
                f"networks holds {name!r}, which is none of {', '.join(SPECIMENS)}."
            )
        chosen.append(SPECIMENS[name] if isinstance(name, str) else name)
    return chosen
