# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A network, by its door or bare, and the rows that it is checked on."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skneon._frames import some_rows
from skneon.network import Network, Query
from skneon.network.numerics._types import Array
from skneon.neuralization import NeuralizedModel


@dataclass(frozen=True)
class Subject:
    """A network, by its door or bare, and the rows that it is checked on.

    Attributes
    ----------
    network : NeuralizedModel or Network
    X : table of shape (n, d)
        As the door takes them; clean for a bare network.
    asked : dict or Query
        What is asked of them.
    """

    network: Any
    X: Any
    asked: Any

    @classmethod
    def of(cls, network: Any, X: Any, asked: Any) -> "Subject":
        """With nothing asked for None.

        Raises
        ------
        TypeError
            For what is no network with a rule, and no questions of its kind.
        """
        bare = isinstance(network, Network)
        if not bare and not isinstance(network, NeuralizedModel):
            raise TypeError(
                "check_network takes what neuralize gives, or a Network, got "
                f"{network!r}: pass neuralize(model)."
            )
        if (network if bare else network.network).rule is None:
            raise TypeError(
                "The network has no rule, so that nothing is explained: pass it one, "
                "Network(units, pooling, rule)."
            )
        if asked is None:
            asked = Query() if bare else {}
        if not isinstance(asked, Query if bare else Mapping):
            raise TypeError(
                "asked must be a Query for a Network, and a dict of questions for the "
                f"network of a model; got {asked!r}."
            )
        return cls(network, X, asked)

    @property
    def bare(self) -> Network:
        """The network behind the door."""
        network = self.network
        return network if isinstance(network, Network) else network.network

    @property
    def rtol(self) -> float:
        """To what its results are good."""
        return 1e-9 if self.bare.dtype == np.float64 else 1e-3

    def __len__(self) -> int:
        return int(np.shape(self.X)[0])

    def clean(self) -> tuple[Any, Query]:
        """Clean rows and their query."""
        if isinstance(self.network, Network):
            return self.X, self.asked
        data, query = self.network.rows(self.X, **self.asked)
        return data, query

    def forward(self) -> Array:
        """Scores."""
        if isinstance(self.network, Network):
            return self.network.activate(self.X, self.asked)
        return np.asarray(self.network.forward(self.X, **self.asked))

    def explain(self) -> Any:
        """A Propagation or an Explanation."""
        if isinstance(self.network, Network):
            return self.network.propagate(self.X, self.asked)
        return self.network.explain(self.X, **self.asked)

    def rows(self, rows: Array) -> "Subject":
        """Some of the rows, and what is asked of these."""
        X = some_rows(self.X, rows)
        if isinstance(self.asked, Query):
            return replace(self, X=X, asked=self.asked[rows])
        asked = {name: _of_rows(value, rows) for name, value in self.asked.items()}
        return replace(self, X=X, asked=asked)

    def about(self, X: Any, network: Any = None) -> "Subject":
        """The same question of as many other rows, or of another network."""
        network = self.network if network is None else network
        return replace(self, X=X, network=network)

    def asking(self, **asked: Any) -> "Subject":
        """With further questions."""
        if isinstance(self.asked, Query):
            return replace(self, asked=replace(self.asked, **asked))
        return replace(self, asked={**self.asked, **asked})

    def running(self, n_jobs: int) -> "Subject":
        """By so many threads."""
        network = copy(self.bare)
        network.n_jobs = n_jobs
        if isinstance(self.network, Network):
            return replace(self, network=network)
        door = copy(self.network)
        door.network = network
        return replace(self, network=door)

    @property
    def numbers(self) -> Array | None:
        """The rows as floats; None where they hold anything else."""
        X = self.X.toarray() if hasattr(self.X, "toarray") else self.X
        try:
            X = np.asarray(X, dtype=float)
        except (TypeError, ValueError):
            return None
        return X if np.isfinite(X).all() else None


def _of_rows(value: Any, rows: Array) -> Any:
    return value if np.ndim(value) == 0 else np.asarray(value)[rows]
