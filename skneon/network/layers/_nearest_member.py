# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Pooling of support points to the nearest that is in a cluster."""

from dataclasses import replace
from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._level_min import Decision, LevelMin
from skneon.network.layers._weights import SupportWeights
from skneon.network.numerics._types import Array


class NearestMember(LevelMin):
    r"""How far a row is from the nearest point of any cluster (ours).

    With the units of `SpreadDistance`,

    .. math:: o = \min_k r_k

    over the support points k that are in a cluster, with :math:`r_k` as in `LevelMin`:
    the squared distance, or the squared mutual reachability.

    Parameters
    ----------
    members : ndarray of int, shape (N,)
        Cluster of each support point; -1 for none.
    support_weights, core, n_others
        As in `LevelMin`.
    """

    words = "how far the nearest point of a cluster is"
    summand = "R_k = h_k of the point that decides, or κ_k of the share of columns"

    def __init__(
        self,
        members: Array,
        support_weights: SupportWeights,
        core: Array | None = None,
        n_others: int = 0,
    ) -> None:
        together = np.where(members < 0, -1, 0)
        super().__init__(together, np.zeros(1), support_weights, core, n_others)

    @property
    def equation(self) -> str:
        """The score in plain text."""
        return f"o = min_k {self.reach_text} over the points k of clusters"

    @property
    def symbols(self) -> dict[str, Any]:
        """Numbers in the equation."""
        return {} if self.core is None else {"m": self.n_others}

    def decide(self, D: Array, share: Array, query: Query) -> Decision:
        """Of a cluster of all that ends nowhere, why a row is not in it."""
        noise = np.full(len(D), self.noise)
        return super().decide(D, share, replace(query, cluster=noise, rival=None))
