# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""``python -m skneon``: the outliers or the clusters of a table, and the reasons."""

import sys
from io import TextIOWrapper

from skneon._cli import main

__all__ = ["main"]

if __name__ == "__main__":
    # a terminal that cannot show a column's name shows a mark instead
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(main())
