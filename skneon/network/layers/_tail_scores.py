# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that say how far in the tail of its column a value lies."""

import warnings
from functools import cached_property
from typing import Any

import numpy as np
from scipy.stats import skew

from skneon.network._query import Query
from skneon.network.layers._column_scores import ColumnScores, finite
from skneon.network.layers._weights import Absent, SupportWeights
from skneon.network.numerics._types import Array

EPS = float(np.finfo(float).eps)
# deviations whose cubes are still floats
LARGEST = 1e90


class TailScores(ColumnScores):
    r"""Minus log of the tail probabilities of each column, the row among the others.

    Of a row x and the N rows of the fit, with :math:`n_k^\le` of these at most
    :math:`x_k` and :math:`n_k^\ge` at least,

    .. math:: l_k = -\log \frac{n_k^\le + 1}{N + 1}, \qquad
              r_k = -\log \frac{n_k^\ge + 1}{N + 1}, \qquad
              t_k = [s_k \le 0] \, l_k + [s_k \ge 0] \, r_k,

    with the skewness :math:`s_k` of these N + 1 values. The activations are
    those of ECOD (Li, Zhao, Hu, Botta, Ionescu, Chen 2022), or with ``mean=True`` of
    COPOD (Li, Zhao, Botta, Ionescu, Hu 2020), as PyOD has them:

    .. math:: h_k = \max(l_k, r_k, t_k), \qquad
              h_k = \max\!\left(\tfrac12 (l_k + r_k), t_k\right) .

    So t is the tail on the side of the skew, and both where there is none. A query's
    `absent` rows are not among the N: so a training row is scored among the others,
    itself once.

    Parameters
    ----------
    rows : array-like of shape (N, d)
        Of the fit.
    mean : bool, default=False
        Whether the mean of both tails takes the place of the larger one.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.network import Query, TailScores
    >>> units = TailScores(np.array([[0.0], [1.0], [5.0]]))
    >>> np.exp(-units.forward(np.array([[6.0]]), Query())).round(4)
    array([[0.25]])
    """

    reference_name = "median of each column"

    def __init__(self, rows: Any, mean: bool = False) -> None:
        rows = finite(rows, "rows")
        self.rows, self.mean = rows, mean
        self._sorted = np.sort(rows, axis=0)
        self.support_weights = SupportWeights(np.full(len(rows), 1 / len(rows)))
        self._center = np.where(
            self._sorted[0] == self._sorted[-1], rows[0], rows.mean(axis=0)
        )
        deviations = rows - self._center
        largest = np.abs(deviations).max(axis=0)
        self._scale = np.where(largest > 0, largest, 1.0)
        deviations /= self._scale
        self._sums = np.stack([np.sum(deviations**p, axis=0) for p in (1, 2, 3)])
        self._cubes = np.sum(np.abs(deviations) ** 3, axis=0)
        self.functions = ()
        self._wire(rows.shape[1], np.median(rows, axis=0), None)

    @property
    def words(self) -> str:
        """What a unit is."""
        return "how far in the tail of its column a value lies"

    @property
    def equation(self) -> str:
        """A unit in plain text."""
        tails = "(l_k + r_k) / 2" if self.mean else "l_k, r_k"
        return (
            f"h_k = max({tails}, [s_k ≤ 0] l_k + [s_k ≥ 0] r_k),  l_k and r_k minus "
            "the log shares of rows at most and at least x_k,  s_k their skewness"
        )

    def values(self, Z: Array, query: Query) -> Array:
        """Activations, shape (n, d)."""
        below, above = np.empty(Z.shape), np.empty(Z.shape)
        for k, column in enumerate(self._sorted.T):
            below[:, k] = np.searchsorted(column, Z[:, k], "right")
            above[:, k] = len(column) - np.searchsorted(column, Z[:, k], "left")
        n = np.full((len(Z), 1), len(self.rows) + 1.0)
        absent = self.support_weights.absent(query)
        if len(absent):
            gone, own = self.rows[absent.points], Z[absent.rows]
            below[absent.rows] -= gone <= own
            above[absent.rows] -= gone >= own
            n[absent.rows] -= 1
        left, right = -np.log((below + 1) / n), -np.log((above + 1) / n)
        alike = (below + 1 == n) & (above + 1 == n)
        s = self._skewness(Z, absent, n, alike)
        skewed = (s <= 0) * left + (s >= 0) * right
        if self.mean:
            both: Array = (left + right) / 2
        else:
            both = np.maximum(left, right)
        return np.asarray(np.maximum(both, skewed))

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """The medians of those that are not absent, (n, p)."""
        typical = super().reference(X, H, weights, query)
        absent = self.support_weights.absent(query)
        if not len(absent):
            return typical
        # where the value that is gone was among the others
        pairs = zip(self._sorted.T, self.rows[absent.points].T, strict=True)
        gone = np.column_stack([np.searchsorted(*pair) for pair in pairs])
        rest = len(self.rows) - 1
        low, high = (
            np.take_along_axis(self._sorted, i + (i >= gone), axis=0)
            for i in ((rest - 1) // 2, rest // 2)
        )
        typical[absent.rows] = (low + high) / 2
        return typical

    def _skewness(self, Z: Array, absent: Absent, n: Array, alike: Array) -> Array:
        """Signs of the skewness, (n, d), by sums of powers; or as SciPy has it.

        Where all values are `alike` both tails are 0, and the sign does not matter.
        """
        # of such large ones the sign is clear
        own = np.clip((Z - self._center) / self._scale, -LARGEST, LARGEST)
        sums = [total + own**p for p, total in zip((1, 2, 3), self._sums, strict=True)]
        cubes = self._cubes + np.abs(own) ** 3
        if len(absent):
            gone = (self.rows[absent.points] - self._center) / self._scale
            for p, total in zip((1, 2, 3), sums, strict=True):
                total[absent.rows] -= gone**p
        mean, second, third = (total / n for total in sums)
        moment = third - 3 * mean * second + 2 * mean**3
        # what rounding may leave of sums of n terms, in SciPy's order of them
        moved = n * EPS * (np.abs(self._center) / self._scale + np.sqrt(second))
        noise = 4 * (n * EPS * cubes / n + 3 * moved * second + moved**3)
        signs: Array = np.sign(moment)
        near = (np.abs(moment) <= noise) & ~alike
        points = np.full(len(Z), -1)
        points[absent.rows] = absent.points
        for row in np.flatnonzero(near.any(axis=1)):
            found = self._by_scipy(Z[row], points[row])
            signs[row] = np.where(near[row], found, signs[row])
        return signs

    def _by_scipy(self, z: Array, absent: int) -> Array:
        """Signs for one row, (d,), in the place of one that is absent if any is."""
        if absent < 0:
            return skew_signs(np.concatenate([self.rows, z[None]]))
        if np.array_equal(self.rows[absent], z):
            return self._own_signs
        values = self.rows.copy()
        values[absent] = z
        return skew_signs(values)

    @cached_property
    def _own_signs(self) -> Array:
        """Signs of the rows of the fit, (d,)."""
        return skew_signs(self.rows)


def skew_signs(values: Array) -> Array:
    """Signs of SciPy's skewness of each column; 0 where it has none."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.sign(np.nan_to_num(skew(values, axis=0))))
