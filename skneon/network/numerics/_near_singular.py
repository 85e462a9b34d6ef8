# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Directions in which columns hardly vary beside one another: what that costs."""

import numpy as np

from skneon.network.numerics._players import Floats, Ints

# eigenvalues of correlations, relative to the largest: beyond it scores of float64 have
# lost half of their digits and more
NEAR = 1e-9
# parts of the largest weight in such a direction that count
LARGE = 0.1


def near_relation(covariance: Floats) -> tuple[float, Ints] | None:
    """The least eigenvalue of the correlations, where it is nearly none.

    Parameters
    ----------
    covariance : ndarray of shape (d, d)

    Returns
    -------
    relation : tuple (float, ndarray of int), or None
        The eigenvalue, relative to the largest, and the columns that its eigenvector
        relates; columns that do not vary have no part in it. None where all columns
        vary by themselves.
    """
    varies = np.flatnonzero(np.diagonal(covariance) > 0)
    if len(varies) < 2:
        return None
    scale = np.sqrt(np.diagonal(covariance)[varies])
    part = covariance[np.ix_(varies, varies)] / np.outer(scale, scale)
    values = np.linalg.eigvalsh(part)
    if values[0] > NEAR * values[-1]:
        return None
    values, vectors = np.linalg.eigh(part)
    return max(float(values[0] / values[-1]), 0.0), varies[related(vectors[:, 0])]


def related(direction: Floats) -> Ints:
    """Columns that have a part in a direction, (d,)."""
    size = np.abs(direction)
    return np.flatnonzero(size >= LARGE * size.max())


def words(least: float, columns: Ints) -> str:
    """What a near relation means, and what to do."""
    named = ", ".join(map(str, columns))
    return (
        f"columns {named} (counted from 0) nearly follow from one another: the least "
        f"eigenvalue of the correlations is {least:.1e} of the largest, so that what "
        "little they vary by decides on scores, which have few digits: leave one of "
        "them out"
    )
