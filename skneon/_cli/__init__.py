# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The command line: a table in, the reasons of its outliers or clusters out."""

from skneon._cli._main import main

__all__ = ["main"]
