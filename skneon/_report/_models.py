# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The models that are fitted to a table, and what is chosen for them."""

from typing import Any

import numpy as np
from sklearn.metrics import silhouette_score
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import Pipeline

from skneon._kde import NeonKDE
from skneon._kmeans import NeonKMeans
from skneon._report._judge import chosen
from skneon._tables._plan import Plan
from skneon._tables._words import TableError

MOST_CLUSTERS, SILHOUETTE_ROWS = 8, 1000
# gamma "auto": multiples of gamma "scale", rows to choose by, and parts held out
MULTIPLES = 10.0 ** np.arange(-2, 4.01, 0.25)
CHOICE_ROWS, FOLDS = 2000, 5


class Fitting:
    """Rows that models are fitted to, made ready once for all of them."""

    def __init__(self, plan: Plan, rows: Any) -> None:
        self.steps = plan.steps()
        self.Z = self.steps.fit_transform(rows)
        self.n_distinct = len(np.unique(self.Z, axis=0))
        if self.n_distinct == 1:
            raise TableError(
                f"The {len(self.Z)} rows of the sample do not differ: raise "
                "--max-support, or leave out columns that hardly vary."
            )

    def pipeline(self, model: Any) -> Pipeline:
        """The steps and this model, fitted."""
        return Pipeline([("prepare", self.steps), ("model", model.fit(self.Z))])

    def silhouettes(self, random_state: int) -> dict[int, float]:
        """Silhouette of 2 to 8 clusters, on some rows."""
        Z = self.Z[chosen(len(self.Z), SILHOUETTE_ROWS, random_state)]
        found: dict[int, float] = {}
        for k in range(2, min(MOST_CLUSTERS + 1, len(np.unique(Z, axis=0)))):
            labels = kmeans(k, random_state, n_init=3).fit(Z).labels_
            if len(np.unique(labels)) == k:
                found[k] = float(silhouette_score(Z, labels))
        return found

    def gamma(self) -> tuple[float, list[str]]:
        """The gamma by which rows that are held out are likeliest, and what to say."""
        Z = self.Z[chosen(len(self.Z), CHOICE_ROWS, 0)]
        grid = MULTIPLES * NeonKDE().fit(Z).gamma_
        folds = KFold(min(FOLDS, len(Z)), shuffle=True, random_state=0)
        search = GridSearchCV(NeonKDE(), {"gamma": grid}, cv=folds, refit=False).fit(Z)
        gamma = float(search.best_params_["gamma"])
        notes = [f"gamma {gamma:.3g} by the held-out log likelihood of {len(Z)} rows."]
        if gamma in (grid[0], grid[-1]):
            notes.append(
                "That is the end of the range that was tried: rows that repeat each "
                "other may be the reason."
            )
        return gamma, notes


def kmeans(n_clusters: int, random_state: int = 0, n_init: int = 10) -> NeonKMeans:
    """The clustering of the command line and of reports, not fitted."""
    return NeonKMeans(n_clusters, n_init=n_init, random_state=random_state)
