# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The model of a table: its columns prepared, then a density or k-means."""

from argparse import Namespace
from typing import Any

import numpy as np
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import Pipeline

from skneon._kde import NeonKDE
from skneon._kmeans import NeonKMeans
from skneon._tables._plan import Plan
from skneon._tables._words import TableError
from skneon.network.numerics._types import Array

# gamma "auto": multiples of gamma "scale", rows to choose by, and parts held out
MULTIPLES = 10.0 ** np.arange(-2, 4.01, 0.25)
CHOICE_ROWS, FOLDS = 2000, 5


def fitted(
    features: Any, plan: Plan, arguments: Namespace
) -> tuple[Pipeline, list[str]]:
    """The model, fitted to rows, and what there is to say of it."""
    prepare = plan.steps()
    Z = prepare.fit_transform(features)
    if np.ptp(Z, axis=0).max() == 0:
        raise TableError(
            f"The {len(Z)} rows of the sample do not differ: raise "
            "--max-support, or leave out columns that hardly vary."
        )
    notes: list[str] = []
    if arguments.model == "kde":
        gamma = arguments.gamma
        if gamma == "auto":
            gamma, notes = chosen_gamma(Z)
        model = NeonKDE(gamma, n_jobs=arguments.n_jobs)
    else:
        n_distinct = len(np.unique(Z, axis=0))
        if arguments.clusters > n_distinct:
            raise TableError(
                f"--clusters {arguments.clusters}: only {n_distinct} rows are distinct."
            )
        model = NeonKMeans(arguments.clusters, n_init=10, random_state=0)
    return Pipeline([("prepare", prepare), ("model", model.fit(Z))]), notes


def chosen_gamma(Z: Array) -> tuple[float, list[str]]:
    """The gamma by which rows that are held out are likeliest, and what to say."""
    if len(Z) > CHOICE_ROWS:
        rng = np.random.default_rng(0)
        Z = Z[np.sort(rng.choice(len(Z), CHOICE_ROWS, replace=False))]
    grid = MULTIPLES * NeonKDE().fit(Z).gamma_
    folds = KFold(min(FOLDS, len(Z)), shuffle=True, random_state=0)
    search = GridSearchCV(NeonKDE(), {"gamma": grid}, cv=folds, refit=False).fit(Z)
    gamma = float(search.best_params_["gamma"])
    notes = [f"gamma {gamma:.3g} by the held-out log likelihood of {len(Z)} rows."]
    if gamma in (grid[0], grid[-1]):
        notes.append(
            "That is the end of the range that was tried: rows that repeat each other "
            "may be the reason."
        )
    return gamma, notes
