# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The report that ``--report`` asks for."""

from skneon._cli._errors import TableError
from skneon._report import report


def write_report(model, features, path, *, title, top, groups):
    """Write a report on the rows that the model was fitted to.

    Parameters
    ----------
    model : Pipeline
        Fitted.
    features : DataFrame
        What it was fitted to, with the labels of the rows.
    path : Path
    title : str
    top : int
        Number of rows whose reasons are told.
    groups : dict of str to list of str

    Raises
    ------
    TableError
        For what the report does not take.
    """
    try:
        report(model, features, path=path, title=title, top=top, groups=groups or None)
    except (TypeError, ValueError) as error:
        raise TableError(f"--report: {error}") from error
