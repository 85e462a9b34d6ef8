# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How relevance is handed down: one rule per file, its equation on top."""
