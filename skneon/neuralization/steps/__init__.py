# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Fitted preprocessing steps and their layers: one file per kind."""
