# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The second pass over a table: all rows scored or explained, the leading ones kept."""

from dataclasses import replace
from typing import Any

import numpy as np

from skneon._tables._plan import Plan
from skneon._tables._words import pd
from skneon.explanation._explanation import Explanation
from skneon.network.numerics._types import Array
from skneon.neuralization import neuralize
from skneon.neuralization._own_rows import knows_its_rows, own_rows


class Explainer:
    """A fitted model that explains rows; a density leaves each of its own rows out."""

    def __init__(
        self,
        model: Any,
        plan: Plan,
        groups: dict[str, list[str]],
        own: Array,
        jobs: Any,
    ) -> None:
        self.network = neuralize(model, n_jobs=jobs)
        self.plan, self.groups, self.own = plan, groups, own
        self.is_density = knows_its_rows(self.network)

    def _asked(self, features: Any) -> dict[str, Array]:
        """Which training row each row is, -1 for none."""
        if not self.is_density:
            return {}
        return own_rows(features.index.to_numpy(), self.own)

    def score(self, features: Any) -> Array:
        """Score of each row, labelled by row number; shape (n,)."""
        score: Array = self.network.forward(features, **self._asked(features))
        return score

    def explain(self, features: Any, labels: Array) -> Explanation:
        """Explanation of rows labelled by row number, with other labels."""
        found = self.network.explain(features, **self._asked(features))
        found = self.plan.shown(replace(found, index=labels))
        return found.aggregate(self.groups) if self.groups else found


class Leading:
    """The rows of the highest scores so far, the earlier first where they are equal."""

    def __init__(self, k: int) -> None:
        self.k = k
        self.features: Any = None
        self.score, self.labels = np.empty(0), np.empty(0, object)

    def add(self, score: Array, features: Any, labels: Array) -> None:
        """Compare with further rows."""
        best = np.argsort(-score, kind="stable")[: self.k]
        parts = [features.iloc[best]]
        if self.features is not None:
            parts.insert(0, self.features)
        features = pd.concat(parts)
        score = np.concatenate([self.score, score[best]])
        labels = np.concatenate([self.labels, np.asarray(labels, object)[best]])
        order = np.argsort(-score, kind="stable")[: self.k]
        self.features, self.score = features.iloc[order], score[order]
        self.labels = labels[order]


def entries(
    explanation: Explanation, rows: Any, groups: dict[str, list[str]], has_ids: bool
) -> list[dict[str, Any]]:
    """What there is to say of each row: its number, id, score, and reasons."""
    found, share, names = [], explanation.share, explanation.feature_names
    for k, row in enumerate(rows):
        order = np.argsort(-explanation.relevance[k], kind="stable")
        reasons = [
            {
                "feature": names[i],
                "relevance": float(explanation.relevance[k, i]),
                "share": float(share[k, i]),
                **_cells(explanation, k, i, groups.get(names[i], [])),
            }
            for i in order
        ]
        label = (
            {"id": explanation.index[k]}
            if has_ids and explanation.index is not None
            else {}
        )
        score = float(explanation.score[k])
        found.append({"row": int(row), **label, "score": score, "reasons": reasons})
    return found


def _cells(explanation: Explanation, k: int, i: int, group: list[str]) -> Any:
    if len(group) > 1:
        return {"columns": group}
    cells = explanation.data[k, i], explanation.reference[k, i]
    plain = [
        c if isinstance(c, str) else float("nan" if c is None else c) for c in cells
    ]
    return dict(zip(("value", "typical"), plain, strict=True))
