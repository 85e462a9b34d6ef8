# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The models of a report, and the rows that they judge and explain."""

from dataclasses import replace

import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.metrics import silhouette_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils import check_random_state

from skneon._frames import some_rows
from skneon._kde import NeonKDE
from skneon._kmeans import NeonKMeans
from skneon.neuralization import neuralize
from skneon.neuralization._neuralized import row_labels
from skneon.neuralization._pipeline import NeuralizedPipeline

# more frequent categories have a column of their own
CATEGORIES = 20
MOST_CLUSTERS = 8
SILHOUETTE_ROWS = 1000


def preparation(table):
    """Imputed, standardised numbers and one-hot categories, not fitted.

    Parameters
    ----------
    table : Table

    Returns
    -------
    steps : ColumnTransformer
    """
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    categories = OneHotEncoder(
        max_categories=CATEGORIES,
        handle_unknown="infrequent_if_exist",
        sparse_output=False,
    )
    parts = [(numbers, table.numeric), (categories, table.of_kind("category"))]
    return make_column_transformer(*[part for part in parts if part[1]])


def default_models(table, sample, n_clusters, random_state):
    """Fit the models of a report without one to a sample of the rows.

    Parameters
    ----------
    table : Table
    sample : ndarray of int
    n_clusters : int or None
        None: that of the largest silhouette; 0: no clusters.
    random_state : int

    Returns
    -------
    density : Pipeline
    clusters : Pipeline, or None
    silhouettes : dict of int to float
        By number of clusters, where they were compared.
    """
    rows = table.usable.iloc[sample]
    density = make_pipeline(preparation(table), NeonKDE()).fit(rows)
    Z = density[:-1].transform(rows)
    n_distinct = len(np.unique(Z, axis=0))
    silhouettes = {}
    if n_clusters is None:
        silhouettes = _silhouettes(Z, n_distinct, random_state)
        n_clusters = max(silhouettes, key=silhouettes.get, default=0)
    elif n_clusters > n_distinct:
        raise ValueError(f"n_clusters={n_clusters}: only {n_distinct} rows differ.")
    if not n_clusters:
        return density, None, silhouettes
    clusters = make_pipeline(preparation(table), _kmeans(n_clusters, random_state))
    return density, clusters.fit(rows), silhouettes


def _kmeans(n_clusters, random_state, n_init=10):
    return NeonKMeans(n_clusters, n_init=n_init, random_state=random_state)


def _silhouettes(Z, n_distinct, random_state):
    """Silhouette of 2 to 8 clusters, on some rows."""
    Z = Z[chosen(len(Z), SILHOUETTE_ROWS, random_state)]
    most = min(MOST_CLUSTERS, n_distinct - 1, len(Z) - 1)
    found = {}
    for k in range(2, most + 1):
        if len(np.unique(Z, axis=0)) < k:
            break
        labels = _kmeans(k, random_state, n_init=3).fit(Z).labels_
        if len(np.unique(labels)) == k:
            found[k] = float(silhouette_score(Z, labels))
    return found


def chosen(n, limit, random_state):
    """Numbers of up to `limit` of n rows, in order."""
    if n <= limit:
        return np.arange(n)
    rng = check_random_state(random_state)
    return np.sort(rng.choice(n, limit, replace=False))


class Rows:
    """The rows of a table, judged by a network; training rows each by the others.

    Parameters
    ----------
    network : NeuralizedModel
    X : table of shape (n, d)
        As the model takes it.
    own : ndarray of int, or None
        Numbers of the rows that are the training rows, in their order.
    """

    def __init__(self, network, X, own=None):
        self.network = network
        self.X = X
        self.own = own
        # a bad table is refused before anything is computed
        network.rows(some_rows(X, np.arange(1)))

    @classmethod
    def of_model(cls, model, X):
        """The rows X of a fitted model, which may be its training rows."""
        network = neuralize(model)
        if not hasattr(network, "explain"):
            raise TypeError(
                f"{type(model).__name__} is a transformer: there is nothing to explain."
            )
        network.rows(X)
        if "leave_out" in network.questions and _are_training_rows(network, model, X):
            return cls(network, X, np.arange(n_rows_of(X)))
        return cls(network, X)

    def score(self, numbers):
        """Score of some rows, shape (n,)."""
        rows = some_rows(self.X, numbers)
        return self.network.forward(rows, **self._asked(numbers))

    def explain(self, numbers):
        """Explanation of some rows, labelled as in X."""
        rows = some_rows(self.X, numbers)
        explanation = self.network.explain(rows, **self._asked(numbers))
        labels = row_labels(self.X)
        index = numbers if labels is None else labels[numbers]
        return replace(explanation, index=index)

    def clean(self, numbers):
        """Clean rows and their query."""
        return self.network.rows(some_rows(self.X, numbers), **self._asked(numbers))

    def _asked(self, numbers):
        """Which training row each row is, -1 for none."""
        if self.own is None:
            return {}
        place = np.searchsorted(self.own, numbers).clip(max=len(self.own) - 1)
        return {"leave_out": np.where(self.own[place] == numbers, place, -1)}


def n_rows_of(X):
    """Number of rows of a table."""
    return X.shape[0] if hasattr(X, "shape") else len(X)


def _are_training_rows(network, model, X):
    """Whether the model was fitted to the rows X, in their order."""
    if isinstance(network, NeuralizedPipeline):
        try:
            return neuralize(model, X_train=X).keeps_rows
        except (TypeError, ValueError):
            return False
    own, (rows, _) = network.training.rows, network.rows(X)
    return own.shape == rows.shape and np.array_equal(own, rows)


def plane(table, sample):
    """Two principal components of some rows.

    Parameters
    ----------
    table : Table
    sample : ndarray of int

    Returns
    -------
    positions : callable
        Positions, a DataFrame of shape (n, 2), of rows by their numbers; None where
        there is no plane.
    what : str
        What the components are of.
    """
    rows = table.usable
    numeric = len(table.numeric) >= 2
    steps = preparation(table)
    if numeric:
        rows = rows[table.numeric]
        steps = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    steps.fit(rows.iloc[sample])
    Z = steps.transform(rows.iloc[sample])
    if min(Z.shape) < 2 or not np.ptp(Z, axis=0).any():
        return None, ""
    pca = PCA(2, svd_solver="full").fit(Z)
    part = pca.explained_variance_ratio_
    names = [f"component {i + 1} ({part[i]:.0%} of the variance)" for i in range(2)]

    def positions(numbers):
        frame = pca.transform(steps.transform(rows.iloc[numbers]))
        return type(rows)(frame, columns=names)

    count = len(table.numeric)
    what = f"{count} numeric columns" if numeric else "all columns that are used"
    return positions, what
