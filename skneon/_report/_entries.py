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
# what a group of several columns has none of
VALUES = "value", "typical", "percentile", "compared_with"


def reasons(explanation: Explanation, row: int, groups: Groups) -> list[Entry]:
    """All columns of a row, the leading first; groups of several have no value.

    Those that are ``telling`` are what people are shown.
    """
    one, d = explanation[row], explanation.relevance.shape[1]
    told = {part.feature for part in one.reasons(d)[0]}
    found = []
    for part in one.top(d)[0]:
        known = part._asdict() | {"telling": part.feature in told}
        absent = {"own"}
        if len(columns := groups.get(part.feature, ())) > 1:
            known, absent = known | {"columns": columns}, absent.union(VALUES)
        found.append({k: v for k, v in known.items() if k not in absent})
    return found


class Clusters:
    """Mean relevances of the members of each cluster, and typical values in and out.

    Rows come in parts. ``names`` are what the relevances are of: columns or groups.
    """

    def __init__(self, plan: Plan, names: Sequence[str], groups: Groups) -> None:
        self.plan, self.names, self.groups = plan, names, groups
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
        score, *relevance = (own[1 : 2 + len(self.names)] / own[0]).tolist()
        whole = score if np.isfinite(score) and score > 0 else np.inf
        sides, found = self._sides([cluster], others), []
        # without a rival it is infinite; other clusters may have no rows here
        n_told = len(relevance) * bool(np.isfinite(score))
        for i in largest(np.array(relevance), n_told):
            columns = self.groups.get(self.names[i], [self.names[i]])
            inside, outside = sides.get(columns[0], (None, None))
            values = {"inside": inside, "outside": outside}
            found.append(
                {"feature": self.names[i], "relevance": relevance[i],
                 "share": relevance[i] / whole,
                 **(values if len(columns) == 1 else {"columns": columns})}
            )  # fmt: skip
        return {
            "cluster": cluster, "rows": int(own[0]), "score": score, "reasons": found
        }  # fmt: skip

    def _sides(self, *sides: list[Any]) -> dict[str, Any]:
        """Means of numbers, most frequent categories, over clusters on each side."""
        numbers = self.plan.numbers
        found: dict[str, list[Any]] = {name: [] for name in self.plan.names}
        for side in sides:
            start = np.zeros(2 * len(numbers))
            sums = sum((self.sums[c][2 + len(self.names) :] for c in side), start)
            with np.errstate(invalid="ignore"):
                means = np.divide(*np.split(sums, 2)).tolist()
            for name, mean in zip(numbers, means, strict=True):
                found[name].append(mean)
            for name in self.plan.categories:
                counts = sum((self.counts[c, name] for c in side), Counter[str]())
                found[name].append(_most(counts))
        return {name: self.plan.kinds[name].shown(both) for name, both in found.items()}


def _most(counts: Counter[str]) -> Any:
    """The most frequent value, the first in order where several are."""
    return min(counts, key=lambda value: (-counts[value], value), default=np.nan)
