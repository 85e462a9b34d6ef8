# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The report that ``--report`` asks for."""

from skneon._cli._errors import TableError


def write_report(explanation, path, *, leading, title, notes):
    """Write a report.

    Parameters
    ----------
    explanation : Explanation
        Of the rows that the model was fitted to.
    path : Path
    leading : list of dict
        What the table on the terminal says, as `entries` and `Clusters` give it.
    title : str
    notes : list of str

    Raises
    ------
    TableError
        Always: reports are not available.
    """
    raise TableError("--report is not available in this version of skneon.")
