# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What makes each cluster, summed up over rows that come in parts."""

from collections import Counter

import numpy as np


class Clusters:
    """Mean relevances of the members of each cluster, and typical values in and out.

    Parameters
    ----------
    n_clusters : int
    plan : Plan
    """

    def __init__(self, n_clusters, plan):
        self.plan = plan
        self.sizes = np.zeros(n_clusters, dtype=int)
        self.evidence = np.zeros(n_clusters)
        self.names, self.relevance = None, None
        shape = n_clusters, len(plan.numbers)
        self.totals, self.known = np.zeros(shape), np.zeros(shape)
        self.counts = {
            name: [Counter() for _ in range(n_clusters)] for name in plan.categories
        }

    def add(self, score, features, labels, explanation):
        """Count further rows."""
        if self.relevance is None:
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

    def entries(self):
        """What there is to say of each cluster, as `_entries` has it."""
        found = []
        for c, size in enumerate(self.sizes):
            size = max(int(size), 1)
            evidence = float(self.evidence[c] / size)
            reasons = []
            if len(self.sizes) > 1:
                relevance = self.relevance[c] / size
                order = np.argsort(-relevance, kind="stable")
                reasons = [self._reason(c, i, relevance[i], evidence) for i in order]
            found.append(
                {
                    "cluster": c,
                    "rows": int(self.sizes[c]),
                    "score": evidence,
                    "reasons": reasons,
                }
            )
        return found

    def _reason(self, c, i, relevance, evidence):
        name = self.names[i]
        share = relevance / evidence if np.isfinite(evidence) and evidence else 0.0
        reason = {"feature": name, "relevance": float(relevance), "share": float(share)}
        columns = self.plan.groups.get(name, [name])
        if len(columns) > 1:
            return reason | {"columns": columns}
        return reason | self._values(c, columns[0])

    def _values(self, c, name):
        """Means, or the most frequent category, inside and outside of the cluster."""
        others = np.arange(len(self.sizes)) != c
        if name in self.counts:
            counts = self.counts[name]
            outside = sum((counts[k] for k in np.flatnonzero(others)), Counter())
            return {"inside": _most(counts[c]), "outside": _most(outside)}
        i = self.plan.numbers.index(name)
        totals, known = self.totals[:, i], self.known[:, i]
        return {
            "inside": _ratio(totals[c], known[c]),
            "outside": _ratio(totals[others].sum(), known[others].sum()),
        }


def _most(counts):
    """The most frequent value, the first in order where several are."""
    return min(counts, key=lambda value: (-counts[value], value), default=np.nan)


def _ratio(total, number):
    return float(total / number) if number else np.nan
