# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Sparse rows at the doors: explained as they are, or not filled up beyond memory."""

from math import prod
from typing import Any

from scipy.sparse import issparse
from sklearn import get_config

from skneon.explanation import RowProducts, SharedRows, SparseRelevance, size_text
from skneon.network import LinearPairs, Network, Propagation, Query

# tables of an explanation: relevances, rows and what these are compared with
TABLES = 3


def sparse_propagation(
    door: Any, data: Any, query: Query, table: Any
) -> tuple[Propagation, Any] | None:
    """What a door's network gives for sparse rows, in tables that are not filled up.

    Parameters
    ----------
    door : NeuralizedModel
    data : ndarray or sparse matrix of shape (n, d)
        Clean rows.
    query : Query
    table : sparse matrix, or None
        The rows as they are shown, where these are sparse.

    Returns
    -------
    found : tuple (Propagation, sparse matrix in CSR format), or None
        With a copy of `table`. None where relevances are dense, and there is room.

    Raises
    ------
    MemoryError
        Where there is no room to fill sparse rows up.
    """
    network = door.network
    found = None if table is None else network.propagate_sparse(data, query)
    if found is None:
        check_room(data, (data.shape[0], door.n_columns), dense_because(network))
        return None
    products = None if found.products is None else RowProducts(*found.products)
    relevance: Any = SparseRelevance(
        found.stored, found.weights, found.constants, products
    )
    compared_with: Any = SharedRows(found.points, found.number)
    propagation = Propagation(
        relevance, found.score, compared_with, found.rival, cluster=found.cluster
    )
    return propagation, table.tocsr(copy=True)


def check_room(X: Any, shape: tuple[int, int], why: str) -> None:
    """Refuse to fill sparse rows up, where ``working_memory`` has no room for that.

    Parameters
    ----------
    X : ndarray or sparse matrix
        Rows as they came.
    shape : tuple of int
        Of the relevances.
    why : str
        Why they are dense, and what else there is.

    Raises
    ------
    MemoryError
        It names the size, and how many rows there is room for.
    """
    if not issparse(X):
        return
    size, room = 8 * TABLES * prod(shape), get_config()["working_memory"] * 2**20
    if size <= room:
        return
    some = max(1, int(room // (8 * TABLES * shape[1])))
    raise MemoryError(
        f"The explanation of {shape[0]} sparse rows takes {size_text(size)} in dense "
        f"tables of {shape[1]} columns, more than scikit-learn's working_memory of "
        f"{size_text(room)}: {why}. Explain some rows at a time, as in X[:{some}], or "
        "allow more by sklearn.set_config(working_memory=...), in MiB."
    )


def dense_because(network: Network) -> str:
    """Why explanations of sparse rows are dense, and what else there is."""
    rule = network.rule
    name = "" if rule is None else rule.name
    if isinstance(network.units, LinearPairs):
        return f'rule={name!r} fills rows up, and rule="midpoint" does not'
    return "distances have a part of every column"
