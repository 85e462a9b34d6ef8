# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Shapley values of a model's own score, by exact marginalisation."""

from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import check_random_state, check_scalar

from skneon.explanation import Explanation
from skneon.metrics._games import Game
from skneon.network.engines._chunks import in_parallel
from skneon.network.numerics._coalitions import all_coalitions, shapley_weights
from skneon.network.numerics._types import Array, Table

# more features than this are sampled
LARGEST_EXACT = 15
# rows that a thread takes at a time
ROWS = 64


def exact_shapley(
    model: Any,
    X: Table = None,
    *,
    n_permutations: int = 200,
    random_state: int | np.random.RandomState | None = 0,
    **options: Any,
) -> Explanation:
    r"""Shapley values of a model's score: outlierness, inlierness, evidence, log-odds.

    Leaving a feature out of a Gaussian kernel density estimate is exact: its squared
    difference is left out of every squared distance; likewise for squared distances to
    centroids. So the value of a set S of features needs no imputation,

    .. math:: v(S) = -\tfrac1\gamma \log \sum_k \pi_k
              e^{-\gamma \sum_{i \in S} (x_i - u_{ki})^2}, \quad
              v(S) = \sum_k \pi_k e^{-\gamma \sum_{i \in S} (x_i - u_{ki})^2}, \quad
              v(S) = \min_k \sum_{i \in S} [(x_i - \mu_{ki})^2 - (x_i - \mu_{ci})^2],

    and v(empty) = 0, so that the values sum to the score. From Gaussians and mixtures
    the other features are integrated out, likewise exactly: of the covariances there
    are the submatrices,

    .. math:: v(S) = z_S^\top (\Sigma_{SS})^{-1} z_S , \qquad
              v(S) = \log \frac{\sum_k w_k |\Sigma_{kSS}|^{-1/2}}
              {\sum_k w_k |\Sigma_{kSS}|^{-1/2} e^{-h_k(S)}} ,

    and the values of a mixture sum to the score less its `residual`, as do those of
    log-odds, v(S) those given S less the prior ones. Behind linear steps that drop
    directions, where this is not defined, the other features are set to the mean.
    Behind linear steps squared distances are quadratic forms, whose parts by some of
    the features can be negative: there inlierness by these, and its Shapley values, can
    be far above 1.
    Up to 15 features the sum
    over all subsets is taken; for inlierness, a product, an exact quadrature at any
    number of features. Else antithetic permutations are drawn: each order of the
    features and its reverse give one unbiased estimate.

    Parameters
    ----------
    model : fitted estimator or network
        Any model that `neuralize` takes, or its network.
    X : array-like of shape (n, d), default=None
        None: the training rows, for density models each left out of its own model.
    n_permutations : int, default=200
        Orders to draw beyond 15 features, in pairs; at least 4.
    random_state : int, RandomState instance or None, default=0
        For the draw.
    **options
        As in `skneon.explain`: ``target``, ``cluster``, ``rival``. Rules do not matter.

    Returns
    -------
    explanation : Explanation
        Shapley values as `relevance`; `standard_error` where they are sampled. Rows
        of infinite score (a single cluster) get zeros.

    References
    ----------
    L. S. Shapley: A value for n-person games. 1953.
    G. Owen: Multilinear extensions of games. Management Science, 1972.
    M. Mohammadi, S. L. Chau, K. Muandet: PKeX-Shapley, arXiv 2505.16516, 2025, and
    QuadraSHAP, arXiv 2605.05870, 2026: exact values of product kernels, by quadrature.

    Raises
    ------
    ValueError
        For bad rows or too few permutations.
    TypeError
        For a model that `neuralize` does not take.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon import NeonKDE
    >>> from skneon.metrics import exact_shapley, relevance_distance
    >>> X = np.random.default_rng(0).normal(size=(50, 4))
    >>> kde = NeonKDE(gamma=0.5).fit(X)
    >>> exact = exact_shapley(kde)
    >>> bool(np.allclose(exact.relevance.sum(axis=1), kde.outlierness()))
    True
    >>> bool(relevance_distance(kde.explain(), exact) < 0.05)
    True
    """
    check_scalar(n_permutations, "n_permutations", Integral, min_val=4)
    game = Game.of(model, X, options)
    d = game.n_columns
    standard_error = None
    if game.target == "inlier":
        method = "product"
        relevance = _of_products(game)
    elif d <= LARGEST_EXACT:
        method = "all subsets"
        relevance = np.stack(game.map(lambda n: _of_all_subsets(game, n)))
    else:
        method = "permutations"
        rng = check_random_state(random_state)
        orders = np.stack([rng.permutation(d) for _ in range(n_permutations // 2)])
        pairs = game.map(lambda n: _of_permutations(game, n, orders))
        relevance = np.stack([mean for mean, _ in pairs])
        standard_error = np.stack([error for _, error in pairs])
    own = game.network.explanation((game.data, game.query), X)
    order = slice(None) if game.order is None else game.order
    error = None if standard_error is None else standard_error[:, order]
    return replace(
        own,
        relevance=relevance[:, order],
        standard_error=error,
        meta=own.meta | {"rule": f"exact_shapley, {method}"},
    )


def _of_all_subsets(game: Game, n: int) -> Array:
    d = game.n_columns
    values = game.values(n, all_coalitions(d))
    if not np.isfinite(values[-1]):
        return np.zeros(d)
    return values @ shapley_weights(d)


def _of_products(game: Game) -> Array:
    """Of inlierness, a sum of products of columns; all rows, in threads."""
    network = game.network.network
    units: Any = network.units.in_game(network.pooling)[0]

    def explain(rows: slice, scratch: Any, out: Any) -> dict[str, Array]:
        return {"phi": units.marginal.shapley(game.data[rows], game.query[rows])}

    phi: Array = in_parallel(explain, len(game.data), ROWS, network.n_jobs)["phi"]
    bad = np.flatnonzero(~np.isfinite(phi).all(axis=1))
    if len(bad):
        raise ValueError(
            "Behind a linear step columns have parts of squared distances of either "
            f"sign. For row {bad[0]} they are so large that the inlierness by some "
            "columns overflows: drop rows so far from the training rows."
        )
    return phi


def _of_permutations(game: Game, n: int, orders: Array) -> tuple[Array, Array]:
    """Mean and standard error over pairs of an order and its reverse."""
    d = game.n_columns
    estimates = np.empty((len(orders), d))
    for k, order in enumerate(orders):
        forward, backward = (_marginals(game, n, o) for o in (order, order[::-1]))
        estimates[k] = (forward + backward) / 2
    spread = estimates.std(axis=0, ddof=1) if len(orders) > 1 else np.full(d, np.nan)
    return estimates.mean(axis=0), spread / np.sqrt(len(orders))


def _marginals(game: Game, n: int, order: Array) -> Array:
    """What each feature adds when the features come in this order."""
    d = len(order)
    masks = np.zeros((d, d))
    masks[:, order] = np.tri(d)
    values = game.values(n, masks)
    marginals = np.zeros(d)
    if np.isfinite(values[-1]):
        marginals[order] = np.diff(values, prepend=0.0)
    return marginals
