# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Inverses of principal submatrices of a covariance, and quadratic forms packed flat.

``z_S' (Sigma_SS)^+ z_S``
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skneon.network.numerics._players import Floats, Ints, Players, coalition_masks

Inverse: TypeAlias = Literal["pinvh", "cholesky"]


def cutoff_of(covariance: Floats, inverse: Inverse) -> float | None:
    """Eigenvalues up to which count as zero; None where the covariance is regular.

    Parameters
    ----------
    covariance : ndarray of shape (d, d)
    inverse : {"pinvh", "cholesky"}
        How the model inverts its covariance. "pinvh", as scikit-learn's covariance
        estimators: by eigenvalues, of which small ones count as zero, in the units of
        the columns. "cholesky", as its mixtures: it is positive definite, in any units.

    Raises
    ------
    ValueError
        If inverse is "cholesky" and the covariance is singular.
    """
    if inverse == "pinvh":
        return None if is_regular(covariance) else eigenvalue_cutoff(covariance)
    if not is_positive_definite(covariance):
        raise ValueError(
            "The covariance is singular, so that it has no inverse. Leave columns out "
            "that follow from others, or add a small number to its diagonal."
        )
    return None


def is_ignored(covariance: Floats, cutoff: float | None) -> NDArray[np.bool_]:
    """Columns that vary by no more than the cutoff, which counts as zero; (d,).

    A pseudo-inverse by eigenvalues leaves them out, whatever else there is.
    """
    variance = np.diagonal(covariance)
    ignored: NDArray[np.bool_] = variance <= (-np.inf if cutoff is None else cutoff)
    return ignored


def missing_directions(
    covariance: Floats, inverse: Inverse
) -> tuple[NDArray[np.bool_], int] | None:
    """Columns that vary, and are ignored all the same, and the rank.

    None where the covariance is regular, or has no pseudo-inverse.
    """
    cutoff = cutoff_of(covariance, inverse) if inverse == "pinvh" else None
    if cutoff is None:
        return None
    ignored = is_ignored(covariance, cutoff) & (np.diagonal(covariance) > 0)
    return ignored, int(np.sum(np.linalg.eigvalsh(covariance) > cutoff))


def is_positive_definite(covariance: Floats) -> bool:
    """Whether the correlations are regular, whatever the units of the columns."""
    variance = np.diagonal(covariance)
    if not np.all(variance > 0):
        return False
    scale = np.sqrt(variance)
    return is_regular(covariance / np.outer(scale, scale))


def no_density(whose: str) -> str:
    """Why columns cannot be integrated out behind linear steps, and what to do."""
    return (
        f"In the columns that are explained the covariance{whose} is singular, but for "
        "rounding, so that columns cannot be integrated out. Leave columns out that "
        "follow from others, give PCA fewer n_components, or take "
        'rule="mean", in which the other columns are set to the mean.'
    )


def eigenvalue_cutoff(covariance: Floats) -> float:
    """Eigenvalues up to d eps times the largest count as zero, in all submatrices.

    It is the cutoff of ``scipy.linalg.pinvh``, by which scikit-learn inverts
    covariances. Eigenvalues of submatrices lie between those of the matrix, so that a
    regular matrix has regular submatrices only.
    """
    largest = np.linalg.eigvalsh(covariance)[-1]
    return float(len(covariance) * np.finfo(np.float64).eps * max(largest, 0.0))


def is_regular(covariance: Floats) -> bool:
    """Whether no eigenvalue counts as zero."""
    values = np.linalg.eigvalsh(covariance)
    limit = len(covariance) * np.finfo(np.float64).eps * values[-1]
    return bool(values[0] > limit)


def inverses(matrices: Floats, cutoff: float | None = None) -> Floats:
    """Inverses of symmetric matrices, shape (..., s, s).

    Parameters
    ----------
    matrices : ndarray of shape (..., s, s)
    cutoff : float, default=None
        None: the matrices are regular. Else Moore-Penrose inverses, where eigenvalues
        up to the cutoff count as zero.

    Raises
    ------
    ValueError
        For inverses beyond the largest float.
    """
    if cutoff is not None:
        values, vectors = np.linalg.eigh(matrices)
        inverse = np.divide(
            1.0, values, out=np.zeros_like(values), where=values > cutoff
        )
        scaled: Floats = vectors * inverse[..., None, :]
        pseudo: Floats = np.matmul(scaled, np.swapaxes(vectors, -1, -2))
        return pseudo
    # correlations are inverted, whatever the units of the columns
    scale = np.sqrt(np.diagonal(matrices, axis1=-2, axis2=-1))
    outer = scale[..., :, None] * scale[..., None, :]
    with np.errstate(over="ignore", invalid="ignore"):
        inverted: Floats = np.linalg.inv(matrices / outer) / outer
        inverted = (inverted + np.swapaxes(inverted, -1, -2)) / 2
    if not np.isfinite(inverted).all():
        raise ValueError(
            f"Variances are as small as {outer.min():.3g}, and the inverse of such a "
            "covariance is beyond the largest float: multiply columns by a constant."
        )
    return inverted


def half_log_determinants(matrices: Floats) -> Floats:
    """Half the log-determinants of positive definite matrices, shape (...)."""
    scale = np.sqrt(np.diagonal(matrices, axis1=-2, axis2=-1))
    outer = scale[..., :, None] * scale[..., None, :]
    half: Floats = np.linalg.slogdet(matrices / outer)[1] / 2
    total: Floats = half + np.log(scale).sum(axis=-1)
    return total


def coalition_members(players: Players) -> NDArray[np.bool_]:
    """Which columns are in which coalition, (2^p, d), in `coalition_masks`' order."""
    n_columns = sum(len(own) for own in players)
    member = np.zeros((len(players), n_columns), dtype=bool)
    for player, own in enumerate(players):
        member[player, own] = True
    members: NDArray[np.bool_] = coalition_masks(len(players)) @ member > 0
    return members


def by_size(members: NDArray[np.bool_]) -> Iterator[tuple[Ints, Ints]]:
    """Coalitions with equally many columns: their numbers (m,), and columns (m, s).

    The empty ones are left out.
    """
    size = members.sum(axis=1)
    for s in np.unique(size[size > 0]):
        numbers = np.flatnonzero(size == s)
        yield numbers, np.nonzero(members[numbers])[1].reshape(-1, s)


def blocks_of(matrix: Floats, columns: Ints) -> Floats:
    """Principal submatrices, shape (m, s, s), for columns of shape (m, s)."""
    taken: Floats = matrix[columns[:, :, None], columns[:, None, :]]
    return taken


def packed(matrices: Floats, columns: Ints, n_columns: int) -> Floats:
    """Forms z_S' M z_S as rows of numbers, for `products`; shape (m, d (d + 1) / 2)."""
    m = np.arange(len(columns))[:, None, None]
    full = np.zeros((len(columns), n_columns, n_columns))
    full[m, columns[:, :, None], columns[:, None, :]] = matrices
    first, second = np.triu_indices(n_columns)
    out: Floats = full[:, first, second]
    out[:, first != second] *= 2.0
    return out


def products(Z: Floats) -> Floats:
    """Products of all pairs of columns, shape (d (d + 1) / 2, n): rows lie together."""
    d = Z.shape[1]
    T = np.ascontiguousarray(Z.T)
    out = np.empty((d * (d + 1) // 2, len(Z)))
    start = 0
    for i in range(d):
        np.multiply(T[i], T[i:], out=out[start : start + d - i])
        start += d - i
    return out
