# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Small histograms of columns, in which a value can be marked."""

from typing import Any

import numpy as np

from skneon._report._figures import Axis
from skneon.explanation._text import is_missing

BINS, CATEGORIES = 20, 10
WIDTH, HEIGHT = 60, 20


class Spark:
    """A histogram of numbers, or bars of the most frequent categories, as a path.

    Parameters
    ----------
    cells : pandas.Series
        Floats; or texts, which are categories.
    is_log : bool
        Whether positive numbers have a log scale.
    """

    def __init__(self, cells: Any, is_log: bool) -> None:
        self.names: list[Any] | None = None
        if cells.dtype.kind == "f":
            numbers = cells.to_numpy()
            self.axis = Axis.of(numbers, is_log)
            heights = self.axis.heights(numbers, BINS)
        else:
            counts = cells.value_counts().iloc[:CATEGORIES]
            self.names, self.axis = list(counts.index), Axis(0, len(counts))
            heights = counts.to_numpy() / max(counts.max(), 1)
        self.path = _bars(heights, gap=self.names is not None)

    @property
    def is_log(self) -> bool:
        """Whether it has a log scale."""
        return self.axis.is_log

    def mark(self, value: Any) -> str:
        """A path of the place of a value; "" where it has none."""
        if is_missing(value) or (self.names is not None and value not in self.names):
            return ""
        place = value if self.names is None else self.names.index(value) + 0.5
        return f"M{WIDTH * float(self.axis.places(np.array(place))):.1f} 0v{HEIGHT}"


def _bars(heights: Any, gap: bool) -> str:
    width = WIDTH / max(len(heights), 1)
    # what there is can be seen
    return "".join(
        f"M{i * width:.4g} {HEIGHT}v{-max(height * HEIGHT, 1):.3g}"
        f"h{width - gap:.4g}V{HEIGHT}z"
        for i, height in enumerate(heights)
        if height > 0
    )
