# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What `explain` returns: relevances, and the forms they can be given."""

from skneon.explanation._contributions import Contribution
from skneon.explanation._explanation import Explanation
from skneon.explanation._reason_groups import ReasonGroup

__all__ = ["Contribution", "Explanation", "ReasonGroup"]
