# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Benchmarks in asv's layout; each file also runs by hand."""
