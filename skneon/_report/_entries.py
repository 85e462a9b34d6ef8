# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What there is to say of rows and clusters: for JSON, terminals and pages alike."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skneon._report._judge import largest
from skneon._tables._plan import Plan
from skneon.explanation._explanation import Explanation
from skneon.network.numerics._types import Array
from skneon.plotting._display import distinct

Entry = dict[str, Any]
Groups = Mapping[str, Sequence[str]]


def reasons(explanation: Explanation, row: int, groups: Groups) -> list[Entry]:
    """The columns of a row by falling relevance; groups of several have no value."""
    parts = explanation[row].top(explanation.relevance.shape[1])[0]
    return [
        {"feature": part.feature, "relevance": part.relevance, "share": part.share}
        | (
            {"columns": groups[part.feature]}
            if len(groups.get(part.feature, ())) > 1
            else {"value": part.value, "typical": part.reference}
        )
        for part in sorted(parts, key=lambda part: -part.relevance)
    ]


class Clusters:
    """Mean relevances of the members of each cluster, and typical values in and out.

    Rows come in parts. ``names`` are what the relevances are of: columns or groups.
    """

    def __init__(self, plan: Plan, names: Sequence[str], groups: Groups) -> None:
        self.plan, self.names, self.groups = plan, names, groups
        self.places = {name: i for i, name in enumerate(plan.numbers)}
        # of each cluster: rows, scores, relevances; sums and counts of numbers
        self.sums: dict[Any, Array] = {}
        self.counts: dict[Any, Counter[str]] = defaultdict(Counter)

    def add(self, features: Any, explanation: Explanation) -> None:
        """Count further rows."""
        numbers = features[self.plan.numbers].to_numpy(dtype=float)
        known, target = ~np.isnan(numbers), np.asarray(explanation.target)
        wide = np.column_stack(
            [np.ones(len(target)), explanation.score, explanation.relevance,
             np.where(known, numbers, 0.0), known]
        )  # fmt: skip
        for cluster in dict.fromkeys(target.tolist()):
            members = target == cluster
            own = wide[members].sum(axis=0)
            self.sums[cluster] = self.sums.get(cluster, 0.0) + own
            for name in self.plan.categories:
                self.counts[cluster, name].update(features[name][members].dropna())

    def entries(self) -> list[Entry]:
        """What there is to say of each cluster, the leading column first."""
        return [self._entry(c) for c in distinct(np.array([*self.sums], dtype=object))]

    def _entry(self, cluster: Any) -> Entry:
        own, others = self.sums[cluster], [c for c in self.sums if c != cluster]
        rows = int(own[0])
        score, *relevance = (own[1 : 2 + len(self.names)] / rows).tolist()
        whole = score if np.isfinite(score) and score > 0 else np.inf
        order = largest(np.array(relevance), len(relevance) * bool(others))
        found = [
            {"feature": self.names[i], "relevance": relevance[i],
             "share": relevance[i] / whole, **self._values(self.names[i], cluster)}
            for i in order
        ]  # fmt: skip
        return {"cluster": cluster, "rows": rows, "score": score, "reasons": found}

    def _values(self, name: str, cluster: Any) -> Entry:
        """Means, or the most frequent category, inside and outside of a cluster."""
        columns = self.groups.get(name, [name])
        if len(columns) > 1:
            return {"columns": columns}
        kind = self.plan.kinds.get(columns[0])
        if kind is None:
            return {"inside": None, "outside": None}
        others = [c for c in self.sums if c != cluster]
        if columns[0] in self.places:
            both = [self._mean(columns[0], some) for some in ([cluster], others)]
            return dict(zip(("inside", "outside"), kind.shown(both), strict=True))
        counts = [self.counts[c, columns[0]] for c in others]
        outside = _most(sum(counts, Counter[str]()))
        return {"inside": _most(self.counts[cluster, columns[0]]), "outside": outside}

    def _mean(self, name: str, clusters: list[Any]) -> float:
        first = 2 + len(self.names) + self.places[name]
        pair = [first, first + len(self.places)]
        total, known = sum((self.sums[c][pair] for c in clusters), np.zeros(2))
        return float(total / known) if known else np.nan


def _most(counts: Counter[str]) -> Any:
    """The most frequent value, the first in order where several are."""
    return min(counts, key=lambda value: (-counts[value], value), default=np.nan)
