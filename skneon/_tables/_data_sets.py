# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The tables that scikit-learn comes with, by their names."""

from typing import Any

# what headings call them
DATA_SETS = {
    "breast_cancer": "breast cancer",
    "cancer": "breast cancer",
    "diabetes": "diabetes",
    "digits": "digits",
    "iris": "iris",
    "linnerud": "linnerud",
    "wine": "wine",
}


def data_set(name: str) -> tuple[Any, str]:
    """One of `DATA_SETS` as a frame, without its target, and what headings call it."""
    # the names are answers of the command that need no library
    from sklearn import datasets

    title = DATA_SETS[name]
    load = getattr(datasets, f"load_{title.replace(' ', '_')}")
    # ages in years, and not in parts of their spread
    units = {"scaled": False} if title == "diabetes" else {}
    return load(as_frame=True, **units).data, f"scikit-learn's {title} data"
