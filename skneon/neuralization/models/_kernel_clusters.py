# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of clusters of support points, by the kernel: kernel k-means evidence."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skneon.network import (
    GroupedLogMeanExp,
    IntegratedSoftArgmin,
    MemberDistance,
    Network,
    Query,
    SupportWeights,
)
from skneon.network.numerics._types import Array
from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._neuralized import TrainingRows, group_numbers
from skneon.neuralization._options import Options

if TYPE_CHECKING:
    from skneon.neuralization.models._kernel_density import KernelPoints


@dataclass(frozen=True, kw_only=True)
class MemberOptions(Options):
    """Options of clusters by their members, as in `neuralize`."""

    groups: Any = None


class NeuralizedKernelClusters(NeuralizedClusters):
    """Clusters that are given by their members, and their network; by `neuralize`.

    Which clustering gave them does not matter: spectral, agglomerative, by density.

    Parameters
    ----------
    model : fitted estimator
    points : KernelPoints
    members : array-like of shape (N,)
        Cluster of each training row. -1 is noise, which belongs to none; so are None
        and NaN.
    options : MemberOptions
    training_index : ndarray of shape (N,), or None
        Labels of the training rows.
    """

    def __init__(
        self,
        model: Any,
        points: "KernelPoints",
        members: Any,
        options: MemberOptions,
        training_index: Array | None = None,
    ) -> None:
        support, weights = points.support.astype(float, copy=False), points.weights
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
        weightless = np.setdiff1d(members[~noise], classes)
        if len(weightless):
            raise ValueError(
                f"members: the rows of cluster {weightless.tolist()[0]!r} weigh "
                "nothing: call them noise, -1."
            )
        groups = group_numbers(options.groups, len(support))
        absent = np.where(weighs, np.cumsum(weighs) - 1, -1)
        if groups is not None:
            groups = np.unique(groups[weighs], return_inverse=True)[1]
            absent[weighs] = groups
        relative = weights[weighs] / weights[weighs].sum()
        pooling = GroupedLogMeanExp(
            points.gamma, SupportWeights(relative, groups=groups), numbers
        )
        units = MemberDistance(support[weighs], pooling)
        network = Network(units, pooling, IntegratedSoftArgmin(), n_jobs=options.n_jobs)
        own = np.searchsorted(classes, members[~noise])
        index = None if training_index is None else training_index[~noise]
        super().__init__(
            model,
            network,
            len(classes),
            meta={"gamma": points.gamma, "n_support": len(numbers)},
            classes=classes,
            training=TrainingRows(support[~noise], index, own, absent[~noise]),
        )

    def check_rest(self, leave_out: Array, absent: Array) -> None:
        """Refuse to leave out all members of a cluster."""
        pooling = self.network.pooling
        assert isinstance(pooling, GroupedLogMeanExp)
        query = Query(absent=np.unique(absent))
        present = pooling.support_weights(query) > 0
        for j in range(self.n_clusters):
            if not present[:, pooling.members == j].any(axis=1).all():
                raise ValueError(
                    "Leave-one-out (X=None) needs two members in each cluster, or "
                    f"groups: leaving out one of cluster {self._name(j)!r}, none is "
                    "left. Pass X."
                )


def kernel_clusters(
    model: Any,
    points: "KernelPoints",
    members: Any,
    given: dict[str, Any],
    training_index: Array | None = None,
    **defaults: Any,
) -> NeuralizedKernelClusters:
    """The network of a density model's support points by their clusters."""
    known = ("n_jobs", "groups")
    others = sorted(set(given) - set(known))
    if others:
        raise TypeError(
            f"With members, {type(model).__name__} explains clusters and takes no "
            f"{', '.join(others)}; it takes {', '.join(known)}."
        )
    options = MemberOptions.of(model, given, **defaults)
    return NeuralizedKernelClusters(model, points, members, options, training_index)


def _is_noise(name: Any) -> bool:
    """Whether a member's cluster is none: -1, None or NaN."""
    return bool(name is None or name != name or name == -1)
