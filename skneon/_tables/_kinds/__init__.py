# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Kinds of columns, one file each: what texts they read, and how."""
