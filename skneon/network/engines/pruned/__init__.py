# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft argmin behind trees, without support points that weigh next to nothing."""
