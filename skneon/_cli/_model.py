# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The model of a table: its columns prepared, then a density or k-means."""

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from skneon._cli._errors import TableError
from skneon._kde import NeonKDE
from skneon._kmeans import NeonKMeans

# categories of a column: those rarer, or beyond so many, are one
MIN_FREQUENCY, MAX_CATEGORIES = 0.01, 20
# gamma "auto": multiples of gamma "scale", rows to choose by, and parts held out
MULTIPLES = 10.0 ** np.arange(-2, 4.01, 0.25)
CHOICE_ROWS, FOLDS = 2000, 5


def prepared(plan):
    """The transformer that makes numbers of the features.

    Numbers have mean 0 and standard deviation 1, some on a log scale; categories are
    0/1 columns; what is missing is filled in.
    """
    fill = {"keep_empty_features": True}
    log = FunctionTransformer(np.log, inverse_func=np.exp, check_inverse=False)
    scaled = [SimpleImputer(strategy="median", **fill), StandardScaler()]
    encoded = make_pipeline(
        SimpleImputer(strategy="most_frequent", **fill),
        OneHotEncoder(
            min_frequency=MIN_FREQUENCY,
            max_categories=MAX_CATEGORIES,
            handle_unknown="infrequent_if_exist",
            sparse_output=False,
        ),
    )
    others = [name for name in plan.numbers if name not in plan.log]
    parts = [
        ("numbers", make_pipeline(*scaled), others),
        ("log", make_pipeline(log, *scaled), plan.log),
        ("categories", encoded, plan.categories),
    ]
    return ColumnTransformer([part for part in parts if part[2]], sparse_threshold=0.0)


def fitted(features, plan, arguments):
    """The model, fitted to rows.

    Parameters
    ----------
    features : DataFrame
        As `Plan.features` gives it.
    plan : Plan
    arguments : Namespace

    Returns
    -------
    model : Pipeline
    notes : list of str
    """
    prepare = prepared(plan)
    Z = prepare.fit_transform(features)
    if np.ptp(Z, axis=0).max() == 0:
        raise TableError(
            f"The {len(Z)} rows of the sample do not differ: say a larger "
            "--max-support, or leave out columns that hardly vary."
        )
    if arguments.model == "kde":
        gamma, notes = arguments.gamma, []
        if gamma == "auto":
            gamma, notes = chosen_gamma(Z)
        model = NeonKDE(gamma, n_jobs=arguments.n_jobs)
    else:
        notes = []
        n_distinct = len(np.unique(Z, axis=0))
        if arguments.clusters > n_distinct:
            raise TableError(
                f"--clusters {arguments.clusters}: only {n_distinct} rows are distinct."
            )
        model = NeonKMeans(arguments.clusters, n_init=10, random_state=0)
    return Pipeline([("prepare", prepare), ("model", model.fit(Z))]), notes


def chosen_gamma(Z):
    """The gamma by which rows that are held out are likeliest.

    Parameters
    ----------
    Z : ndarray of shape (n, d)

    Returns
    -------
    gamma : float
    notes : list of str
    """
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
