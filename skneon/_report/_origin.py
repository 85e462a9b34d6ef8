# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Where a table comes from, and what makes its report again: Python, or a command."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from skneon._report._models import GAMMA
from skneon._tables._prepare import Prepared
from skneon._tables._words import Options, pd


@dataclass(frozen=True)
class Origin:
    """Name of a file, a sha256, what that is of, and lines of Python.

    ``subject`` are the first arguments of `skneon.report`, which the ``lines`` make;
    or a ``command`` makes it, and the lines are to go on from there.
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


def lines_of_clusters(
    name: str, options: Options, size: int | None, model: Any, words: str, keeps: bool,
    rule: str | None,
) -> tuple[str, ...]:  # fmt: skip
    """Python that makes the profiles of a clustering again.

    Parameters
    ----------
    name : str
        Of the file.
    options : Options
        By which it is read.
    size : int or None
        Number of rows that are drawn for the fit; None: all are.
    model : estimator
    words : str
        What chose its settings.
    keeps : bool
        Whether the explanation needs the rows of the fit.
    rule : str or None
        None: the model's own.
    """
    given = {f.name: getattr(options, f.name) for f in fields(Options)}
    changed = {n: v for n, v in given.items() if v != getattr(Options, n)}
    said = "".join(f", {n}={v!r}" for n, v in changed.items())
    public = type(model).__module__.split("._")[0]
    made = " ".join(repr(model).split())
    asked = f"{'X_train=' * keeps}rows" + ("" if rule is None else f", rule={rule!r}")
    return (
        "import skneon",
        f"from {public} import {type(model).__name__}",
        "",
        f"table = skneon.prepare({Path(name).name!r}{said})",
        "rows = table.rows" + ("" if size is None else f".iloc[table.sample({size})]"),
        *([f"# {words}"] if words else []),
        f"model = table.pipeline({made}).fit(rows)",
        f"reasons = skneon.explain(model, {asked})",
        "reasons.profile()  # what tells each cluster from its rivals",
    )


def identity(X: Any, rows: Any) -> tuple[str, str, str]:
    """Name of a file or "", its sha256, and what that is of: else of cells."""
    if isinstance(X, str | Path) and Path(X).is_file():
        with open(X, "rb") as file:
            return Path(X).name, file_digest(file, "sha256").hexdigest(), "the file"
    cells = pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes()
    what = "the cells that are used, as pandas.util.hash_pandas_object gives them"
    return "", sha256(cells).hexdigest(), what
