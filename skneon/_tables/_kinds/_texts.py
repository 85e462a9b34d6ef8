# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Categories, and texts that label the rows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skneon._tables._kinds._numbers import Numbers
from skneon._tables._kinds._times import Dates, Durations


@dataclass(frozen=True)
class Texts:
    """Texts: why they are labels or of no use, and what numbers or dates are among."""

    why: str = ""
    aside: str = ""
    numbers: Numbers | Dates | Durations = field(default_factory=Numbers)
    kind = "category"

    def read(self, cells: Any) -> tuple[Any, Any]:
        """The texts, NaN where there is none; none fails."""
        missing = cells.is_null().to_numpy(zero_copy_only=False)
        texts = np.asarray(cells.cast("string").to_numpy(zero_copy_only=False), object)
        return np.where(missing, np.nan, texts), None

    def shown(self, values: Any) -> Any:
        """The texts as they are."""
        return values

    def notes(self, name: str) -> Iterator[str]:
        """Why numbers are labels."""
        if self.why:
            yield f"Taken as labels, {self.why}: {name}."
