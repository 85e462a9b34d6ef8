# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Fitted models and their networks: one file per family."""
