# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""``python -m skneon``: the outliers or the clusters of a table, and the reasons."""

import sys
from io import TextIOWrapper

from skneon._cli import main

__all__ = ["command", "main"]


def command() -> int:
    """Run as a command: a terminal that cannot show a character shows a mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    return main()


if __name__ == "__main__":
    sys.exit(command())
