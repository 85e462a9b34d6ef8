# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What is computed: one formula per class."""
