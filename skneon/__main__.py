# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""``python -m skneon``: the outliers or the clusters of a table, and the reasons."""

import sys

from skneon._cli import main

__all__ = ["main"]

if __name__ == "__main__":
    # a terminal that cannot show a column's name shows a mark instead
    sys.stdout.reconfigure(errors="replace")
    sys.stderr.reconfigure(errors="replace")
    sys.exit(main())
