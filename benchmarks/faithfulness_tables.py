# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Means, standard errors and Markdown tables."""

import numpy as np


def table(corner, columns, rows):
    """A Markdown table.

    Parameters
    ----------
    corner : str
    columns : list of str
    rows : dict of str to list of str
    """
    lines = [[corner, *columns], ["---"] + ["---:"] * len(columns)]
    lines += [[name, *cells] for name, cells in rows.items()]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def standard_error(values):
    """Of the mean of independent values."""
    return (
        float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0
    )


def percent(values):
    """Mean and standard error of shares, in per cent; "-" for None."""
    if values[0] is None:
        return "-"
    mean, error = 100 * np.mean(values), 100 * standard_error(values)
    if mean < 5e-7:
        return "0"
    digits = 2 if mean < 1 else 1 if mean < 100 else 0
    return f"{mean:.{digits}f} ± {error:.{digits}f}"


def plain(values):
    """Mean and standard error, three decimals."""
    return f"{np.mean(values):.3f} ± {standard_error(values):.3f}"


def microseconds(values):
    """Median of seconds, as microseconds to two digits."""
    return two_digits(np.median(values) * 1e6)


def two_digits(value):
    """A positive number to two significant digits, without exponent."""
    if value == 0:
        return "0"
    digits = max(0, 1 - int(np.floor(np.log10(value))))
    return f"{float(f'{value:.1e}'):,.{digits}f}"


def by_method(results, figure, show, label="method"):
    """A table of one figure, methods by data sets.

    Parameters
    ----------
    results : dict of str to list of dict
        By data set: for each split what `evaluate` returns.
    figure : {"distance", "flipping", "seconds"}
    show : callable
        From the splits' figures to a cell.
    """
    names = max((split[0] for split in results.values()), key=len)
    rows = {
        name: [
            show([split[name][figure] for split in splits])
            if name in splits[0] and splits[0][name][figure] is not None
            else "-"
            for splits in results.values()
        ]
        for name in names
    }
    return table(label, list(results), rows)


def folded(summary, body):
    """Markdown that unfolds on a click."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n</details>\n"
