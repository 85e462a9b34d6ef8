# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What makes each cluster, summed up over rows that come in parts."""

from collections import Counter
from typing import Any

import numpy as np

from skneon._tables._plan import Plan
from skneon.explanation._explanation import Explanation

Entry = dict[str, Any]


class Clusters:
    """Mean relevances of the members of each cluster, and typical values in and out."""

    def __init__(self, n_clusters: int, plan: Plan, groups: dict[str, list[str]]):
        self.plan, self.groups = plan, groups
        self.sizes = np.zeros(n_clusters, dtype=int)
        self.evidence = np.zeros(n_clusters)
        self.names: tuple[str, ...] = ()
        self.relevance = np.empty(0)
        shape = n_clusters, len(plan.numbers)
        self.totals, self.known = np.zeros(shape), np.zeros(shape)
        self.counts = {
            name: [Counter[str]() for _ in range(n_clusters)]
            for name in plan.categories
        }

    def add(self, features: Any, explanation: Explanation) -> None:
        """Count further rows."""
        score = explanation.score
        if not self.names:
            self.names = explanation.feature_names
            self.relevance = np.zeros((len(self.sizes), len(self.names)))
        numbers = features[self.plan.numbers].to_numpy(dtype=float)
        for c in np.unique(explanation.target):
            members = explanation.target == c
            self.sizes[c] += members.sum()
            self.evidence[c] += score[members].sum()
            self.relevance[c] += explanation.relevance[members].sum(axis=0)
            self.totals[c] += np.nansum(numbers[members], axis=0)
            self.known[c] += (~np.isnan(numbers[members])).sum(axis=0)
            for name, counts in self.counts.items():
                counts[c].update(features[name][members].dropna())

    def entries(self) -> list[Entry]:
        """What there is to say of each cluster."""
        found = []
        for c, size in enumerate(self.sizes):
            size = max(int(size), 1)
            evidence = float(self.evidence[c] / size)
            reasons = []
            if len(self.sizes) > 1:
                relevance = self.relevance[c] / size
                order = np.argsort(-relevance, kind="stable")
                reasons = [self._reason(c, i, relevance[i], evidence) for i in order]
            rows = int(self.sizes[c])
            found.append(
                {"cluster": c, "rows": rows, "score": evidence, "reasons": reasons}
            )
        return found

    def _reason(self, c: int, i: int, relevance: float, evidence: float) -> Entry:
        name = self.names[i]
        share = relevance / evidence if np.isfinite(evidence) and evidence else 0.0
        reason = {"feature": name, "relevance": float(relevance), "share": float(share)}
        columns = self.groups.get(name, [name])
        if len(columns) > 1:
            return reason | {"columns": columns}
        return reason | self._values(c, columns[0])

    def _values(self, c: int, name: str) -> Entry:
        """Means, or the most frequent category, inside and outside of the cluster."""
        others = np.arange(len(self.sizes)) != c
        if name in self.counts:
            counts = self.counts[name]
            outside = sum((counts[k] for k in np.flatnonzero(others)), Counter[str]())
            return {"inside": _most(counts[c]), "outside": _most(outside)}
        i = self.plan.numbers.index(name)
        totals, known = self.totals[:, i], self.known[:, i]
        inside = _ratio(totals[c], known[c])
        both = [inside, _ratio(totals[others].sum(), known[others].sum())]
        inside, outside = self.plan.kinds[name].shown(both)
        return {"inside": inside, "outside": outside}


def _most(counts: Counter[str]) -> Any:
    """The most frequent value, the first in order where several are."""
    return min(counts, key=lambda value: (-counts[value], value), default=np.nan)


def _ratio(total: float, number: float) -> float:
    return float(total / number) if number else np.nan
