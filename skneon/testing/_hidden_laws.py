# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Laws of the layers between units and pooling: what becomes of relevance in them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from skneon.network import Query
from skneon.network.engines._layerwise import activations
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array
from skneon.testing._subject import Subject

# units of a layer that are followed downwards, each by itself
FOLLOWED = 16


class Hop(NamedTuple):
    """One layer in the middle, and what goes into it from both sides.

    Attributes
    ----------
    layer : HiddenLayer
    below : ndarray of shape (n, K)
        Activations that it takes.
    R, weights : ndarray of shape (n, K')
        Relevance and weights of its own units.
    R_below, weights_below : ndarray of shape (n, K)
        What it hands down.
    """

    layer: Any
    below: Array
    R: Array
    weights: Array
    R_below: Array
    weights_below: Array


def hops(network: Any, X: Any, query: Query) -> Iterator[Hop]:
    """The layers between pooling and units, from top to bottom, on clean rows."""
    H = activations(network, X, query)
    passed = network.rule.to_units(network, H[-1], query)
    R, weights = passed.R, passed.weights
    for layer, below in zip(reversed(network.middle), reversed(H[:-1]), strict=True):
        hop = Hop(layer, below, R, weights, *layer.backward(below, R, weights, query))
        yield hop
        R, weights = hop.R_below, hop.weights_below


def hidden_layers_hand_on(subject: Subject) -> None:
    """What goes into a hidden layer comes out of it: relevance and weights, by row.

    Both have the shape of the units below. Not for layers that keep something back.
    """
    for hop in _hops(subject):
        name = type(hop.layer).__name__
        for what, above, below in (
            ("relevance", hop.R, hop.R_below),
            ("weights", hop.weights, hop.weights_below),
        ):
            _assert_handed_on(f"{name}.backward: {what}", above, below, hop, subject)


def _assert_handed_on(
    what: str, above: Array, below: Array, hop: Hop, subject: Subject
) -> None:
    if np.shape(below) != hop.below.shape:
        raise AssertionError(
            f"{what} has the shape {np.shape(below)}, and must have that of the "
            f"activations below, {hop.below.shape}."
        )
    came, left = above.sum(axis=1), below.sum(axis=1)
    size = np.abs(above).sum(axis=1) + np.abs(below).sum(axis=1)
    bad = np.flatnonzero(~(np.abs(left - came) <= 1e-6 * size + 1e-300))
    if len(bad):
        n = bad[0] % len(left)
        raise AssertionError(
            f"{what} of row {n} that is handed down sums to {left[n]:.6g}, and "
            f"{came[n % len(came)]:.6g} came from above: a layer hands down all."
        )


def hidden_layers_follow(subject: Subject) -> None:
    """A unit that does not bear on another one gets none of its relevance.

    That is, the activation above stays as it is whether the one below is 0, half, twice
    as large or larger by 1. Not for layers that share with others on purpose.
    """
    for hop in _hops(subject.rows(np.arange(1))):
        _assert_follows(hop, subject.clean()[1][:1])


def _assert_follows(hop: Hop, query: Query) -> None:
    layer, below = hop.layer, hop.below
    K = below.shape[1]
    each = query[np.zeros(K, dtype=int)]
    bears = np.zeros((K, hop.R.shape[1]), dtype=bool)
    before = layer.forward(below, query)
    for value in (0 * below, below / 2, 2 * below, below + 1):
        changed = np.repeat(below, K, axis=0)
        changed[np.diag_indices(K)] = value[0]
        # products of another shape may be rounded otherwise
        bears |= ~np.isclose(layer.forward(changed, each), before, 1e-12, 0.0)
    counted = np.flatnonzero(hop.R[0])[:FOLLOWED]
    for j in counted:
        alone = np.zeros_like(hop.R)
        alone[0, j] = hop.R[0, j]
        R = layer.backward(below, alone, hop.weights, query)[0][0]
        lost = np.flatnonzero((np.abs(R) > 1e-9 * np.abs(R).sum()) & ~bears[:, j])
        if len(lost):
            k = lost[0]
            raise AssertionError(
                f"{type(layer).__name__}.backward gives unit {k} below {R[k]:.6g} of "
                f"the relevance {hop.R[0, j]:.6g} of unit {j}, whose activation does "
                "not depend on it."
            )


def _hops(subject: Subject) -> Iterator[Hop]:
    X, query = subject.clean()
    X = dense(X)
    network = subject.bare
    yield from hops(network, X, network.units.answered(X, query))
