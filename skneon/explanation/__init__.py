# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What `explain` returns: relevances, and the forms they can be given."""

from skneon.explanation._asked_table import AskedTable, size_text
from skneon.explanation._contributions import Contribution
from skneon.explanation._explanation import Explanation
from skneon.explanation._reason_groups import ReasonGroup
from skneon.explanation._reordered import reordered
from skneon.explanation._row_products import RowProducts
from skneon.explanation._shared_rows import SharedRows
from skneon.explanation._sparse_relevance import SparseRelevance

__all__ = [
    "AskedTable",
    "Contribution",
    "Explanation",
    "ReasonGroup",
    "RowProducts",
    "SharedRows",
    "SparseRelevance",
    "reordered",
    "size_text",
]
