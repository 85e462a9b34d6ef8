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
from skneon.explanation._explanation import ROW_FIELDS
from skneon.neuralization import neuralize
from skneon.neuralization._neuralized import reordered, row_labels
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
        if own is None:
            # a bad table is refused before anything is computed
            network.rows(some_rows(X, np.arange(1)))
        else:
            self._data, self._query = network.rows(None)
            self._shown = network.shown(None)

    @classmethod
    def of_model(cls, model, X):
        """The rows X of a fitted model, which may be its training rows."""
        network = neuralize(model)
        if not hasattr(network, "explain"):
            raise TypeError(
                f"{type(model).__name__} is a transformer: there is nothing to explain."
            )
        network.rows(X)
        if network.target == "cluster":
            return cls(network, X)
        if isinstance(network, NeuralizedPipeline):
            try:
                network = neuralize(model, X_train=X)
            except (TypeError, ValueError):
                return cls(network, X)
        if network.keeps_rows and _are_training_rows(network, X):
            return cls(network, X, np.arange(len(network.rows(None)[0])))
        return cls(network, X)

    def score(self, numbers):
        """Score of some rows, shape (n,)."""
        inside, place = self._places(numbers)
        score = np.empty(len(numbers))
        if inside.any():
            at = place[inside]
            score[inside] = self.network.activate(self._data[at], self._query[at])
        if not inside.all():
            score[~inside] = self.network.forward(some_rows(self.X, numbers[~inside]))
        return score

    def explain(self, numbers):
        """Explanation of some rows, labelled as in X."""
        inside, place = self._places(numbers)
        parts = []
        if inside.any():
            at = place[inside]
            shown = None if self._shown is None else self._shown[at]
            own = self.network.explanation(self._data[at], self._query[at], None, shown)
            order = self.network.column_order(self.X)
            parts.append(reordered(own, order))
        if not inside.all():
            parts.append(self.network.explain(some_rows(self.X, numbers[~inside])))
        order = np.argsort(
            np.concatenate([np.flatnonzero(inside), np.flatnonzero(~inside)])
        )
        both = joined(parts)[order]
        labels = row_labels(self.X)
        return replace(both, index=numbers if labels is None else labels[numbers])

    def clean(self, numbers):
        """Clean rows, their query, and whether the training rows are meant."""
        inside, place = self._places(numbers)
        if inside.all():
            return self._data[place], self._query[place]
        return self.network.rows(some_rows(self.X, numbers))

    def _places(self, numbers):
        """Which rows are training rows, and their places among them."""
        if self.own is None:
            return np.zeros(len(numbers), dtype=bool), numbers
        place = np.searchsorted(self.own, numbers).clip(max=len(self.own) - 1)
        return self.own[place] == numbers, place


def _are_training_rows(network, X):
    """Whether X=None stands for the rows X."""
    try:
        own, _ = network.rows(None)
    except ValueError:
        return False
    if isinstance(network, NeuralizedPipeline):
        # checked when they were given
        return True
    rows, _ = network.rows(X)
    return own.shape == rows.shape and np.array_equal(own, rows)


def joined(explanations):
    """The rows of several explanations of one model as one explanation."""
    if len(explanations) == 1:
        return explanations[0]
    first = explanations[0]
    changes = {
        name: np.concatenate([_object_rows(getattr(e, name)) for e in explanations])
        for name in ROW_FIELDS
        if name != "index" and isinstance(getattr(first, name), np.ndarray)
    }
    return replace(first, index=None, **changes)


def _object_rows(values):
    return values.astype(object) if values.dtype.kind in "USO" else values


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
