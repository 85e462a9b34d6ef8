# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The one place where an engine is chosen."""

from typing import Any

from skneon.network._query import Query
from skneon.network.engines._contrasts import Contrasts
from skneon.network.engines._engine import Engine, EngineKind, NetworkToRun
from skneon.network.engines._forests import Forests
from skneon.network.engines._layerwise import Layerwise
from skneon.network.engines._tiled import Tiled
from skneon.network.engines.pruned import Pruned

# the first that serves is taken; those that leave something out come first
ENGINES: list[EngineKind] = [Pruned, Tiled, Contrasts, Forests]


def engine_for(
    network: NetworkToRun, X: Any, query: Query, explain: bool = True
) -> Engine:
    """The engine that runs a network on some rows.

    Parameters
    ----------
    network : Network
    X : ndarray or sparse matrix of shape (n, d)
    query : Query
        Of the rows.
    explain : bool, default=True
        Whether explanations are asked for, or scores alone.

    Returns
    -------
    engine : Engine
        `Layerwise`, the reference, where no other serves.
    """
    for kind in ENGINES:
        engine = kind.of(network, X, query, explain)
        if engine is not None:
            return engine
    return Layerwise(network, X, query)
