# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Arrays in, arrays out: soft minima, distances, shares, quadrature nodes, tiles."""
