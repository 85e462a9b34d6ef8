# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the networks of all fitted models share: the door for rows."""

from copy import copy
from dataclasses import replace

import numpy as np
from sklearn import config_context
from sklearn.utils.validation import validate_data

from skneon._compat import validate_parameter_constraints
from skneon._validation import check_activations, check_magnitude, plainly_moderate
from skneon._version import __version__
from skneon.explanation._explanation import Explanation
from skneon.network import Network, Query


class NeuralizedModel(Network):
    """A network that remembers the fitted model it is equivalent to.

    What the model is fitted to later does not change the network.

    Parameters
    ----------
    model : fitted estimator
        Rows are validated as this model validates them.
    layers : list of layers
    target : str
        What is explained; "cluster" for the evidence of clusters.
    n_jobs : int or None
    meta : dict
        How the network was made, for `Explanation.meta`.
    training_index : ndarray of shape (N,), or None
        Labels of the training rows, which X=None stands for.
    """

    accept_sparse = False
    # whether neuralize takes them as X_train
    takes_training_rows = False
    # what can be asked of each row, as arguments of forward and explain
    questions = ()
    # names of the clusters; None for numbers from 0
    classes = None

    def __init__(
        self, model, layers, target, n_jobs=None, meta=(), training_index=None
    ):
        super().__init__(layers, n_jobs)
        self.model = copy(model)
        self.target = target
        self.meta = dict(meta)
        self.training_index = training_index
        self.verbose = getattr(model, "verbose", 0)

    @property
    def game_layers(self):
        """The layers whose units are sums over features: coalitions are scored here."""
        return self.layers[-2:]

    @property
    def keeps_rows(self):
        """Whether X=None stands for the training rows."""
        return False

    @property
    def n_columns(self):
        """Number of columns that are explained."""
        return self.layers[-2].inputs.n_columns

    def __repr__(self):
        layers = ", ".join(type(layer).__name__ for layer in self.layers)
        return f"<{type(self).__name__} of {type(self.model).__name__}: {layers}>"

    def rows(self, X):
        """Clean rows and their query."""
        if X is None:
            self.refuse_none()
        return self.validated(X), Query()

    def refuse_none(self):
        """Raise for X=None, where the training rows are not known."""
        also = ", or them as X_train" if self.takes_training_rows else ""
        name = type(self.model).__name__
        raise ValueError(f"{name} does not keep its training rows: pass X{also}.")

    def validated(self, X):
        """Rows as float64, checked as the fitted model itself checks them."""
        return validate_rows(self.model, X, accept_sparse=self.accept_sparse)

    def forward(self, X=None):
        """The score of each row.

        Parameters
        ----------
        X : array-like of shape (n, d), default=None
            None: the training rows, where the model keeps them; in density models and
            among neighbours each is left out of its own model.

        Returns
        -------
        score : ndarray of shape (n,)
        """
        return self.activate(*self.rows(X))

    def explain(self, X=None):
        """Relevance of each column for the score.

        Parameters
        ----------
        X : array-like of shape (n, d), default=None
            As in `forward`.

        Returns
        -------
        explanation : Explanation
        """
        data, query = self.rows(X)
        return self.explanation(data, query, self.row_labels(X), self.shown(X))

    def row_labels(self, X):
        """Labels of the rows X, or of the training rows for None."""
        return self.training_index if X is None else row_labels(X)

    def shown(self, X):
        """Rows as `Explanation.data` shows them; None: as the network sees them."""
        return None

    def column_order(self, X):
        """Numbers of the columns in the order in which explanations of X have them.

        None for the model's own order.
        """
        return None

    def target_of(self, query):
        """`target`, or the names of the clusters that are asked about."""
        if query.cluster is None:
            return self.target
        return query.cluster if self.classes is None else self.classes[query.cluster]

    def explanation(self, data, query, index=None, shown=None):
        """Explain clean rows; `index` labels them, `shown` is how they are shown."""
        query, propagation, copied = self.answers(data, query, shown is None)
        content = vars(propagation)
        content["reference"] = self.restored(content["reference"])
        content["rival"] = self._named(content["rival"])
        return Explanation(
            **content,
            target=self.target_of(query),
            feature_names=self.feature_names,
            data=copied if shown is None else shown,
            index=index,
            meta={
                "model": type(self.model).__name__,
                "skneon_version": __version__,
                **self.meta,
            },
        )

    def answers(self, data, query, copies=False):
        """The query with all that it left open, `propagate`, and a copy of the rows.

        Explanations do not change with the caller's array. None: not asked for.
        """
        if self.layers[-2].activations_only:
            check_activations(data)
        copied = None
        if copies:
            copied = data.toarray() if hasattr(data, "toarray") else data.copy()
        return query, self.propagate(data, query), copied

    def restored(self, reference):
        """Typical values in terms of the columns that are explained."""
        return reference

    def _named(self, clusters):
        """Names of clusters, None for -1."""
        if clusters is None or self.classes is None:
            return clusters
        names = np.append(self.classes.astype(object), [None])
        return names[clusters]

    @property
    def input_names(self):
        """Names of the columns that are explained, or None."""
        return getattr(self.model, "feature_names_in_", None)

    @property
    def feature_names(self):
        """Names of the columns that are explained, as texts; x0, x1, ... for None."""
        names = self.input_names
        if names is None:
            names = [f"x{i}" for i in range(self.n_columns)]
        return tuple(map(str, names))


def reordered(explanation, order):
    """The same explanation with its columns in another order; None: in its own."""
    if order is None:
        return explanation
    names = ("relevance", "data", "reference", "standard_error")
    columns = {name: getattr(explanation, name) for name in names}
    return replace(
        explanation,
        feature_names=tuple(explanation.feature_names[i] for i in order),
        **{k: None if v is None else v[:, order] for k, v in columns.items()},
    )


def row_labels(X):
    """The index of a DataFrame as an array, None for other containers."""
    index = getattr(X, "index", None)
    return None if index is None or callable(index) else np.asarray(index)


def storable_labels(X):
    """Row labels that any format can hold: numbers stay, others become texts."""
    labels = row_labels(X)
    if labels is None or labels.dtype.kind in "iuf":
        return labels
    return np.array([str(label) for label in X.index], dtype=object)


def validate_rows(model, X, accept_sparse=False, dtype=np.float64):
    """Rows of a dtype, checked as the fitted model itself checks them."""
    checks = {"reset": False, "dtype": dtype, "accept_sparse": accept_sparse}
    # one pass, instead of another for each check, tells that most rows pass them
    with config_context(assume_finite=True):
        clean = validate_data(model, X, **checks)
    if not plainly_moderate(clean):
        clean = validate_data(model, X, **checks)
        check_magnitude(clean)
    return clean


def override(parameters, options, model):
    """Parameters of an estimator, some of them overridden by options."""
    unknown = sorted(set(options) - set(parameters))
    if unknown:
        hint = (
            " X=None stands for the training rows of models that keep them; to others "
            "pass the rows as X."
        )
        raise TypeError(
            f"neuralize({type(model).__name__}) takes no {', '.join(unknown)}; it "
            f"takes {', '.join(parameters)}.{hint if 'X_train' in unknown else ''}"
        )
    return parameters | options


def check_options(constraints, options, model):
    """Check options against scikit-learn's constraints, in its words."""
    validate_parameter_constraints(
        constraints, options, caller_name=f"neuralize({type(model).__name__})"
    )
