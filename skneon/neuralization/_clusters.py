# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the doors of all clusterings share: which cluster is asked about."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from skneon._validation import plain_array
from skneon.explanation import SharedRows
from skneon.network import Network, Query
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralized import NeuralizedModel, TrainingRows


class NeuralizedClusters(NeuralizedModel):
    """A fitted clustering, and the network whose score is the evidence for a cluster.

    Parameters
    ----------
    model, network, meta, training
        As in `NeuralizedModel`. The units find the `nearest` cluster of rows.
    n_clusters : int
    classes : ndarray of shape (n_clusters,), or None
        Names of the clusters; None: numbers from 0.
    """

    def __init__(
        self,
        model: Any,
        network: Network,
        n_clusters: int,
        *,
        meta: Any = (),
        classes: Any = None,
        training: TrainingRows | None = None,
    ) -> None:
        meta = {"n_clusters": int(n_clusters), **dict(meta)}
        super().__init__(model, network, "cluster", meta, training)
        self.n_clusters = int(n_clusters)
        classes = np.arange(n_clusters) if classes is None else np.asarray(classes)
        # 0.0, 1.0 and False, True are names
        plain = classes.dtype.kind in "iu"
        plain = plain and np.array_equal(classes, np.arange(n_clusters))
        self.classes = None if plain else classes

    @property
    def questions(self) -> tuple[str, ...]:
        """What can be asked of each row, as arguments of forward and explain."""
        return ("cluster", "rival", *super().questions)

    def nearest(self, data: Any) -> Array:
        """Numbers of the clusters that the model assigns; shape (n,)."""
        return self.network.nearest(data)

    def rows(
        self, X: Any, cluster: Any = None, rival: Any = None, **asked: Any
    ) -> tuple[Any, Query]:
        """Clean rows and their query; clusters stay open where none are asked for."""
        data, query = super().rows(X, **asked)
        n = data.shape[0]
        if cluster is not None:
            cluster = self._numbers("cluster", cluster, n)
        elif X is None and self.training is not None:
            cluster = self.training.clusters
        if rival is not None:
            rival = self._numbers("rival", rival, n)
            cluster = self.nearest(data) if cluster is None else cluster
            same = np.flatnonzero(rival == cluster)
            if len(same):
                name = self._name(rival[same[0]])
                raise ValueError(
                    f"rival must differ from cluster, but both are {name!r} for row "
                    f"{same[0]}: choose another rival or drop the row."
                )
        return data, replace(query, cluster=cluster, rival=rival)

    def training_rows(self, numbers: Array) -> tuple[Any, Query]:
        """Some of the rows that X=None stands for, and their query as with X=None."""
        data, query = super().training_rows(numbers)
        assert self.training is not None
        clusters = self.training.clusters
        own = None if clusters is None else clusters[numbers]
        return data, replace(query, cluster=own)

    def own_centres(self, data: Any, query: Query) -> SharedRows | None:
        """Centres of the clusters that rows are asked about, as columns; (n, d)."""
        return own_centres(self.network.units, data, query)

    def _name(self, number: Any) -> Any:
        """Name of one cluster."""
        return int(number) if self.classes is None else self.classes.tolist()[number]

    def _numbers(self, question: str, value: Any, n: int) -> Array:
        """Cluster numbers of the clusters that are asked about, shape (n,)."""
        names = np.asarray(value)
        if names.shape not in [(), (n,)]:
            raise ValueError(_malformed(question, value, n, self.classes))
        if self.classes is None:
            names = plain_array(names)
            if names.dtype.kind not in "iu":
                raise ValueError(_malformed(question, value, n, None))
            outside = (names < 0) | (names >= self.n_clusters)
            known, numbers = f"they are numbered 0 to {self.n_clusters - 1}", names
        else:
            # True equals 1, and is no label
            if names.dtype.kind == "b" and self.classes.dtype.kind != "b":
                raise ValueError(_malformed(question, value, n, self.classes))
            places = {name: i for i, name in enumerate(self.classes.tolist())}
            found = [places.get(name, -1) for name in names.ravel().tolist()]
            numbers = np.array(found, dtype=int).reshape(names.shape)
            outside = numbers < 0
            known = f"they are {', '.join(map(repr, places))}"
        if outside.any():
            unknown = names[outside].flat[0]
            raise ValueError(f"{question}={unknown!s} is no cluster: {known}.")
        return np.broadcast_to(numbers, (n,))


def own_centres(
    units: Any, data: Any, query: Query, restore: Callable[[Array], Array] = np.asarray
) -> SharedRows | None:
    """The centre of the cluster that each row is asked about, (n, d).

    Parameters
    ----------
    units : Units
    data : table of shape (n, d)
        Clean rows.
    query : Query
        With a cluster for each row.
    restore : callable
        From points as the units see them to the columns that are explained.

    Returns
    -------
    centres : SharedRows of shape (n, d), or None
        None for units that do not know any.
    """
    points = getattr(units, "own_points", None)
    if points is None:
        return None
    return SharedRows(restore(points), units.owners(data, query))


def _malformed(question: str, value: Any, n: int, classes: Array | None) -> str:
    kind = "an int" if classes is None else "a label"
    several = "ints" if classes is None else "labels"
    return (
        f"{question} must be None, {kind}, or an array of {n} {several} (one per row), "
        f"got {value!r}."
    )
