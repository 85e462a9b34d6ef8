# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Where a table comes from, and what makes its report again: Python, or a command."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from skneon._report._models import GAMMA
from skneon._tables._prepare import Prepared
from skneon._tables._words import pd


@dataclass(frozen=True)
class Origin:
    """Name of a file, a sha256, what that is of, and lines of Python.

    ``subject`` are the first arguments of `skneon.report`, which the ``lines`` make;
    or a ``command`` is all there is to it.
    """

    name: str = ""
    sha256: str = ""
    what: str = ""
    lines: tuple[str, ...] = ()
    subject: str = "model, X"
    command: str = ""


def origin_of_table(
    X: Any, prepared: Prepared, options: Mapping[str, Any], is_sampled: bool
) -> Origin:
    """That of a table which is prepared here, by some options."""
    named = isinstance(X, str | Path)
    source = repr(Path(X).name) if named else "X"
    given = "".join(f", {name}={value!r}" for name, value in options.items())
    made = "X" if isinstance(X, Prepared) else f"skneon.prepare({source}{given})"
    rows = "table.rows" + ".iloc[table.sample()]" * is_sampled
    lines = (
        f"table = {made}",
        f'density = skneon.NeonKDE(gamma="{GAMMA}")  # for further rows',
        f"model = table.pipeline(density).fit({rows})",
    )
    return Origin(*identity(X, prepared.rows), lines, "None, table")


def identity(X: Any, rows: Any) -> tuple[str, str, str]:
    """Name of a file or "", its sha256, and what that is of: else of cells."""
    if isinstance(X, str | Path) and Path(X).is_file():
        with open(X, "rb") as file:
            return Path(X).name, file_digest(file, "sha256").hexdigest(), "the file"
    cells = pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes()
    what = "the cells that are used, as pandas.util.hash_pandas_object gives them"
    return "", sha256(cells).hexdigest(), what
