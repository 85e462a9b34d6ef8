# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What test modules share: data, slow formulas, and checks."""
