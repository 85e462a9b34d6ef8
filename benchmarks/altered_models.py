# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Models whose altered cells are looked for, and the ways to explain them."""

import warnings
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from sklearn.base import clone
from sklearn.covariance import EllipticEnvelope, EmpiricalCovariance
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.svm import OneClassSVM

from skneon import NeonKDE, NeonKMeans, neuralize
from skneon.network import Shapley
from skneon.network.numerics._gaussian_orders import gaussian_order_forms
from skneon.network.numerics._orders import balanced_orders
from skneon.network.rules._registry import RULES

SQUARED_Z = "squared z-score"
KMEANS = "NeonKMeans"
LAST_IN = "last column in"
# from this number on 13 columns are taken by all their subsets
EXACT = Shapley(n_subsets=19)
GAUSSIAN_RULES = ("shapley", "integrated", "mean")


@dataclass(frozen=True)
class Model:
    """An estimator, and how its score is explained.

    Parameters
    ----------
    estimator : estimator
    target : str or None
        None for the only one of a model.
    rules : dict of str to (str, Rule or None)
        By their labels; None is a model's only rule.
    sign : {1, -1}
        -1 where an altered cell has the least relevance.
    others : dict of str to callable
        Further methods: functions of the fitted estimator and the rows.
    compared : tuple of (str, str)
        Pairs of methods to compare in words.
    """

    estimator: object
    target: str | None
    rules: dict
    sign: int = 1
    others: dict = field(default_factory=dict)
    compared: tuple = ()

    def fitted(self, train):
        """The estimator, fitted."""
        with warnings.catch_warnings():
            # EllipticEnvelope says that determinants grow, which does not matter here
            warnings.simplefilter("ignore")
            return clone(self.estimator).fit(train)

    def score(self, fitted, X):
        """The score of rows, (n,)."""
        return neuralize(fitted, **self.options()).forward(X)

    def options(self):
        """The target, where a model has several."""
        return {} if self.target is None else {"target": self.target}

    def methods(self, fitted):
        """By label: a function from rows to evidence that a column was altered."""
        own = {
            label: partial(self.relevance, fitted, rule)
            for label, rule in self.rules.items()
        }
        return own | {name: partial(f, fitted) for name, f in self.others.items()}

    def relevance(self, fitted, rule, X):
        """Relevance of a rule, by which an altered column has the most."""
        options = {} if rule is None else {"rule": rule}
        network = neuralize(fitted, **self.options(), **options)
        return self.sign * network.explain(X).relevance


class Clusters(Model):
    """Clusters: the score of rows is one for each cluster."""

    def score(self, fitted, X):
        """Evidence for each cluster, (n, K)."""
        network = neuralize(fitted)
        clusters = range(len(fitted.cluster_centers_))
        return np.stack([network.forward(X, cluster=c) for c in clusters], axis=1)


def named(*rules):
    """Rules by their names."""
    return {rule: rule for rule in rules}


def inlier_rules():
    """All rules for inlierness but those that leave the sum behind."""
    explains = {name for name, rule in RULES.items() if "inlier" in rule.explains}
    return named(*sorted(explains - {"activation"}))


def last_column_in(model, X):
    """Squared z-scores given all other columns."""
    z = X - model.location_
    return (z @ model.precision_) ** 2 / np.diag(model.precision_)


def few_orders(model, X):
    """Shapley values from 2 d orders."""
    orders = balanced_orders(X.shape[1], 2 * X.shape[1])
    forms = gaussian_order_forms(model.covariance_, orders)
    return forms.shares(X - model.location_)


AGAINST_MEAN = (("shapley", "mean"), ("integrated", "mean"))
MODELS = {
    "EmpiricalCovariance": Model(
        EmpiricalCovariance(),
        "outlier",
        named(*GAUSSIAN_RULES) | {"all subsets": EXACT},
        others={"2d orders": few_orders, LAST_IN: last_column_in},
        compared=(*AGAINST_MEAN, ("shapley", SQUARED_Z), ("shapley", LAST_IN)),
    ),
    "EllipticEnvelope": Model(
        EllipticEnvelope(random_state=0),
        "outlier",
        named(*GAUSSIAN_RULES),
        others={LAST_IN: last_column_in},
        compared=AGAINST_MEAN,
    ),
    "PCA(0.9)": Model(
        PCA(0.9), "outlier", named(*GAUSSIAN_RULES), compared=AGAINST_MEAN
    ),
    "GaussianMixture": Model(
        GaussianMixture(3, reg_covar=1e-2, random_state=0),
        "outlier",
        named(*GAUSSIAN_RULES),
        compared=AGAINST_MEAN,
    ),
    "NeonKDE, outlier": Model(
        NeonKDE(),
        "outlier",
        named("integrated", "soft-argmin"),
        compared=(("integrated", SQUARED_Z),),
    ),
    "NeonKDE, inlier": Model(NeonKDE(), "inlier", inlier_rules(), sign=-1),
    "OneClassSVM": Model(OneClassSVM(), None, named("integrated", "soft-argmin")),
    "NearestNeighbors": Model(
        NearestNeighbors(), "mean_distance", {"proportional": None}
    ),
    "LocalOutlierFactor": Model(
        LocalOutlierFactor(novelty=True), None, {"proportional": None}
    ),
}
CLUSTERS = Clusters(
    NeonKMeans(3, n_init=10, random_state=0),
    None,
    named("shapley", "interventional", "midpoint", "w-square"),
)
