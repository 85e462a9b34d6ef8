# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Shapley values of a squared Mahalanobis distance, the other columns integrated out.

.. math:: v(S) = z_S^\top (\Sigma_{SS})^{-1} z_S, \qquad \phi_i = z^\top A_i z
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skneon.network.numerics._players import Floats, players_of, shapley_matrix
from skneon.network.numerics._submatrices import (
    Inverse,
    blocks_of,
    by_size,
    coalition_members,
    cutoff_of,
    inverses,
    packed,
    products,
)

# numbers in a block of products of columns
BLOCK = 2**17
# packed submatrices are summed up in blocks of so many numbers
PACKED = 2**22


@dataclass(frozen=True)
class QuadraticForms:
    """One quadratic form per player, which gives the player's share of a row.

    Attributes
    ----------
    packed : ndarray of shape (p, d (d + 1) / 2)
    nonnegative : bool
        Whether no share is negative; what rounding leaves below 0 is set to 0.
    """

    packed: Floats
    nonnegative: bool

    def shares(self, Z: Floats) -> Floats:
        """Shares of rows.

        Parameters
        ----------
        Z : ndarray of shape (n, d)
            Rows less the mean.

        Returns
        -------
        shares : ndarray of shape (n, p)
        """
        out = np.empty((len(Z), len(self.packed)))
        size = max(1, BLOCK // self.packed.shape[1])
        for start in range(0, len(Z), size):
            rows = slice(start, start + size)
            out[rows] = (self.packed @ products(Z[rows])).T
        if self.nonnegative:
            np.maximum(out, 0.0, out=out)
        return out


def gaussian_shapley_forms(
    covariance: Floats,
    groups: ArrayLike | None = None,
    inverse: Inverse = "pinvh",
) -> QuadraticForms:
    r"""Forms whose values are Shapley values of a squared Mahalanobis distance.

    .. math:: \phi_i = \sum_{S \not\ni i} \frac{|S|! (p - 1 - |S|)!}{p!}
              [v(S \cup i) - v(S)], \qquad
              v(S) = z_S^\top (\Sigma_{SS})^{-1} z_S

    Columns outside of S are integrated out, which takes the submatrix of the
    *covariance*; this is also the distance where they are filled in by their
    conditional means, and the least distance that any values of them allow. The
    submatrix of the precision would set them to the mean: then the Shapley value is
    :math:`z_i (\Sigma^{-1} z)_i` (Mayrhofer and Filzmoser 2023, "Multivariate outlier
    explanations using Shapley values and Mahalanobis distances"). Each increment here
    is a squared conditional z-score, as in the decomposition of Mason, Tracy and
    Young (1995) of Hotelling's T^2, and so no value is negative.

    Singular covariances: v(S) takes the Moore-Penrose inverse of the submatrix, where
    eigenvalues up to d eps times the largest of the whole matrix count as zero. For
    all columns that is the distance which scikit-learn computes; it also leaves out
    columns whose variance is below that part of another's. Rows that keep the
    linear relations of the covariance have values of the limit of regular
    covariances, not negative; the values of other rows can be negative. The sum
    is v(all) always.

    Parameters
    ----------
    covariance : ndarray of shape (d, d)
        Symmetric and positive semi-definite.
    groups : array-like of int of shape (d,), default=None
        Columns with the same label are one player; see `players_of`.
    inverse : {"pinvh", "cholesky"}, default="pinvh"
        How the model inverts its covariance; see `cutoff_of`.

    Returns
    -------
    forms : QuadraticForms
        p forms, players in the order of their labels. All 2^p coalitions are taken: for
        13 columns 0.05 s of preparation, and twice that for each player more.

    Examples
    --------
    >>> import numpy as np
    >>> forms = gaussian_shapley_forms(np.array([[4.0, 2.0], [2.0, 4.0]]))
    >>> forms.shares(np.array([[2.0, 0.0]])).round(4)
    array([[1.1667, 0.1667]])
    """
    d = len(covariance)
    players = players_of(groups, d)
    cutoff = cutoff_of(covariance, inverse)
    matrix = shapley_matrix(len(players))
    n_pairs = d * (d + 1) // 2
    total = np.zeros((len(players), n_pairs))
    size = max(1, PACKED // (d * d))
    for numbers, columns in by_size(coalition_members(players)):
        for start in range(0, len(numbers), size):
            part = slice(start, start + size)
            precisions = inverses(blocks_of(covariance, columns[part]), cutoff)
            total += matrix[numbers[part]].T @ packed(precisions, columns[part], d)
    return QuadraticForms(total, cutoff is None)


def gaussian_coalition_forms(
    covariance: Floats, members: NDArray[np.bool_], inverse: Inverse = "pinvh"
) -> Floats:
    """v(S) of `gaussian_shapley_forms` as a form of the row, for chosen coalitions.

    Parameters
    ----------
    covariance : ndarray of shape (d, d)
    members : ndarray of bool of shape (M, d)
        Which columns are in which coalition.
    inverse : {"pinvh", "cholesky"}, default="pinvh"
        How the model inverts its covariance; see `cutoff_of`.

    Returns
    -------
    forms : ndarray of shape (M, d (d + 1) / 2)
        Values of rows Z less the mean are ``products(Z).T @ forms.T``.
    """
    d = len(covariance)
    cutoff = cutoff_of(covariance, inverse)
    forms = np.zeros((len(members), d * (d + 1) // 2))
    size = max(1, PACKED // (d * d))
    for numbers, columns in by_size(members):
        for start in range(0, len(numbers), size):
            part = slice(start, start + size)
            precisions = inverses(blocks_of(covariance, columns[part]), cutoff)
            forms[numbers[part]] = packed(precisions, columns[part], d)
    return forms
