# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What all layers of hidden units share."""


class Units:
    """Hidden units: activations h_k of a row, and their relevance by feature.

    Subclasses define ``width`` (numbers that a row takes), ``forward(X, query)``,
    ``relevance(X, H, R, weights, query)`` and ``reference(X, H, weights, query)``, and,
    where activations are functions of sums over the features, ``contributions(X,
    query)`` and ``activation(T)``. The rest has defaults, which few override.
    """

    def score(self, X, query, pooled):
        """The model's score, shape (n,): what the network computes, if it is exact."""
        return pooled

    def standard_error(self, R):
        """Standard error of the relevances, where the units are a random sample."""
        return None

    def rivals(self, H):
        """The strongest rival of each row, where units stand for clusters."""
        return None
