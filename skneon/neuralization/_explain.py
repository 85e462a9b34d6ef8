# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The door to an explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skneon.explanation import Explanation
from skneon.neuralization._in_sample import warn_in_sample
from skneon.neuralization._neuralize import given_ones, network_of
from skneon.neuralization._neuralized import NeuralizedModel

if TYPE_CHECKING:
    from skneon.network import Rule


def explain(
    model: Any,
    X: Any = None,
    *,
    target: str | None = None,
    rule: str | Rule | None = None,
    cluster: Any = None,
    rival: Any = None,
    leave_out: Any = None,
    groups: Any = None,
    members: Any = None,
    X_train: Any = None,
    algorithm: str | None = None,
    rtol: float | None = None,
    n_jobs: int | None = None,
    verbose: int | bool | None = None,
    **options: Any,
) -> Explanation:
    """Explain the predictions of a fitted model, feature by feature.

    Parameters
    ----------
    model : fitted estimator
        Any model that `neuralize` takes, a Pipeline among them.
    X : array-like or frame of shape (n, d), default=None
        Rows to explain, as the model takes them. None takes the training rows, where
        the model keeps them or ``X_train`` gives them; density models and neighbours
        leave each out of its own model.
    cluster : label or array-like of shape (n,), default=None
        For clusterings, log-odds of mixtures and with `members`: the cluster to ask
        about, one or an array with one per row; by default that which the model
        assigns. Clusters go by their numbers, or by their names where they have names:
        the classes of `NearestCentroid`, the labels in `members`. Noise of
        `DBSCAN`, `HDBSCAN` and `OPTICS` is -1.
    rival : label or array-like of shape (n,), default=None
        The one cluster to compare it with, likewise; by default all others compete.
    leave_out : int or array-like of int, shape (n,), default=None
        For density models, neighbours and with `members`: row k of X is explained
        by the model without training row ``leave_out[k]`` (and its group), -1 for the
        whole model. With X=None by default each training row's own.
    target, rule, groups, members, X_train, algorithm, rtol, n_jobs, verbose, **options
        As in `neuralize`.

    Returns
    -------
    explanation : Explanation
        In terms of the columns of X, in their order. With the `p_value` of new rows,
        for outlier scores, where the scores of the training rows are at hand:
        `NeonKDE`, `LocalOutlierFactor` and many detectors of PyOD keep them, for others
        X_train gives them.

    Warns
    -----
    InSampleWarning
        Where most rows of X are training rows of a density or among neighbours, and
        scores are others where each is left out.

    Raises
    ------
    TypeError
        As `neuralize`, and for a question that the model does not take.
    ValueError
        As `neuralize`; for bad rows, unknown clusters, a rival that is the cluster
        itself, training rows that do not exist, and None where the training rows are
        not kept.
    NotFittedError
        For a model that is not fitted.

    See Also
    --------
    neuralize : The network by itself, for several explanations of one model.

    Examples
    --------
    >>> from sklearn.cluster import KMeans
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skneon import explain
    >>> iris = load_iris()
    >>> kmeans = KMeans(3, random_state=0, n_init=10)
    >>> model = make_pipeline(StandardScaler(), kmeans).fit(iris.data)
    >>> explanation = explain(model, iris.data)
    >>> explanation
    <Explanation of cluster: 150 rows, 4 features>
    >>> bool((explanation.target == kmeans.labels_).all())
    True
    >>> explain(model, iris.data[:1], cluster=0, rival=1, rule="midpoint")
    <Explanation of cluster: 1 row, 4 features>

    Each training row against a density without it, and clusters by their members:

    >>> from sklearn.cluster import AgglomerativeClustering
    >>> from sklearn.neighbors import KernelDensity
    >>> density = KernelDensity(bandwidth=0.5).fit(iris.data)
    >>> explain(density)
    <Explanation of 'outlier': 150 rows, 4 features>
    >>> labels = AgglomerativeClustering(3).fit(iris.data).labels_
    >>> explain(density, members=labels)
    <Explanation of cluster: 150 rows, 4 features>
    """
    given = {
        "target": target,
        "rule": rule,
        "groups": groups,
        "members": members,
        "X_train": X_train,
        "algorithm": algorithm,
        "rtol": rtol,
        "n_jobs": n_jobs,
        "verbose": verbose,
    }
    network = network_of(model, {**given_ones(given), **options})
    if not isinstance(network, NeuralizedModel):
        also = ""
        if hasattr(model, "score_samples"):
            also = ', or explain its own score by target="outlier"'
        raise TypeError(
            f"{type(model).__name__} is a transformer and predicts nothing that could "
            f"be explained: put it into a Pipeline in front of a model{also}."
        )
    questions = {"cluster": cluster, "rival": rival, "leave_out": leave_out}
    asked = given_ones(questions)
    explanation: Explanation = network.explain(X, **asked)
    warn_in_sample(network, X, asked)
    return explanation
