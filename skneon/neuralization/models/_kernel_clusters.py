# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of clusters of support points, by the kernel: kernel k-means evidence."""

import numpy as np

from skneon.network import GroupedLogMeanExp, MemberDistance, Query, SupportWeights
from skneon.neuralization._clusters import NeuralizedClusters


class NeuralizedKernelClusters(NeuralizedClusters):
    """Network of clusters that are given by their members; made by `neuralize`.

    Which clustering gave them does not matter: spectral, agglomerative, by density.

    Parameters
    ----------
    model : fitted estimator
    support : ndarray of shape (N, d)
    weights : ndarray of shape (N,)
    gamma : float
    members : array-like of shape (N,)
        Cluster of each training row. -1 is noise, which belongs to none; so are None
        and NaN.
    n_jobs, training_index
        As in `NeuralizedModel`.
    """

    def __init__(
        self, model, support, weights, gamma, members, n_jobs=None, training_index=None
    ):
        members = np.asarray(members)
        if members.shape != (len(support),):
            raise ValueError(
                f"members must name the cluster of each of the {len(support)} training "
                f"rows, got an array of shape {members.shape}."
            )
        noise = np.array([_is_noise(name) for name in members.tolist()])
        weighs = (weights > 0) & ~noise
        if not weighs.any():
            raise ValueError("members: all training rows are noise, or weigh nothing.")
        classes, numbers = np.unique(members[weighs], return_inverse=True)
        points = SupportWeights(weights[weighs] / weights[weighs].sum())
        pooling = GroupedLogMeanExp(gamma, points, numbers)
        units = MemberDistance(support[weighs], pooling)
        meta = {"rule": "integrated", "gamma": gamma, "n_support": len(numbers)}
        super().__init__(
            model,
            [units, pooling],
            len(classes),
            n_jobs,
            meta,
            classes,
            training_index=training_index,
        )
        weightless = np.setdiff1d(members[~noise], classes)
        if len(weightless):
            raise ValueError(
                f"members: the rows of cluster {weightless.tolist()[0]!r} weigh "
                "nothing: call them noise, -1."
            )
        own = np.searchsorted(classes, members[~noise])
        self.training = support[~noise], own
        self._leave_out = np.where(weighs, np.cumsum(weighs) - 1, -1)[~noise]
        if training_index is not None:
            self.training_index = training_index[~noise]

    def rows(self, X, cluster=None, rival=None):
        """Clean rows and their query; noise is left out of the training rows."""
        leave_out = None
        if X is None:
            leave_out = self._leave_out
            sizes = np.bincount(self.training[1][leave_out >= 0])
            if sizes.min() < 2:
                name = self._name(int(sizes.argmin()))
                raise ValueError(
                    "Leave-one-out (X=None) needs two members in each cluster, and "
                    f"cluster {name!r} has one: without it, it has none. Pass X."
                )
        data, query = super().rows(X, cluster, rival)
        return data, Query(leave_out, query.cluster, query.rival)

    def nearest(self, data):
        """The cluster of the least soft distance, shape (n,)."""
        units, pooling = self.layers[-2:]

        def softly_nearest(X):
            H = units.forward(X, Query())
            return pooling.distances(H, Query()).argmin(axis=1)

        return self._in_chunks(softly_nearest, data)


def _is_noise(name):
    """Whether a member's cluster is none: -1, None or NaN."""
    return name is None or name != name or name == -1
