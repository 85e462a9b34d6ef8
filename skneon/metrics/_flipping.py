# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Do the features that are called relevant carry the score? Remove or insert them."""

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import check_random_state, check_scalar

from skneon.metrics._games import Game
from skneon.network.numerics._types import Array, Table

TINY = np.finfo(float).tiny


def flipping_curve(
    model: Any, X: Table = None, relevance: Any = None, **options: Any
) -> Array:
    """Score of each row while features are removed, most relevant first.

    Removed features are left out of the squared distances, or integrated out of
    Gaussians: nothing is imputed, so nothing is made up (see `exact_shapley`). Where
    what the features share is negative, such as the evidence for a cluster that a row
    does not belong to, the most negative relevance is removed first.

    Parameters
    ----------
    model : fitted estimator or network
        Any model that `neuralize` takes, or its network.
    X : array-like of shape (n, d), default=None
        None: the training rows, for density models each left out of its own model.
    relevance : Explanation or array-like of shape (n, d), default=None
        None: the model's own.
    **options
        As in `skneon.explain`: ``target``, ``cluster``, ``rival``, ...

    Returns
    -------
    curve : ndarray of shape (n, d + 1)
        Column j holds the score after j removals, less its constant, which no feature
        carries: of -log p what it is where all distances are 0, of log-odds the prior
        ones, else 0. So what all features share is first, and 0 last.

    Raises
    ------
    ValueError
        For bad rows, and relevances of another shape or not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon import NeonKDE
    >>> from skneon.metrics import flipping_curve
    >>> kde = NeonKDE(gamma=1.0).fit([[0.0, 0.0]])
    >>> flipping_curve(kde, [[1.0, 3.0]])
    array([[10.,  1.,  0.]])
    """
    game = Game.of(model, X, options)
    relevance = game.relevance(relevance)
    return curves(game, relevance)


def flipping_score(
    model: Any, X: Table = None, relevance: Any = None, **options: Any
) -> float:
    """Area under the normalised flipping curves; lower is better.

    For outlierness each curve is divided by its first value, the row's score less its
    constant, and the mean taken over rows. For cluster evidence, and where some scores
    are negative, as of isolation forests, rows may be nearly 0: there the sum of the
    areas is divided by the sum of the first values, in size, which weighs rows by it.
    Curves of inlierness, which rises while features that speak against it go, stay as
    they are, between 0 and 1. (Behind linear steps such as PCA squared distances are
    quadratic forms, whose parts by some of the columns alone can be negative: there
    inlierness by these can exceed 1.) Where curves fall below 0 the score may be
    negative. Rows whose first value is 0 or infinite do not count; the score is 0 where
    no row does.

    Parameters
    ----------
    model, X, relevance, **options
        As in `flipping_curve`.

    Returns
    -------
    score : float

    Raises
    ------
    ValueError
        As in `flipping_curve`.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon import NeonKDE
    >>> from skneon.metrics import flipping_score
    >>> X = np.random.default_rng(0).normal(size=(50, 4))
    >>> kde = NeonKDE(gamma=0.5).fit(X)
    >>> worst = -kde.explain().relevance
    >>> bool(flipping_score(kde) < flipping_score(kde, relevance=worst))
    True
    """
    game = Game.of(model, X, options)
    return mean_area(game, curves(game, game.relevance(relevance)))


def mean_area(game: Game, curve: Array) -> float:
    """Mean over rows of the area under the curves, as `flipping_score` has it."""
    # trapezoids of width 1 / d
    inner = curve[:, 1:-1].sum(axis=1) + (curve[:, 0] + curve[:, -1]) / 2
    area, full = inner / (curve.shape[1] - 1), curve[:, 0]
    if game.target == "inlier":
        return float(np.mean(area))
    counts = np.isfinite(full) & (full != 0)
    area, full = area[counts], full[counts]
    if game.query.cluster is None and not (full < 0).any():
        return float(np.sum(area / full) / max(len(full), 1))
    return float(np.sum(area * np.sign(full)) / max(np.sum(np.abs(full)), TINY))


