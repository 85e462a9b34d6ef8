# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of linkage clusterings: where a row is inserted into the dendrogram."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.cluster import AgglomerativeClustering
from sklearn.utils.validation import check_is_fitted

from skneon._compat import StrOptions
from skneon.network import (
    InsertionDistance,
    LinkageDistance,
    LinkagePooling,
    MergeDistance,
    Network,
    Rule,
    WardDistance,
)
from skneon.network.numerics._dendrogram import dendrogram_of
from skneon.network.numerics._linkage_tree import Tree, tree_of
from skneon.network.numerics._merges import merge_values
from skneon.network.numerics._types import Array
from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import TrainingRows
from skneon.neuralization._options import RULE, Options
from skneon.neuralization.models._merges import NeuralizedMerges
from skneon.neuralization.models._metrics import refuse_metric
from skneon.neuralization.models._rows_of_fit import (
    given_rows,
    refuse_rows,
    rule_without_centres,
)

# to what heights of other rows differ at least, relative to the largest
SAME = 1e-6
STATISTICS = {"single": "least", "complete": "largest", "average": "mean"}


@dataclass(frozen=True, kw_only=True)
class LinkageOptions(Options):
    """Options of linkage clusterings, as in `neuralize`.

    Attributes
    ----------
    target : {"cluster", "merge"}
        Whether rows are explained, or the merges of the dendrogram.
    evidence : {"insertion", "whole"}
        Whether a row is compared with the nodes that it would join, or whole clusters.
    """

    target: str = "cluster"
    evidence: str = "insertion"
    rule: str | Rule | None = None
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {
        **Options.constraints,
        "target": [StrOptions({"cluster", "merge"})],
        "evidence": [StrOptions({"insertion", "whole"})],
        "rule": RULE,
    }


class NeuralizedLinkage(NeuralizedClusters):
    """A linkage clustering and its network; made by `neuralize`."""

    takes_training_rows = True

    def check_rest(self, numbers: Array, absent: Array) -> None:
        """Without its row a lone cluster ends at the last merge that was done."""


@neuralize.register
def neuralize_agglomerative(
    model: AgglomerativeClustering, **options: Any
) -> NeuralizedLinkage | NeuralizedMerges:
    """The network of scikit-learn's `AgglomerativeClustering`, which needs ``X_train``.

    ``evidence="insertion"``: how much sooner a row is merged with its own cluster than
    it would be with any other, which is not negative for any training row.
    ``evidence="whole"``: how much nearer its whole cluster is, by the same linkage.
    ``target="merge"``: how far the two sides of each merge are apart.
    """
    check_is_fitted(model)
    chosen = LinkageOptions.of(model, options)
    check_plain(model)
    merges = chosen.target == "merge"
    rule = merge_rule(options) if merges else rule_without_centres(model, chosen.rule)
    rows, labels = given_rows(model, chosen.X_train)
    tree = tree_of(model.children_.copy(), model.labels_)
    values = merge_values(rows, tree, model.linkage)
    check_heights(model, values)
    if merges:
        sides = MergeDistance(rows, tree, model.linkage)
        return NeuralizedMerges(model, sides, labels, chosen.n_jobs)
    if chosen.evidence == "whole":
        units, absent = whole_clusters(model, rows)
    else:
        units, absent = insertion(model, rows, tree, values)
    network = Network(units, units.pooling, rule, n_jobs=chosen.n_jobs)
    return NeuralizedLinkage(
        model,
        network,
        model.n_clusters_,
        meta={"linkage": model.linkage, "evidence": chosen.evidence},
        training=TrainingRows(rows, labels, model.labels_.copy(), absent, given=True),
    )


