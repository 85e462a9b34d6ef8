# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How far a long explanation has come: a bar of tqdm's."""

from contextlib import nullcontext
from typing import Any

from skneon._validation import import_optional


def progress_bar(total: int, verbose: int | bool) -> Any:
    """A context with a bar that has ``update(n_rows)``, or None where it is silent."""
    if not verbose:
        return nullcontext()
    tqdm = import_optional("tqdm.auto", "progress").tqdm
    return tqdm(total=total, unit="row", desc="skneon")
