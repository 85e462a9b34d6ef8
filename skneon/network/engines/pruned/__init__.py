# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft argmin behind trees, without support points that weigh next to nothing."""

from skneon.network.engines.pruned._pruned import Pruned
from skneon.network.engines.pruned._search import Search

__all__ = ["Pruned", "Search"]
