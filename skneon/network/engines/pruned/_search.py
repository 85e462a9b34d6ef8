# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How support points are searched for."""

from threading import Lock
from typing import Any

from skneon.network.engines.pruned._trees import Tree, worthwhile
from skneon.network.numerics._types import Array


class Search:
    """How support points are searched for, and the tree once there is one.

    Parameters
    ----------
    algorithm : {"auto", "brute", "kd_tree", "ball_tree"}
        "auto" takes a kd_tree where one is likely to pay.
    rtol : float
        Share of a row's kernel sum that may be dropped; with 0 nothing is.
    """

    def __init__(self, algorithm: str = "auto", rtol: float = 0.0) -> None:
        self.algorithm = algorithm
        self.rtol = rtol
        self._tree: Tree | None = None
        self._lock = Lock()

    def __getstate__(self) -> dict[str, Any]:
        """Without the tree, which is soon built again."""
        return {"algorithm": self.algorithm, "rtol": self.rtol}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """As new."""
        self.__init__(**state)  # type: ignore[misc]

    def tree(
        self, points: Array, weights: Array, Z: Array, gamma: float
    ) -> Tree | None:
        """The tree for the rows Z, or None where all points are taken."""
        if self.algorithm == "brute" or self.rtol == 0:
            return None
        built = self._tree is not None
        if self.algorithm == "auto" and not worthwhile(
            points, Z, weights, gamma, self.rtol, built
        ):
            return None
        with self._lock:
            if self._tree is None:
                kind = "kd_tree" if self.algorithm == "auto" else self.algorithm
                self._tree = Tree(points.astype(float, copy=False), weights, kind)
        return self._tree
