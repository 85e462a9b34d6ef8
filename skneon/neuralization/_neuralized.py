# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the networks of all fitted models share: the door for rows."""

from copy import copy

import numpy as np
from sklearn.utils.validation import validate_data

from skneon._compat import validate_parameter_constraints
from skneon._explanation import Explanation
from skneon._validation import check_magnitude
from skneon._version import __version__
from skneon.network import Network


class NeuralizedModel(Network):
    """A network that remembers the fitted model it is equivalent to.

    What the model is fitted to later does not change the network.

    Parameters
    ----------
    model : fitted estimator
        Rows are validated as this model validates them.
    layers : list of layers
    n_jobs : int or None
    meta : dict
        How the network was made, for `Explanation.meta`.
    training_index : ndarray of shape (N,), or None
        Labels of the training rows, which X=None stands for.
    """

    accept_sparse = False
    target = "cluster"
    # what can be asked of each row, as arguments of forward and explain
    questions = ()

    def __init__(self, model, layers, n_jobs, meta, training_index=None):
        super().__init__(layers, n_jobs)
        self.model = copy(model)
        self.meta = meta
        self.training_index = training_index

    @property
    def game_layers(self):
        """The layers whose units are sums over features: coalitions are scored here."""
        return self.layers

    def __repr__(self):
        layers = ", ".join(type(layer).__name__ for layer in self.layers)
        return f"<{type(self).__name__} of {type(self.model).__name__}: {layers}>"

    def _validated(self, X):
        return validate_rows(self.model, X, accept_sparse=self.accept_sparse)

    def row_labels(self, X):
        """Labels of the rows X, or of the training rows for None."""
        return self.training_index if X is None else row_labels(X)

    def explanation(self, data, query, index=None):
        """Explain clean rows; `index` labels them."""
        # a copy: explanations do not change with the caller's array
        data = data.toarray() if hasattr(data, "toarray") else data.copy()
        return Explanation(
            **vars(self.propagate(data, query)),
            target=self.target if query.cluster is None else query.cluster,
            feature_names=self._feature_names(),
            data=data,
            index=index,
            meta={
                "model": type(self.model).__name__,
                "skneon_version": __version__,
                **self.meta,
            },
        )

    def _feature_names(self):
        d = self.model.n_features_in_
        default = [f"x{i}" for i in range(d)]
        return tuple(map(str, getattr(self.model, "feature_names_in_", default)))


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


def validate_rows(model, X, accept_sparse=False):
    """Rows as float64, checked as the fitted model itself checks them."""
    X = validate_data(
        model, X, reset=False, dtype=np.float64, accept_sparse=accept_sparse
    )
    check_magnitude(X)
    return X


def override(parameters, options, model):
    """Parameters of an estimator, some of them overridden by options."""
    unknown = sorted(set(options) - set(parameters))
    if unknown:
        raise TypeError(
            f"neuralize({type(model).__name__}) takes no {', '.join(unknown)}; it "
            f"takes {', '.join(parameters)}."
        )
    return parameters | options


def check_options(constraints, options, model):
    """Check options against scikit-learn's constraints, in its words."""
    validate_parameter_constraints(
        constraints, options, caller_name=f"neuralize({type(model).__name__})"
    )