def curves(game: Game, relevance: Array) -> Array:
    """Score of each row of the game after 0, 1, ... d removals, shape (n, d + 1)."""
    d = relevance.shape[1]
    # the sign of the score less its constant, which depends on the units of the columns
    everyone = np.ones((1, d))
    shared = np.concatenate(game.map(lambda n: game.values(n, everyone)))
    sign = np.where(shared < 0, -1.0, 1.0)
    order = np.argsort(-relevance * sign[:, None], axis=1, kind="stable")

    def curve(n: int) -> Array:
        masks = np.zeros((d + 1, d))
        masks[:, order[n]] = 1 - np.tri(d + 1, d, -1)
        return game.values(n, masks)

    return np.stack(game.map(curve))


def insertion_score(
    model: Any,
    X: Table = None,
    relevance: Any = None,
    *,
    n_trials: int = 100,
    random_state: int | np.random.RandomState | None = 0,
    **options: Any,
) -> float:
    """How soon the most relevant features bring a row back to its cluster.

    Features are inserted one by one, most relevant first, while each of the others is
    drawn from another row, independently. The steps before the row is first assigned
    to its cluster again have failed; the score is the share of steps that have not,
    averaged over rows and trials. Higher is better, 1 is best. (The protocol of the
    evaluation notebook of AlexF1994/cluster-explain.)

    Parameters
    ----------
    model : fitted estimator or network
        A k-means model that `neuralize` takes, or its network.
    X : array-like of shape (n, d), default=None
        None: the training rows. At least two, which also make up for one another.
    relevance : Explanation or array-like of shape (n, d), default=None
        For the assigned clusters; None: the model's own.
    n_trials : int, default=100
    random_state : int, RandomState instance or None, default=0
    **options
        As in `skneon.explain`: ``rule``, ...

    Returns
    -------
    score : float

    Raises
    ------
    TypeError
        For density models, and a `cluster` or `rival`.
    ValueError
        For a single row or cluster, bad rows, and relevances of another shape or not
        finite.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skneon import NeonKMeans
    >>> from skneon.metrics import insertion_score
    >>> kmeans = NeonKMeans(3, random_state=3, n_init=1).fit(load_iris().data)
    >>> worst = -kmeans.explain().relevance
    >>> insertion_score(kmeans) > insertion_score(kmeans, relevance=worst)
    True
    """
    trials = insertion_trials(
        model, X, relevance, n_trials=n_trials, random_state=random_state, **options
    )
    return float(trials.mean())


def insertion_trials(
    model: Any,
    X: Table = None,
    relevance: Any = None,
    *,
    n_trials: int = 100,
    random_state: int | np.random.RandomState | None = 0,
    **options: Any,
) -> Array:
    """The trials behind `insertion_score`, whose parameters it takes.

    Returns
    -------
    trials : ndarray of shape (n_trials, n)
        Share of steps that have not failed.
    """
    check_scalar(n_trials, "n_trials", Integral, min_val=1)
    game = Game.of(model, X, options)
    if game.target != "cluster":
        raise TypeError(
            "Insertion is about cluster membership; for density models use "
            "flipping_score."
        )
    if any(options.get(name) is not None for name in ("cluster", "rival")):
        raise TypeError(
            "Insertion asks about the assigned clusters: no cluster, rival."
        )
    if game.network.n_clusters == 1:
        raise ValueError("There is a single cluster, which every row returns to.")
    if len(game.data) < 2:
        raise ValueError("Insertion needs at least two rows to draw from, got one.")
    order = np.argsort(-game.relevance(relevance), axis=1, kind="stable")
    rng = check_random_state(random_state)
    return np.stack([_trial(game, order, rng) for _ in range(n_trials)])


def _trial(game: Game, order: Array, rng: np.random.RandomState) -> Array:
    parents = game.network.network.units.inputs.parents
    n, d = len(game.data), game.n_columns
    inserted = np.zeros((n, d), dtype=bool)
    failed = np.zeros(n)
    lost = np.ones(n, dtype=bool)
    rows = np.arange(n)
    for step in range(d):
        inserted[rows, order[:, step]] = True
        # another row for every entry: any but the row itself
        others = (rows[:, None] + rng.randint(1, n, size=(n, d))) % n
        filler = game.data[others[:, parents], np.arange(len(parents))]
        X = np.where(inserted[:, parents], game.data, filler)
        lost &= game.network.network.nearest(X) != game.query.cluster
        failed += lost
    return 1 - failed / d
