# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Reports: a table, its outliers and clusters, and the reasons, as one HTML file."""

from skneon._report._report import Report, report

__all__ = ["Report", "report"]
