# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a network's rule says of the residual, by another way than summing."""

from typing import Any

import numpy as np

from skneon.network import Network, Query
from skneon.network.engines._layerwise import activations
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array


def stated_residual(network: Network, X: Any, query: Query) -> Array | None:
    """Part of the score that the network's rule states to hand to no column.

    `Rule.residual`, next to what a sample such as random features misses of the score.
    With layers between units and pooling, what reaches the units is taken as given.

    Parameters
    ----------
    network : Network
        With a rule.
    X : ndarray or sparse matrix of shape (n, d)
        Clean rows, as `NeuralizedModel.rows` gives them.
    query : Query
        Theirs.

    Returns
    -------
    residual : ndarray of shape (n,), or None
        None where the rule states nothing.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon import NeonKDE, neuralize
    >>> from skneon.testing import stated_residual
    >>> kde = NeonKDE(gamma=1.0, rule="soft-argmin").fit([[0.0, 1.0], [2.0, 1.0]])
    >>> door = neuralize(kde)
    >>> residual = stated_residual(door.network, *door.rows([[0.0, 3.0]]))
    >>> bool(np.allclose(residual, door.explain([[0.0, 3.0]]).residual))
    True
    """
    units, rule = network.units, network.rule
    if rule is None:
        return None
    X = dense(X)
    query = units.answered(X, query)
    H = activations(network, X, query)
    passed = rule.to_units(network, H[-1], query)
    missed = units.score(X, query, passed.score) - passed.score
    if network.middle:
        R, weights = passed.R, passed.weights
        for layer, below in zip(
            reversed(network.middle), reversed(H[:-1]), strict=True
        ):
            R, weights = layer.backward(below, R, weights, query)
        return np.asarray(passed.score - R.sum(axis=1) + missed)
    with np.errstate(invalid="ignore"):
        residual = rule.residual(network, X, H[0], passed, query)
        return None if residual is None else np.asarray(residual + missed)
