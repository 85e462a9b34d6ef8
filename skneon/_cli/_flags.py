# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The way to flag rows that the arguments say."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from skneon._report._scale import FDR, MORE_ROWS, Scale, by_level, by_rate, by_threshold
from skneon.explanation._text import number_text
from skneon.network.numerics._types import Array

HELP = f"{MORE_ROWS}, or --threshold, which flags by the score itself"


def flags_of(
    given: Namespace,
    known: Array,
    n_rows: int,
    is_new: bool,
    all_p: Callable[[], Array],
    shape: float = 0.0,
) -> Scale:
    """The scale that the arguments say, for a table of so many rows.

    Of new rows that is by default a false discovery rate; ``all_p`` gives the p-values
    of all of them, and ``shape`` is that of the tail of ordinary scores.
    """
    scale = by_threshold(known, n_rows, is_new, shape)
    if given.threshold is not None:
        why = f"an outlierness above {given.threshold:g}"
        return replace(scale, least=given.threshold, why=why)
    if given.contamination is not None:
        value = float(np.quantile(known, 1 - given.contamination))
        of = f"a share of {given.contamination:g} of the training rows has"
        why = f"an outlierness above {number_text(value)}, which {of}"
        return replace(scale, least=value, why=why)
    if given.alpha is not None:
        return by_level(scale, given.alpha, HELP)
    if not is_new:
        return scale
    return by_rate(scale, all_p(), FDR if given.fdr is None else given.fdr, HELP)
