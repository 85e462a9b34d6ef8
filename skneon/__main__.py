# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""``python -m skneon``: the outliers or the clusters of a table, and the reasons."""

import os
import sys
from io import TextIOWrapper

from skneon._cli import main
from skneon._cli._main import UNUSABLE

__all__ = ["command", "main"]


def command() -> int:
    """Run as a command: a terminal that cannot show a character shows a mark.

    After an error the process ends at once: Arrow's threads read ahead, and abort it
    if they come to Python while the interpreter ends.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    code = main()
    if code == UNUSABLE:
        sys.stderr.flush()
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(command())
