# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What of scores belongs to no column, in words."""

import numpy as np

from skneon.explanation._explanation import Explanation
from skneon.explanation._text import number_text, percent
from skneon.network.numerics._types import Array

# a residual up to this part of the score is rounding
NEGLIGIBLE = 1e-6
# a smaller part of the scores is not worth a line
LEAST_TOLD = 0.01
# residuals are the same whose sizes differ by less
SAME = 1e-9


def residuals(explanation: Explanation) -> Array | None:
    """The residual of each row, shape (n,); None where all are rounding.

    Where scores are infinite, it is 0.
    """
    known = np.isfinite(explanation.score)
    residual, score = np.where(known, [explanation.residual, explanation.score], 0.0)
    is_lossy = (np.abs(residual) > NEGLIGIBLE * np.abs(score)).any()
    return residual if is_lossy else None


def is_constant(explanation: Explanation) -> bool:
    """Whether the residual is the same of all rows, which are several."""
    residual = explanation.residual[np.isfinite(explanation.score)]
    spread = np.ptp(residual) if len(residual) > 1 else np.inf
    return bool(spread <= SAME * np.abs(residual).max(initial=0.0))


def residual_words(explanation: Explanation) -> str:
    """A sentence about what belongs to no column; "" where that is next to nothing."""
    finite = np.isfinite(explanation.score)
    score, residual = explanation.score[finite], explanation.residual[finite]
    size, of = np.abs(residual), np.median(np.abs(score)) if len(score) else 0.0
    if not len(score) or not np.median(size) >= max(
        LEAST_TOLD * of, np.finfo(float).tiny
    ):
        return ""
    if is_constant(explanation):
        constant = number_text(np.median(residual))
        return (
            f"A constant of {constant}, the same for every row, belongs to no column."
        )
    if (score > 0).all():
        part = percent(float(np.median(size / score)))
        return f"The rule leaves {part} of the median score unexplained (residual)."
    middle = number_text(np.median(size))
    return (
        f"The rule leaves {middle} of a score unexplained (the median size of the "
        "residual)."
    )


def residual_line(explanation: Explanation, row: int, is_part: bool) -> str:
    """What of a row's score belongs to no column; "" where that is rounding.

    Parameters
    ----------
    explanation : Explanation
    row : int
    is_part : bool
        Whether it is told as a part of the score.
    """
    residual, score = explanation.residual[row], explanation.score[row]
    if not np.isfinite(score) or not abs(residual) > NEGLIGIBLE * abs(score):
        return ""
    told = percent(residual / score) if is_part and score else number_text(residual)
    what = "a constant" if is_constant(explanation) else "the residual"
    return f"of no column ({what}): {told}"
