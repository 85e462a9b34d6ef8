# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Data sets of the chapter."""

import csv
from collections.abc import Mapping
from os import PathLike

import numpy as np
from sklearn.datasets import fetch_openml
from sklearn.utils import Bunch

from skneon.network.numerics._types import Array

WHOLESALE_COLUMNS = (
    "Channel", "Region", "Fresh", "Milk", "Grocery", "Frozen", "Detergents_Paper",
    "Delicassen",
)  # fmt: skip
WHOLESALE_ROWS = 440
WHOLESALE_SUMS = (582, 1119, 5280131, 2550357, 3498562, 1351650, 1267857, 670943)


def fetch_wholesale_customers(
    path: str | PathLike[str] | None = None,
    data_home: str | PathLike[str] | None = None,
) -> Bunch:
    """Annual spending of 440 customers of a wholesale distributor.

    The six spending columns (monetary units) that the chapter's section 5.1 explains,
    with the two labels of the data set beside them. Copies with made-up or altered
    rows are in circulation: row count and column sums are checked.

    Parameters
    ----------
    path : path-like or None, default=None
        CSV file with a header line. None fetches data set 1511, "wholesale-customers",
        through `sklearn.datasets.fetch_openml`.
    data_home : path-like or None, default=None
        Where `fetch_openml` caches its download.

    Returns
    -------
    bunch : sklearn.utils.Bunch
        ``data`` : ndarray of shape (440, 6), float; ``feature_names`` : list of str;
        ``channel`` (1 hotel, restaurant or cafe; 2 retail) and ``region`` (1 Lisbon,
        2 Oporto, 3 other) : ndarray of int, shape (440,). The chapter's instance n is
        row n - 1.

    Raises
    ------
    ValueError
        Where the columns, the number of rows, or a column's sum is not as it should be.

    References
    ----------
    M. Cardoso: Wholesale customers. UCI Machine Learning Repository, 2013.
    doi:10.24432/C5030X
    """
    if path is None:
        source = "OpenML data set 1511"
        columns = _fetched_columns(data_home)
    else:
        source = str(path)
        columns = _read_columns(path)
    _check(columns, source)
    spending = WHOLESALE_COLUMNS[2:]
    return Bunch(
        data=np.column_stack([columns[name] for name in spending]),
        feature_names=list(spending),
        channel=columns["Channel"].astype(int),
        region=columns["Region"].astype(int),
    )


def _fetched_columns(data_home: str | PathLike[str] | None) -> dict[str, Array]:
    """Columns by name from OpenML, which spells some names and the target its way."""
    bunch = fetch_openml(
        data_id=1511, as_frame=False, data_home=data_home, parser="liac-arff",
        target_column=None,
    )  # fmt: skip
    found = dict(zip(bunch.feature_names, np.asarray(bunch.data, float).T, strict=True))
    return _named(found)


def _read_columns(path: str | PathLike[str]) -> dict[str, Array]:
    """Columns by name from a CSV file."""
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        header = next(reader, [])
        rows = [row for row in reader if row]
    try:
        values = np.array(rows, dtype=float).reshape(len(rows), len(header))
    except ValueError as error:
        raise ValueError(
            f"{path} is no table of numbers under a header line: {error}"
        ) from error
    return _named(dict(zip(header, values.T, strict=True)))


def _named(found: Mapping[str, Array]) -> dict[str, Array]:
    """Columns under the names used here, whatever their case and punctuation."""

    def key(name: str) -> str:
        plain = "".join(letter for letter in name.lower() if letter.isalpha())
        return plain.replace("delicatessen", "delicassen")

    names = {key(name): name for name in WHOLESALE_COLUMNS}
    return {names.get(key(name), name): values for name, values in found.items()}


def _check(columns: Mapping[str, Array], source: str) -> None:
    missing = [name for name in WHOLESALE_COLUMNS if name not in columns]
    if missing:
        raise ValueError(
            f"{source} is not the wholesale customers data: columns {missing} missing, "
            f"found {sorted(columns)}."
        )
    for name, expected in zip(WHOLESALE_COLUMNS, WHOLESALE_SUMS, strict=True):
        n_rows, total = len(columns[name]), columns[name].sum()
        if n_rows != WHOLESALE_ROWS or total != expected:
            raise ValueError(
                f"{source} is a polluted copy of the wholesale customers data: column "
                f"{name} has {n_rows} rows with the sum {total:.0f}; it should have "
                f"{WHOLESALE_ROWS} rows with the sum {expected}. Get the original from "
                "the UCI Machine Learning Repository, doi:10.24432/C5030X."
            )
