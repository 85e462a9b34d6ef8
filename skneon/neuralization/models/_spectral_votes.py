# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""What each training row says of the clusters of a spectral clustering (ours).

scikit-learn embeds rows by the leading eigenvectors of the random walk
:math:`P = D^{-1} W`, where W is the affinity without its diagonal: :math:`P Y = Y
\Lambda`. So the embedding of a row is a mean of those of the others, by its affinities
:math:`p_n(x) = w(x, x_n) / \sum_l w(x, x_l)`,

.. math:: y(x) = \Lambda^{-1} \sum_n p_n(x) Y_n ,

which is the Nystroem formula (Bengio et al. 2004) and, for a training row that is left
out of its own sum, an identity. Squared distances to the means m_k of the clusters are,
but for :math:`|y|^2`, means as well:

.. math:: |y(x) - m_k|^2 - |y(x)|^2 = \sum_n p_n(x) B_{nk}, \qquad
          B_{nk} = |m_k|^2 - 2 m_k^\top \Lambda^{-1} Y_n .
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import csr_matrix, diags, issparse
from scipy.sparse.linalg import eigsh

from skneon.network.numerics._types import Array

# rows whose affinity to the others is less, relative to the largest, have lost their
# digits in the eigenvectors
ISOLATED = 1e-20
# eigenvalues that differ by less have no eigenvectors of their own
SAME = 1e-8
# an embedding by smaller eigenvalues is nothing but rounding
ZERO = 1e-10
# with more rows eigenvectors are found by iteration
DENSE = 2000


@dataclass(frozen=True)
class Votes:
    """Votes of the training rows.

    Attributes
    ----------
    values : ndarray of shape (N, K)
        B, the less the more a row speaks for a cluster.
    least_eigenvalue : float
        The least that the embedding uses.
    """

    values: Array
    least_eigenvalue: float


def votes_of(affinity: Any, members: Array, n_components: int) -> Votes:
    """The votes of the rows of an affinity.

    Parameters
    ----------
    affinity : ndarray or sparse matrix of shape (N, N)
        Symmetric, not negative. Its diagonal does not count.
    members : ndarray of int, shape (N,)
        Cluster of each row, numbered from 0.
    n_components : int
        Of the embedding.

    Raises
    ------
    ValueError
        Where the embedding is not unique, or has lost its digits: where rows are nearly
        unconnected, where all are alike, and where an eigenvalue is 0.
    """
    W = _without_diagonal(affinity)
    degrees = np.asarray(W.sum(axis=1), dtype=float).ravel()
    least = int(degrees.argmin())
    if not degrees[least] > ISOLATED * degrees.max():
        raise ValueError(
            f"Row {least} is nearly unconnected with the others: its affinities sum to "
            f"{degrees[least]:.3g}, those of others to as much as {degrees.max():.3g}, "
            f"so that its place among the clusters is nothing but rounding. {_APART}"
        )
    eigenvalues, Y = _leading(W, degrees, min(n_components, len(degrees)))
    _check_not_zero(eigenvalues)
    B = np.empty((len(members), members.max() + 1))
    for k in range(B.shape[1]):
        mean = Y[members == k].mean(axis=0)
        B[:, k] = mean @ mean - 2 * (Y / eigenvalues) @ mean
    return Votes(B, float(eigenvalues[-1]))


def _check_not_zero(eigenvalues: Array) -> None:
    """Refuse eigenvalues by which a mean of the others' places says nothing."""
    i = int(np.abs(eigenvalues).argmin())
    if np.abs(eigenvalues[i]) < ZERO:
        raise ValueError(
            f"Eigenvalue {i + 1} of the {len(eigenvalues)} that the embedding uses is "
            f"{eigenvalues[i]:.3g}: its eigenvector says nothing of a row by those "
            "next to it, so that it has no place by them. Fit SpectralClustering with "
            "other n_neighbors, another gamma or fewer n_components."
        )


_APART = (
    "Scale the columns of X, as StandardScaler does, or fit with a lower gamma or more "
    "n_neighbors, so that rows are connected."
)
_ALIKE = (
    "All rows are next to equally alike: fit with a larger gamma or fewer n_neighbors."
)


def _without_diagonal(affinity: Any) -> Any:
    """Affinities in float64, without those of rows to themselves."""
    if not issparse(affinity):
        W = np.array(affinity, dtype=float)
        np.fill_diagonal(W, 0.0)
        return W
    W = csr_matrix(affinity, dtype=float)
    W = W - diags(W.diagonal())
    return W if W.shape[0] > DENSE else W.toarray()


def _leading(W: Any, degrees: Array, k: int) -> tuple[Array, Array]:
    """The k largest eigenvalues of the random walk, and its eigenvectors (N, k)."""
    scale, N = 1 / np.sqrt(degrees), len(degrees)
    some = min(k + 1, N)
    if N > DENSE:
        root = diags(scale)
        S = root @ W @ root
        start = np.random.default_rng(0).uniform(0.5, 1.5, size=N)
        found, vectors = eigsh(S, some, which="LA", v0=start)
    else:
        S = W * scale * scale[:, None]
        found, vectors = eigh(S, subset_by_index=(N - some, N - 1))
        if len(found) < some:
            # of a subset of nearly equal ones LAPACK leaves out some
            found, vectors = (part[..., -some:] for part in eigh(S))
    order = np.argsort(-found)
    found, vectors = found[order], vectors[:, order] * scale[:, None]
    if some > k and found[k - 1] - found[k] < SAME:
        what = "nearly unconnected" if found[k - 1] > 1 - 1e-6 else ""
        raise ValueError(
            f"The affinities do not say which {k} eigenvectors embed the rows: "
            f"eigenvalues {k} and {k + 1} are {found[k - 1]:.9f} and {found[k]:.9f}. "
            + (f"Groups of rows are {what}. {_APART}" if what else _ALIKE)
        )
    return found[:k], vectors[:, :k]
