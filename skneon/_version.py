# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The version, in the one place that the build reads it from."""

__version__ = "0.1.0"
