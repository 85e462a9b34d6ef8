# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The models of a report, and the rows that they judge and explain."""

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.metrics import silhouette_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state

from skneon._frames import some_rows
from skneon._kde import NeonKDE
from skneon._kmeans import NeonKMeans
from skneon._report._table import Table
from skneon._tables._prepare import Prepared
from skneon.explanation._explanation import Explanation
from skneon.network.numerics._types import Array
from skneon.neuralization import neuralize
from skneon.neuralization._neuralized import row_labels
from skneon.neuralization._own_rows import knows_its_rows, own_rows
from skneon.neuralization._pipeline import NeuralizedPipeline

MOST_CLUSTERS = 8
SILHOUETTE_ROWS = 1000


def default_models(
    prepared: Prepared, rows: Any, n_clusters: int | None, random_state: int
) -> tuple[Pipeline, Pipeline | None, dict[int, float]]:
    """A density, clusters and silhouettes, as far as they are asked for, of rows."""
    density = prepared.pipeline(NeonKDE()).fit(rows)
    Z = density[:-1].transform(rows)
    n_distinct = len(np.unique(Z, axis=0))
    silhouettes: dict[int, float] = {}
    if n_clusters is None:
        silhouettes = _silhouettes(Z, n_distinct, random_state)
        n_clusters = max(silhouettes, key=lambda k: silhouettes[k], default=0)
    elif n_clusters > n_distinct:
        raise ValueError(f"n_clusters={n_clusters}: only {n_distinct} rows differ.")
    if not n_clusters:
        return density, None, silhouettes
    clusters = prepared.pipeline(_kmeans(n_clusters, random_state))
    return density, clusters.fit(rows), silhouettes


def _kmeans(n_clusters: int, random_state: int, n_init: int = 10) -> NeonKMeans:
    return NeonKMeans(n_clusters, n_init=n_init, random_state=random_state)


def _silhouettes(Z: Array, n_distinct: int, random_state: int) -> dict[int, float]:
    """Silhouette of 2 to 8 clusters, on some rows."""
    Z = Z[chosen(len(Z), SILHOUETTE_ROWS, random_state)]
    most = min(MOST_CLUSTERS, n_distinct - 1, len(Z) - 1)
    found: dict[int, float] = {}
    for k in range(2, most + 1):
        if len(np.unique(Z, axis=0)) < k:
            break
        labels = _kmeans(k, random_state, n_init=3).fit(Z).labels_
        if len(np.unique(labels)) == k:
            found[k] = float(silhouette_score(Z, labels))
    return found


def chosen(n: int, limit: int, random_state: int) -> Array:
    """Numbers of up to `limit` of n rows, in order."""
    if n <= limit:
        return np.arange(n)
    rng = check_random_state(random_state)
    drawn: Array = np.sort(rng.choice(n, limit, replace=False))
    return drawn


class Rows:
    """The rows of a table, judged by a network; training rows each by the others."""

    def __init__(self, network: Any, X: Any, own: Array | None = None) -> None:
        self.network = network
        self.X = X
        self.own = own
        # a bad table is refused before anything is computed
        network.rows(some_rows(X, np.arange(1)))

    @classmethod
    def of_model(cls, model: Any, X: Any) -> "Rows":
        """The rows X of a fitted model, which may be its training rows."""
        network = neuralize(model)
        if not hasattr(network, "explain"):
            raise TypeError(
                f"{type(model).__name__} is a transformer: there is nothing to explain."
            )
        network.rows(X)
        if knows_its_rows(network) and _are_training_rows(network, model, X):
            return cls(network, X, np.arange(n_rows_of(X)))
        return cls(network, X)

    def score(self, numbers: Array) -> Array:
        """Score of some rows, shape (n,)."""
        rows = some_rows(self.X, numbers)
        score: Array = self.network.forward(rows, **self._asked(numbers))
        return score

    def explain(self, numbers: Array) -> Explanation:
        """Explanation of some rows, labelled as in X."""
        rows = some_rows(self.X, numbers)
        explanation = self.network.explain(rows, **self._asked(numbers))
        labels = row_labels(self.X)
        index = numbers if labels is None else labels[numbers]
        labelled: Explanation = replace(explanation, index=index)
        return labelled

    def clean(self, numbers: Array) -> Any:
        """Clean rows and their query."""
        return self.network.rows(some_rows(self.X, numbers), **self._asked(numbers))

    def _asked(self, numbers: Array) -> dict[str, Array]:
        """Which training row each row is, -1 for none."""
        if self.own is None:
            return {}
        return own_rows(numbers, self.own)


def n_rows_of(X: Any) -> int:
    """Number of rows of a table."""
    return int(X.shape[0]) if hasattr(X, "shape") else len(X)


def _are_training_rows(network: Any, model: Any, X: Any) -> bool:
    """Whether the model was fitted to the rows X, in their order."""
    if isinstance(network, NeuralizedPipeline):
        try:
            return bool(neuralize(model, X_train=X).keeps_rows)
        except (TypeError, ValueError):
            return False
    own, (rows, _) = network.training.rows, network.rows(X)
    return own.shape == rows.shape and np.array_equal(own, rows)


def plane(table: Table, sample: Array) -> tuple[Any, str]:
    """Positions of rows by their numbers, or None, in the plane of two components.

    And what the components are of: of numbers where there are two at least.
    """
    rows, steps, n_numeric = table.usable, table.steps, len(table.numeric)
    if n_numeric >= 2:
        rows = rows[table.numeric]
        steps = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    if not rows.shape[1]:
        return None, ""
    steps.fit(rows.iloc[sample])
    Z = steps.transform(rows.iloc[sample])
    if min(Z.shape) < 2 or not np.ptp(Z, axis=0).any():
        return None, ""
    pca = PCA(2, svd_solver="full").fit(Z)
    part = pca.explained_variance_ratio_
    names = [f"component {i + 1} ({part[i]:.0%} of the variance)" for i in range(2)]

    def positions(numbers: Array) -> Any:
        frame = pca.transform(steps.transform(rows.iloc[numbers]))
        return type(rows)(frame, columns=names)

    numeric = f"{n_numeric} numeric columns"
    return positions, numeric if n_numeric >= 2 else "all columns that are used"
