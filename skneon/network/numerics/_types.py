# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Names for the types of arrays and tables."""

from typing import Any, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
# rows as a user has them: an array, a sparse matrix, a pandas or a polars frame
Table: TypeAlias = Any
