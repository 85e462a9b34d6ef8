# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What all layers of hidden units share."""

from copy import copy


class Units:
    """Hidden units: activations h_k of a row, and their relevance by column.

    Subclasses define ``width`` (numbers that a row takes), ``forward(X, query)``,
    ``relevance(X, H, R, weights, query)`` and ``reference(X, H, weights, query)``, and,
    where activations are functions of sums over the columns, ``contributions(X,
    query)`` and ``activation(T)``. The rest has defaults, which few override.

    Rows X are those that `inputs` takes; references are points of its outputs.

    Parameters
    ----------
    inputs : Inputs
    """

    accepts_sparse = False
    # whether rows must be activations of another network, which are not negative
    activations_only = False

    def __init__(self, inputs):
        self._connect(inputs)

    def _connect(self, inputs):
        """Set `inputs`, and what follows from them."""
        self.inputs = inputs

    def through(self, inputs):
        """The same units behind other inputs."""
        units = copy(self)
        units._connect(inputs)
        return units

    def activation(self, T):
        """Activations of the units, from sums of contributions."""
        return T

    def score(self, X, query, pooled):
        """The model's score, shape (n,): what the network computes, if it is exact."""
        return pooled

    def standard_error(self, X, R, query):
        """Standard error of the relevances, where the units are a random sample."""
        return None

    def rivals(self, X, H, query):
        """The strongest rival of each row, where units stand for clusters."""
        return None
