# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Step 1: from a fitted model to an equivalent network; a file a model family."""

from skneon.neuralization import _centroids, _kernel_density  # noqa: F401 (register)
from skneon.neuralization._neuralize import explain, neuralize

__all__ = ["explain", "neuralize"]
