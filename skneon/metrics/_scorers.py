# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Scorers: how good are the explanations of held-out rows? Greater is better.

Each is a callable ``scorer(estimator, X, y=None, **options)`` for ``scoring=`` in
GridSearchCV and cross_validate, alone or in a dict. Options, as in `skneon.explain`,
are set with `functools.partial`. A Pipeline is explained in the columns that go into
it. All are deterministic.

They compare explanations of the same model: search `beta` and `rule` by them.
A grid over `gamma` or `n_clusters` changes what is explained, and models with little to
explain score best: choose those by the likelihood or by what the clusters are for.
"""

from skneon.metrics._distance import conservation_error, relevance_distance
from skneon.metrics._flipping import flipping_score, insertion_score
from skneon.metrics._games import Game
from skneon.metrics._shapley import exact_shapley


def shapley_scorer(estimator, X, y=None, **options):
    """Minus the median relative L1 distance to the exact Shapley values.

    Parameters
    ----------
    estimator : fitted estimator or Pipeline
    X : array-like of shape (n, d)
    y : None
        Ignored.
    **options
        As in `skneon.explain`: ``target``, ...

    Returns
    -------
    score : float
        At most 0.

    See Also
    --------
    exact_shapley, relevance_distance
    """
    relevance = Game.of(estimator, X, options).propagation().relevance
    return -float(relevance_distance(relevance, exact_shapley(estimator, X, **options)))


def flipping_scorer(estimator, X, y=None, **options):
    """Minus `flipping_score`; parameters as in `shapley_scorer`.

    Returns
    -------
    score : float
        At most about 0, and above it where removing features turns evidence around.
    """
    return -flipping_score(estimator, X, **options)


def insertion_scorer(estimator, X, y=None, **options):
    """`insertion_score`, for k-means; parameters as in `shapley_scorer`.

    Returns
    -------
    score : float
        Between 0 and 1.
    """
    return insertion_score(estimator, X, **options)


def conservation_scorer(estimator, X, y=None, **options):
    """Minus `conservation_error`, to 12 decimals; parameters as in `shapley_scorer`.

    Returns
    -------
    score : float
        At most 0, which conservative rules reach.
    """
    return -round(conservation_error(estimator, X, **options), 12)
