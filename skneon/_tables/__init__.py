# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables: read, their columns sorted into kinds, and prepared for models."""
