# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What `explain` returns: relevances, and the forms they can be given."""

from skneon.explanation._explanation import Contribution, Explanation
from skneon.explanation._reordered import reordered

__all__ = ["Contribution", "Explanation", "reordered"]
