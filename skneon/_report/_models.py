# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The rows that models are fitted to, and how clear clusters in them are."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata
from sklearn.ensemble import IsolationForest
from sklearn.metrics import silhouette_score
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from skneon._report._judge import chosen
from skneon._tables._plan import Plan
from skneon._tables._words import TableError
from skneon.network.numerics._types import Array

# rows that criteria of the number of clusters are computed on
SILHOUETTE_ROWS = 1000
# tables without clusters that these are compared to
CHANCE_DRAWS = 8
# standard deviations above their mean that count as chance: many, as the number of
# clusters is the best of several in the table, and given in those
CHANCE_SD = 4.0
# the choice of gamma: a stiffer density than the default, which is blind where columns
# are many (doc/thresholds.md)
GAMMA = "likelihood"


class Fitting:
    """Rows that models are fitted to, made ready once for all of them."""

    def __init__(self, plan: Plan, rows: Any) -> None:
        self.rows, self.numbers, self.steps = rows, plan.numbers, plan.steps(rows)
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

    def silhouettes(
        self, made: Callable[[int], Any], tried: Iterable[int], seed: int
    ) -> dict[int, float]:
        """Silhouettes of numbers of clusters, as they are made, on some rows."""
        Z = self.Z[chosen(len(self.Z), SILHOUETTE_ROWS, seed)]
        with threadpool_limits(1):
            found = {k: _silhouette(made, Z, k) for k in tried}
        return {k: one for k, one in found.items() if not np.isnan(one)}

    def chance(self, made: Callable[[int], Any], n_clusters: int, seed: int) -> float:
        """The silhouette up to which tables without clusters come, NaN where none.

        Mean and some standard deviations over tables whose columns keep their values
        and rank correlations (`_unclustered`); where these are so far apart that this
        is no silhouette, which is at most 1, the largest of them. The idea of a
        reference without clusters is that of the gap statistic (Tibshirani, Walther,
        Hastie 2001).
        """
        some = chosen(len(self.Z), SILHOUETTE_ROWS, seed)
        with threadpool_limits(1):
            tables = self._unclustered(some, np.random.default_rng(seed))
            found = [_silhouette(made, Z, n_clusters) for Z in tables]
        return _limit(np.array(found)[~np.isnan(found)])

    def _unclustered(self, some: Array, rng: np.random.Generator) -> Iterator[Array]:
        """Some rows as the models see them, without clusters; categories shuffled."""
        k, Z = len(self.numbers), self.Z[some]
        encoder = self.steps.named_transformers_.get("categories")
        texts = self.rows.iloc[some].drop(columns=self.numbers)
        for _ in range(CHANCE_DRAWS):
            parts = [_unclustered(Z[:, :k], rng)] if k else []
            if encoder is not None:
                parts.append(encoder.transform(texts.apply(rng.permutation)))
            yield np.hstack(parts)


def _limit(found: Array) -> float:
    """The silhouette that counts as chance beside some of tables without clusters."""
    if not len(found):
        return np.nan
    limit = float(found.mean() + CHANCE_SD * found.std())
    return limit if limit < 1 else float(found.max())


def isolation_forest() -> IsolationForest:
    """The forest of the command line, not fitted."""
    return IsolationForest(random_state=0)


def _silhouette(made: Callable[[int], Any], Z: Array, k: int) -> float:
    """Mean silhouette of k clusters, NaN where there are not so many."""
    if not 1 < k < len(np.unique(Z, axis=0)):
        return np.nan
    labels = made(k).fit(Z).labels_
    several = len(np.unique(labels)) == k
    return float(silhouette_score(Z, labels)) if several else np.nan


def _unclustered(Z: Array, rng: np.random.Generator) -> Array:
    """The same columns without clusters, (n, d): their values in another order.

    Ranks are those of normal variables of the same correlations (a normal copula),
    which are weaker among columns of few values. So columns that are skewed, or have
    heavy tails or few values, are so here, too, where normal or uniform ones would make
    clusters of them. A column of two heaps by itself is no cluster in this sense: it is
    the columns together that make one.
    """
    n = len(Z)
    scores = ndtri((rankdata(Z, axis=0) - 0.5) / n)
    # combinations of rows have the same correlations
    drawn = rng.normal(size=(n, n)) @ scores
    ranks = drawn.argsort(axis=0).argsort(axis=0)
    return np.take_along_axis(np.sort(Z, axis=0), ranks, axis=0)
