# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What there is to say of rows and clusters: for JSON, terminals and pages alike."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skneon._report._judge import largest
from skneon._tables._plan import Plan
from skneon.explanation._cluster_names import noise_last, noise_of
from skneon.explanation._explanation import Explanation
from skneon.explanation._noise import far_text, mostly_text, times_away
from skneon.explanation._profile import shares
from skneon.explanation._text import one_line
from skneon.network.numerics._types import Array
from skneon.plotting._display import distinct

Entry = dict[str, Any]
# a clustering of one cluster, which has no rival
LONE = "One cluster holds all rows: there is nothing to tell it from."
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


def apart(explanation: Explanation, row: int) -> Entry:
    """How far a row in no cluster is away, in words and as a multiple, and why."""
    return {
        "score": float(explanation.score[row]), "times": times_away(explanation, row),
        "words": _apart_text(explanation, row),
    }  # fmt: skip


def _apart_text(explanation: Explanation, row: int) -> str:
    """How far away a row is, and by which columns: few of them, or the first."""
    far = far_text(explanation, row).removeprefix("in no cluster: ")
    parts = explanation.relevance[row]
    first = one_line(explanation.feature_names[parts.argmax()])
    by = f"most of all by {first}" * bool(parts.max(initial=0) > 0)
    return ", ".join(filter(None, [far, mostly_text(explanation, row) or by]))


def is_lone(explanation: Explanation) -> bool:
    """Whether all rows are in one cluster, without any to compare it with."""
    if isinstance(explanation.target, str) or np.isfinite(explanation.score).any():
        return False
    return len(set(explanation.target.tolist())) == 1


class Clusters:
    """Profiles of the members of each cluster, and typical values in and out.

    As `Explanation.profile`, of rows that come in parts. ``names`` are what the
    relevances are of: columns or groups. Rows in no cluster, whose name is ``noise``,
    come last.
    """

    def __init__(self, plan: Plan, names: Sequence[str], groups: Groups) -> None:
        self.plan, self.names, self.groups = plan, names, groups
        # of each cluster: rows, and those with a rival; scores, relevances, shares and
        # their squares of these; sums and counts of numbers
        self.sums: dict[Any, Array] = {}
        self.counts: dict[Any, Counter[str]] = defaultdict(Counter)
        self.rivals: dict[Any, Counter[Any]] = defaultdict(Counter)
        self.noise: Any = None

    def add(self, features: Any, explanation: Explanation) -> None:
        """Count further rows."""
        self.noise = noise_of(explanation.meta)
        numbers = features[self.plan.numbers].to_numpy(dtype=float)
        known, target = ~np.isnan(numbers), np.asarray(explanation.target)
        # without a rival evidence is infinite, and tells nothing
        has_rival = np.isfinite(explanation.score)
        share = shares(np.asarray(explanation.relevance))
        told = np.column_stack(
            [explanation.score, explanation.relevance, share, share**2]
        )
        wide = np.column_stack(
            [np.ones(len(target)), has_rival, np.where(has_rival[:, None], told, 0.0),
             np.where(known, numbers, 0.0), known]
        )  # fmt: skip
        for cluster in dict.fromkeys(target.tolist()):
            members = target == cluster
            self.sums[cluster] = self.sums.get(cluster, 0.0) + wide[members].sum(axis=0)
            for name in self.plan.categories:
                self.counts[cluster, name].update(features[name][members].dropna())
            if explanation.rival is not None:
                rivals = explanation.rival[members & has_rival]
                self.rivals[cluster].update(rivals.tolist())

    def entries(self) -> list[Entry]:
        """What there is to say of each cluster, the leading column first."""
        names = distinct(np.array([*self.sums], dtype=object))
        return [self._entry(c) for c in noise_last(names, self.noise)]

    def _entry(self, cluster: Any) -> Entry:
        sums, others = self.sums[cluster], [c for c in self.sums if c != cluster]
        n_rows, n_known = sums[:2]
        score, *parts = (sums[2 : self._width] / max(n_known, 1)).tolist()
        relevance, share, square = np.split(np.array(parts), 3)
        spread = np.sqrt(np.maximum(square - share**2, 0.0))
        sides, found = self._sides([cluster], others), []
        # other clusters may have no rows here
        for i in largest(share, len(share) * bool(n_known)):
            columns = self.groups.get(self.names[i], [self.names[i]])
            inside, outside = sides.get(columns[0], (None, None))
            values = {"inside": inside, "outside": outside}
            found.append(
                {"feature": self.names[i], "relevance": float(relevance[i]),
                 "share": float(share[i]), "spread": float(spread[i]),
                 **(values if len(columns) == 1 else {"columns": columns})}
            )  # fmt: skip
        return {
            "cluster": cluster, "rows": int(n_rows), "rival": self._rival(cluster),
            "score": score if n_known else np.inf, "reasons": found,
        }  # fmt: skip

    @property
    def _width(self) -> int:
        """Where the sums over columns of the table begin."""
        return 3 + 3 * len(self.names)

    def _rival(self, cluster: Any) -> Any:
        """The usual one, the first that was met where several are; None: none is."""
        counts = self.rivals[cluster]
        return max(counts, key=lambda rival: counts[rival], default=None)

    def _sides(self, *sides: list[Any]) -> dict[str, Any]:
        """Means of numbers, most frequent categories, over clusters on each side."""
        numbers = self.plan.numbers
        found: dict[str, list[Any]] = {name: [] for name in self.plan.names}
        for side in sides:
            start = np.zeros(2 * len(numbers))
            sums = sum((self.sums[c][self._width :] for c in side), start)
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
