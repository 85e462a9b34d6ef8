# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How a text table is written: what separates its columns, and its decimals."""

import csv
import re

from skneon._cli._errors import TableError

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
OPTION = {"\t": "tab", "|": "'|'", ";": "';'"}
WITH_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
WITH_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
# 1,234 may be a thousand
THOUSAND = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


def find_delimiter(lines, name):
    """The delimiter by which the header and all records have as many fields.

    Parameters
    ----------
    lines : list of str
        The first lines of the file.
    name : str
        The file, for messages.

    Returns
    -------
    delimiter : str
        A comma where there is a single column.

    Raises
    ------
    TableError
        Where several delimiters are possible, or none.
    """
    widths = {}
    for delimiter in DELIMITERS:
        found = records(lines, delimiter)
        # a quote without its partner: this delimiter stood in a quoted name
        torn = any(name.count('"') % 2 for name in found[0]) if found else True
        if not torn and len(found[0]) > 1:
            widths[delimiter] = [len(record) for record in found]
    if len(widths) <= 1:
        return next(iter(widths), ",")
    fitting = [d for d, found in widths.items() if len(set(found)) == 1]
    if len(fitting) == 1:
        return fitting[0]
    choice = " or ".join(DELIMITERS[d] for d in (fitting or widths))
    raise TableError(
        f"{name} may be separated by {choice}"
        f"{'' if fitting else ', but by none has every line as many fields'}: say "
        f"which, as in --delimiter {OPTION.get((fitting or [*widths])[-1], ',')}."
    )


def records(lines, delimiter):
    """The records in some lines, without the last where a quote is left open."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    found = []
    try:
        for record in reader:
            if record:
                found.append(record)
    except csv.Error:
        pass
    return found


def find_decimal(lines, delimiter, name):
    """Whether numbers are written with a decimal point or comma.

    Returns
    -------
    decimal : {".", ","}

    Raises
    ------
    TableError
        Where both are there, or commas that may as well mark thousands.
    """
    cells = [c.strip() for record in records(lines, delimiter)[1:] for c in record]
    commas = [cell for cell in cells if WITH_COMMA.fullmatch(cell)]
    if not commas:
        return "."
    points = [cell for cell in cells if WITH_POINT.fullmatch(cell)]
    if points:
        raise TableError(
            f"{name} has numbers with commas ({commas[0]}) and with points "
            f"({points[0]}): say which is the decimal sign, as in --decimal ,"
        )
    if all(THOUSAND.fullmatch(cell) for cell in commas):
        raise TableError(
            f"{name} has numbers such as {commas[0]}: if that is a decimal comma, say "
            "--decimal , and if it marks thousands, take the commas out."
        )
    return ","
