# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Lazy frames, whose rows are not in memory: which they are, how to get the rows."""

from typing import Any

# packages whose frames are lazy, and the method that gives the rows
METHODS = {
    "daft": "to_pandas",
    "dask": "compute",
    "dask_expr": "compute",
    "duckdb": "df",
    "ibis": "to_pandas",
    "polars": "collect",
    "pyspark": "toPandas",
    "snowflake": "to_pandas",
    "sqlframe": "toPandas",
    "vaex": "to_pandas_df",
}


def refuse_lazy(X: Any, called: str = "X") -> None:
    """Raise for a lazy frame.

    Its columns would be taken for numbers in whatever order they are, and its rows
    computed again by each step.

    Parameters
    ----------
    X : object
    called : str, default="X"
        What the caller calls it.

    Raises
    ------
    TypeError
        It says what to pass in the place of it.
    """
    # asked of an instance, polars warns
    if not any(hasattr(type(X), name) for name in ("columns", "column_names")):
        return
    # also classes of others that inherit from them
    for kind in type(X).__mro__:
        package = kind.__module__.partition(".")[0]
        method = METHODS.get(package)
        if method is None or not hasattr(type(X), method):
            continue
        raise TypeError(
            f"{called} is a lazy {type(X).__name__} of {package}, whose rows are not "
            f"in memory: pass {called}.{method}()."
        )