def insertion(
    model: AgglomerativeClustering, rows: Array, tree: Tree, values: Array
) -> tuple[InsertionDistance, Array]:
    """Units of the nodes that a row would join, and how each row is left out."""
    linkage, labels = model.linkage, model.labels_
    found = dendrogram_of(rows, tree, linkage, values)
    clusters = labels[found.order]
    pooling = LinkagePooling(
        STATISTICS.get(linkage, "least"),
        found.cluster if linkage == "ward" else clusters,
        lone=found.sibling < 0,
        clusters=clusters,
        cut=found.cut,
    )
    absent = np.empty(len(rows), dtype=int)
    absent[found.order] = np.arange(len(rows))
    return InsertionDistance(found, pooling, centres_of(rows, labels)), absent


def whole_clusters(
    model: AgglomerativeClustering, rows: Array
) -> tuple[LinkageDistance, Array]:
    """Units of whole clusters, and how each row is left out: lone ones stay."""
    labels, linkage = model.labels_, model.linkage
    sizes, centres = np.bincount(labels), centres_of(rows, labels)
    several = sizes[labels] > 1
    if linkage == "ward":
        pooling = LinkagePooling("least", np.arange(len(sizes)))
        own = np.where(several, np.arange(len(rows)), -1)
        return WardDistance(centres, sizes, pooling, labels.copy()), own
    order = np.argsort(labels, kind="stable")
    pooling = LinkagePooling(STATISTICS[linkage], labels[order])
    plain = linkage == "average"
    absent = np.empty(len(rows), dtype=int)
    absent[order] = np.arange(len(rows))
    units = LinkageDistance(rows[order], pooling, centres, plain)
    return units, np.where(several, absent, -1)


def centres_of(rows: Array, labels: Array) -> Array:
    """Means of the clusters, shape (n_clusters, d)."""
    members = labels == np.arange(labels.max() + 1)[:, None]
    center = rows.mean(axis=0)
    return np.asarray(center + members @ (rows - center) / members.sum(1)[:, None])


def merge_rule(given: dict[str, Any]) -> Rule:
    """The rule of merges, whose heights are divided as sums of squares are.

    Raises
    ------
    TypeError
        For options about rows.
    ValueError
        For any other rule than "proportional".
    """
    if "evidence" in given:
        raise TypeError(
            'target="merge" takes no evidence: a merge is between whole branches.'
        )
    rule = given.get("rule")
    if rule not in (None, Rule.name, Rule()):
        raise ValueError(
            f"rule={getattr(rule, 'name', rule)!r} does not explain merges, whose "
            "height is a sum over columns, or the root of one: rule='proportional'."
        )
    return Rule()


def check_plain(model: AgglomerativeClustering) -> None:
    """Refuse what merges other rows than the nearest by the euclidean distance.

    Raises
    ------
    ValueError
        It names the parameter, and what to do.
    """
    if model.connectivity is not None:
        raise ValueError(
            "AgglomerativeClustering(connectivity=...) merges only what is connected, "
            "so that distances do not tell where a row belongs: fit it with "
            "connectivity=None, or explain its labels through a density, "
            "explain(KernelDensity().fit(X), members=model.labels_)."
        )
    if model.metric not in ("euclidean", "l2"):
        refuse_metric(model, model.metric)


def check_heights(model: AgglomerativeClustering, values: Array) -> None:
    """Refuse rows of which the merges are not those of the fit.

    Parameters
    ----------
    model : AgglomerativeClustering
    values : ndarray of shape (N - 1,)
        Heights of the merges, of these rows; squares, but for average linkage.

    Raises
    ------
    ValueError
        It names the merge.
    """
    heights = values if model.linkage == "average" else np.sqrt(values)
    # merges are in the order of their heights
    wanted = getattr(model, "distances_", np.maximum.accumulate(heights))
    slack = SAME * max(heights.max(), wanted.max())
    other = np.flatnonzero(np.abs(heights - wanted) > slack)
    if len(other):
        t = other[0]
        refuse_rows(
            model,
            f"merge {t} of its dendrogram would be at the height {heights[t]:.6g}, and "
            f"is at {wanted[t]:.6g} or above",
        )
