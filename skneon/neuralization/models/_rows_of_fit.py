# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Clusterings without centres, whose networks consist of the rows of the fit."""

from typing import Any

from skneon._labels import Labels
from skneon._lazy import refuse_lazy
from skneon.network import Rule, Shapley
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralized import validate_rows
from skneon.neuralization._options import chosen_rule
from skneon.neuralization._rows_needed import OtherRows, rows_needed


def rule_without_centres(model: Any, rule: str | Rule | None) -> Rule:
    """The rule that is asked for: "shapley", the default, or "proportional".

    Raises
    ------
    ValueError
        For any other.
    """
    if rule == Rule.name:
        return Rule()
    found = chosen_rule(rule, Shapley(), "cluster", "the evidence of clusters")
    if type(found) not in (Rule, Shapley):
        raise ValueError(
            f"rule={found.name!r} does not explain the clusters of "
            f"{type(model).__name__}, which have no centres: take one of "
            "'proportional', 'shapley'."
        )
    return found


def given_rows(
    model: Any, X_train: Any, accept_sparse: Any = False
) -> tuple[Array, Labels]:
    """The rows that a clustering was fitted to, and their labels.

    Parameters
    ----------
    model : fitted estimator
        With ``labels_``.
    X_train : table of shape (N, d), or None
    accept_sparse : bool or str, default=False
        Formats of sparse rows, which are filled up.

    Returns
    -------
    rows : ndarray of shape (N, d)
    labels : Labels
        Of the rows, and names of their columns.

    Raises
    ------
    ValueError
        Where they are missing, or not as many.
    """
    if X_train is None:
        raise rows_needed(model)
    refuse_lazy(X_train, "X_train")
    rows = dense(validate_rows(model, X_train, accept_sparse))
    if len(rows) != len(model.labels_):
        refuse_rows(model, f"{len(rows)} rows, and it has {len(model.labels_)} labels")
    return rows, Labels.of(X_train)


def refuse_rows(model: Any, why: str) -> None:
    """Raise for X_train that are not the rows of the fit."""
    raise OtherRows(type(model).__name__, why)
