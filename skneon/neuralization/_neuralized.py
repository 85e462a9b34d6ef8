# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the networks of all fitted models share: the door for rows."""

import numpy as np
from sklearn.utils.validation import validate_data

from skneon._compat import validate_parameter_constraints
from skneon._explanation import Explanation
from skneon._validation import check_magnitude
from skneon._version import __version__
from skneon.network import Network


class NeuralizedModel(Network):
    """A network that remembers the fitted model it is equivalent to.

    Parameters
    ----------
    model : fitted estimator
        Rows are validated as this model validates them.
    layers : list of layers
    n_units : int
    n_jobs : int or None
    meta : dict
        How the network was made, for `Explanation.meta`.
    """

    accept_sparse = False
    target = "cluster"

    def __init__(self, model, layers, n_units, n_jobs, meta):
        super().__init__(layers, n_units, n_jobs)
        self.model = model
        self.meta = meta

    @property
    def game_layers(self):
        """The layers whose units are sums over features: coalitions are scored here."""
        return self.layers

    def __repr__(self):
        layers = ", ".join(type(layer).__name__ for layer in self.layers)
        return f"<{type(self).__name__} of {type(self.model).__name__}: {layers}>"

    def _validated(self, X):
        return validate_rows(self.model, X, accept_sparse=self.accept_sparse)

    def explanation(self, X, data, query):
        """Explain the clean rows `data` of the input `X` (None: training rows)."""
        propagation = self.propagate(data, query)
        index = row_labels(X) if X is not None else getattr(self.model, "_index", None)
        return Explanation(
            **vars(propagation),
            target=self.target if query.cluster is None else query.cluster,
            feature_names=self._feature_names(),
            data=data.toarray() if hasattr(data, "toarray") else data,
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
