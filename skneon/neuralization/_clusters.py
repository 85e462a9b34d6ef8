# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the networks of all clusterings share: which cluster is asked about."""

from abc import abstractmethod

import numpy as np

from skneon.network import Query
from skneon.neuralization._neuralized import NeuralizedModel


class NeuralizedClusters(NeuralizedModel):
    """A network whose score is the evidence for a cluster.

    Subclasses define ``nearest(data)``, the cluster that the model assigns.

    Parameters
    ----------
    model, layers, n_jobs, meta, training_index
        As in `NeuralizedModel`.
    n_clusters : int
    classes : ndarray of shape (n_clusters,), or None
        Names of the clusters; None: numbers from 0.
    training : tuple (rows, clusters), or None
        What X=None stands for; clusters None are those that the model assigns.
    """

    questions = ("cluster", "rival")

    def __init__(
        self,
        model,
        layers,
        n_clusters,
        n_jobs=None,
        meta=(),
        classes=None,
        training=None,
        training_index=None,
    ):
        meta = {"n_clusters": int(n_clusters), **dict(meta)}
        super().__init__(model, layers, "cluster", n_jobs, meta, training_index)
        self.n_clusters = int(n_clusters)
        classes = np.arange(n_clusters) if classes is None else np.asarray(classes)
        # 0.0, 1.0 and False, True are names
        plain = classes.dtype.kind in "iu"
        plain = plain and np.array_equal(classes, np.arange(n_clusters))
        self.classes = None if plain else classes
        self.training = training

    @property
    def keeps_rows(self):
        """Whether X=None stands for the training rows."""
        return self.training is not None

    @abstractmethod
    def nearest(self, data):
        """Numbers of the clusters that the model assigns; shape (n,)."""

    def rows(self, X, cluster=None, rival=None):
        """Clean rows and their query."""
        if X is None and self.training is None:
            self.refuse_none()
        data, assigned = self.training if X is None else (self.validated(X), None)
        n = data.shape[0]
        if cluster is not None:
            cluster = self._numbers("cluster", cluster, n)
        else:
            cluster = self.nearest(data) if assigned is None else assigned
        if rival is not None:
            rival = self._numbers("rival", rival, n)
            same = np.flatnonzero(rival == cluster)
            if len(same):
                name = self._name(rival[same[0]])
                raise ValueError(
                    f"rival={name!r} is the very cluster that row {same[0]} is "
                    "asked about: choose another rival, or leave out that row."
                )
        return data, Query(cluster=cluster, rival=rival)

    def _open_rows(self, X, cluster, rival):
        """As `rows`; the query may leave the assigned clusters open."""
        return self.rows(X, cluster, rival)

    def forward(self, X=None, *, cluster=None, rival=None):
        """Evidence for a cluster, f_c(x).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, d), default=None
            None: the training rows, where the model keeps them.
        cluster : label or array-like of labels, shape (n,), default=None
            None: the cluster that the model assigns.
        rival : label or array-like of labels, shape (n,), default=None
            None: all other clusters compete.

        Returns
        -------
        evidence : ndarray of shape (n,)
        """
        return self.activate(*self._open_rows(X, cluster, rival))

    def explain(self, X=None, *, cluster=None, rival=None):
        """Relevance of each column for the evidence.

        Parameters
        ----------
        X, cluster, rival
            As in `forward`.

        Returns
        -------
        explanation : Explanation
        """
        data, query = self._open_rows(X, cluster, rival)
        return self.explanation(data, query, self.row_labels(X), self.shown(X))

    def _name(self, number):
        """Name of one cluster."""
        return int(number) if self.classes is None else self.classes.tolist()[number]

    def _numbers(self, question, value, n):
        """Cluster numbers of the clusters that are asked about, shape (n,)."""
        names = np.asarray(value)
        if names.shape not in [(), (n,)]:
            raise ValueError(_malformed(question, value, n, self.classes))
        if self.classes is None:
            if names.dtype.kind not in "iu":
                raise ValueError(_malformed(question, value, n, None))
            outside = (names < 0) | (names >= self.n_clusters)
            known, numbers = f"they are numbered 0 to {self.n_clusters - 1}", names
        else:
            places = {name: i for i, name in enumerate(self.classes.tolist())}
            found = [places.get(name, -1) for name in names.ravel().tolist()]
            numbers = np.array(found, dtype=int).reshape(names.shape)
            outside = numbers < 0
            known = f"they are {', '.join(map(repr, places))}"
        if outside.any():
            unknown = names[outside].flat[0]
            raise ValueError(f"{question}={unknown!s} is no cluster: {known}.")
        return np.broadcast_to(numbers, (n,))


def _malformed(question, value, n, classes):
    kind = "an int" if classes is None else "a label"
    several = "ints" if classes is None else "labels"
    return (
        f"{question} must be None, {kind}, or an array of {n} {several} (one a row), "
        f"got {value!r}."
    )
