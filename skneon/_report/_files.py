# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Files that are written as a whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from skneon._tables._words import TableError


class Unwritable(TableError, OSError):
    """A file cannot be written; the message names it, and says why."""


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Name the file where what is done to it fails."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise Unwritable(f"{path} cannot be written: {reason}.") from None


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Path of a new file beside, which takes the place of `path` in the end."""
    with writing(path):
        target = Path(path).resolve()
        if target.exists() and not target.is_file():
            raise OSError("it is no plain file, name another one")
        part = target.with_name(f".{target.name[:50]}.{uuid4().hex}.part")
        part.open("xb").close()
    try:
        yield part
        with writing(path):
            if target.exists():
                part.chmod(target.stat().st_mode & 0o777)
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)
