# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Names of the types that all storeys share."""

from typing import Any, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
"""An array of numbers; shapes stand in the docstrings."""
