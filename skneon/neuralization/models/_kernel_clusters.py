# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of clusters of support points, by the kernel: kernel k-means evidence."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skneon._compat import StrOptions
from skneon._labels import Labels
from skneon.network import (
    GroupedLogMeanExp,
    IntegratedSoftArgmin,
    MemberDistance,
    Network,
)
from skneon.network.numerics._types import Array
from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._neuralized import TrainingRows
from skneon.neuralization._options import Options
from skneon.neuralization.models._kernel_points import KernelPoints, kept_points


@dataclass(frozen=True, kw_only=True)
class MemberOptions(Options):
    """Options of clusters by their members, as in `neuralize`."""

    target: str = "cluster"
    groups: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {
        **Options.constraints,
        "target": [StrOptions({"cluster"})],
    }


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
    labels : Labels, or None
        Of the training rows.
    """

    def __init__(
        self,
        model: Any,
        points: KernelPoints,
        members: Any,
        options: MemberOptions,
        labels: Labels | None = None,
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
        relative = weights / weights[weighs].sum()
        support_weights, absent = kept_points(relative, weighs, options.groups)
        pooling = GroupedLogMeanExp(points.gamma, support_weights, numbers)
        units = MemberDistance(support[weighs], pooling)
        network = Network(units, pooling, IntegratedSoftArgmin(), n_jobs=options.n_jobs)
        own = np.searchsorted(classes, members[~noise])
        kept = Labels() if labels is None else labels.take(~noise)
        super().__init__(
            model,
            network,
            len(classes),
            meta={"gamma": points.gamma, "n_support": len(numbers)},
            classes=classes,
            training=TrainingRows(
                support[~noise], kept, own, absent, np.flatnonzero(~noise)
            ),
        )

    def check_rest(self, numbers: Array, absent: Array) -> None:
        """A cluster without members has no rivals, and evidence +inf."""


def kernel_clusters(
    model: Any,
    points: KernelPoints,
    members: Any,
    given: dict[str, Any],
    labels: Labels | None = None,
    **defaults: Any,
) -> NeuralizedKernelClusters:
    """The network of a density model's support points by their clusters."""
    known = ("n_jobs", "target", "groups")
    others = sorted(set(given) - set(known))
    if others:
        raise TypeError(
            f"With members, {type(model).__name__} explains clusters and takes no "
            f"{', '.join(others)}; it takes {', '.join(known)}."
        )
    options = MemberOptions.of(model, given, **defaults)
    return NeuralizedKernelClusters(model, points, members, options, labels)


def _is_noise(name: Any) -> bool:
    """Whether a member's cluster is none: -1, None or NaN."""
    return bool(name is None or name != name or name == -1)
