# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The door from a fitted model to its network."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import TYPE_CHECKING, Any, NoReturn

from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from skneon.neuralization._by_name import (
    found_by_name,
    is_named,
    known_of,
    named_packages,
    refusal_of,
)
from skneon.neuralization._dispatched import dispatched
from skneon.neuralization._neuralized import NeuralizedModel
from skneon.neuralization._way_out import way_out

if TYPE_CHECKING:
    from skneon.network import Rule


@dispatched
def neuralize(
    model: Any,
    *,
    target: str | None = None,
    rule: str | Rule | None = None,
    members: Any = None,
    groups: Any = None,
    X_train: Any = None,
    algorithm: str | None = None,
    rtol: float | None = None,
    n_jobs: int | None = None,
    verbose: int | bool | None = None,
    **options: Any,
) -> NeuralizedModel | Any:
    """Rewrite a fitted model, without retraining, as an equivalent neural network.

    A `functools.singledispatch` over the type of the model: ``neuralize.register``
    teaches it further models, and further transformers in front of them.

    Parameters
    ----------
    model : fitted estimator
        One of

        - density models: `NeonKDE`, `KernelDensity` (gaussian or exponential);
        - outlier detectors: `OneClassSVM` (rbf), `NearestNeighbors`,
          `LocalOutlierFactor` (novelty=True), `IsolationForest`, `SGDOneClassSVM`;
        - Gaussians: `EllipticEnvelope`, `EmpiricalCovariance`, `MinCovDet`,
          `ShrunkCovariance`, `LedoitWolf`, `OAS`, `GraphicalLasso`,
          `GraphicalLassoCV`; and, with a target or at the end of a Pipeline, `PCA` and
          `FactorAnalysis`;
        - mixtures: `GaussianMixture`, `BayesianGaussianMixture`;
        - clusterings: `NeonKMeans`, `KMeans`, `MiniBatchKMeans`, `BisectingKMeans`,
          `MeanShift`, `AffinityPropagation`, `Birch`, `NearestCentroid`, `DBSCAN`,
          `HDBSCAN` (also of the package hdbscan), `OPTICS`, `SpectralClustering` (rbf,
          nearest_neighbors), and with ``X_train`` `AgglomerativeClustering`;
        - detectors of PyOD, known by their names: doc/pyod.md lists them;
        - a `Pipeline` that ends in one of these, explained in terms of the columns that
          go into it;
        - `GridSearchCV` or another search, for its best estimator.

        Metrics are euclidean.
    target : str, default=None
        What to explain. For density models "outlier" (default) or "inlier"; for
        mixtures "cluster" (default), the log-odds of a component, or "outlier", minus
        the log density; for Gaussians "outlier"; for `NearestNeighbors`
        "mean_distance" (default), "kth_distance" or "mean_vector", the distance to the
        mean of the neighbours; squared, unless ``squared=False``. For `DBSCAN`,
        `HDBSCAN` and `OPTICS` "cluster" (default) or "outlier", the distance to the
        nearest row of a cluster; for `OPTICS` also "reachability". For
        `AgglomerativeClustering` "cluster" (default), or "merge", the heights at which
        the branches of its dendrogram merge. For `OneClassSVM` "outlier" (default) or
        "decision", its ``decision_function``. Other models have one: "component" for
        `KernelPCA`, "cluster" for clusterings and with `members`, else "outlier".
    rule : str or Rule, default=None
        How relevance is handed down: the name of a rule, which stands for the rule with
        its default settings, or a rule object such as ``Midpoint(beta=1.0)`` from
        `skneon.network`. None takes the default of the family, or what `NeonKDE` and
        `NeonKMeans` have as parameters; their `beta` also goes into named rules.

        - Outlierness of density models and `OneClassSVM`: "integrated" (default),
          "soft-argmin"; inlierness: "shapley" (default), "integrated", which is the
          default behind linear steps, "exact-inlier", "random-features", "uniform".
          Both, for activations of a network: "activation".
        - Clusterings: "shapley" (default), "interventional", "midpoint" (the default
          for more than 2000 columns), "w-square", "activation".
        - `SpectralClustering`: "integrated" (default), "shapley".
        - `AgglomerativeClustering`: "shapley" (default), "proportional".
        - Gaussians and mixtures: "shapley" (default), "integrated", "mean". Behind
          linear steps that drop directions only "mean", which is the default there.
        - `NearestNeighbors`: "proportional" (default), "shapley"; `DBSCAN`, `HDBSCAN`,
          `OPTICS`: "shapley" (default), "proportional".
        - `IsolationForest`: "shapley" (default), "split" (the default behind linear
          steps), "path", "interventional".
        - `SGDOneClassSVM`: "shapley" (default), "w-square", "interventional".
        - Distances that are not squared, of PyOD's `KNN`, `Sampling`, `CBLOF` and
          `PCA`: "shapley" (default but for `KNN`), "integrated".
    members : array-like of shape (N,), default=None
        For gaussian density models, the cluster of each training row by any clustering,
        -1 for noise. The evidence for these clusters is explained.
    groups : array-like of shape (N,) or "suspects", default=None
        For density models and `NearestNeighbors`, labels of training rows that go
        together, such as repeated measurements: whenever one is left out, all of its
        group are. "suspects", for density models: rows that stand out once up to four
        of the rows next to them are left out, too, are one group, and each other row is
        one by itself. So outliers do not mask one another: see :doc:`thresholds
        </thresholds>`.
    X_train : table of shape (N, d), default=None
        The rows that the model was fitted to. They are what X=None stands for, and
        their scores those beside which new rows have p-values. Taken by clusterings but
        `NeonKMeans`, where "interventional" needs and ``beta="auto"`` uses them; by
        `IsolationForest` and `SGDOneClassSVM`, where "interventional" needs them; by
        all others, some of which keep their rows, and by Pipelines with one of these.
        `HDBSCAN`, `OPTICS`, `SpectralClustering` and `AgglomerativeClustering` cannot
        do without: their networks consist of these rows.
    algorithm, rtol : default=None
        For density models, as in `NeonKDE`.
    n_jobs : int, default=None
        Threads. None: as the model has it, else one.
    verbose : int or bool, default=None
        For density models, as in `NeonKDE`.
    **options
        Of `AgglomerativeClustering`: ``evidence="insertion"`` (default) compares a row
        with the nodes of the dendrogram that it would join, ``"whole"`` with whole
        clusters. Those of models that others have registered.

    Returns
    -------
    network : NeuralizedModel
        With ``network``, ``layers``, ``forward(X)`` and ``explain(X)``. For a
        transformer, a layer.

    Raises
    ------
    TypeError
        For a model that is not known, an option that it does not take, and a step of a
        Pipeline through which columns cannot be traced.
    ValueError
        For a bad option, and a model whose parameters allow no network.
    NotFittedError
        For a model that is not fitted.

    See Also
    --------
    explain : Explains in one call.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.decomposition import PCA
    >>> from sklearn.neighbors import KernelDensity
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skneon import neuralize
    >>> X = load_wine().data
    >>> model = make_pipeline(StandardScaler(), PCA(5), KernelDensity()).fit(X)
    >>> network = neuralize(model)
    >>> [type(layer).__name__ for layer in network.layers]
    ['ColumnWise', 'LinearMap', 'SquaredDistance', 'LogMeanExp']
    >>> network.explain(X[:5])
    <Explanation of 'outlier': 5 rows, 13 features>

    The network computes what the model does:

    >>> import numpy as np
    >>> from sklearn.mixture import GaussianMixture
    >>> mixture = GaussianMixture(2, random_state=0).fit(X)
    >>> network = neuralize(mixture, target="outlier")
    >>> bool(np.allclose(network.forward(X), -mixture.score_samples(X)))
    True
    """
    if isinstance(model, type):
        raise TypeError(
            f"neuralize takes a fitted model, not a class: fit {model.__name__} first."
        )
    if _is_registered(type(model)):
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
        return neuralize(model, **{**given_ones(given), **options})
    _refuse_unknown(model)


def function_for(kind: type) -> Callable[..., Any]:
    """The function for a class, which is registered now if it is known by name."""
    unknown = neuralize.dispatch(object)
    found = found_by_name(kind)
    if found is not None and neuralize.dispatch(kind) is unknown:
        neuralize.register(*found)
    return neuralize.dispatch(kind)


def _is_registered(kind: type) -> bool:
    """Whether a class has a function of its own."""
    return function_for(kind) is not neuralize.dispatch(object)


def _refuse_unknown(model: Any) -> NoReturn:
    """Raise for a model without a network; the message says what to do."""
    name, why = type(model).__name__, refusal_of(type(model))
    if why is not None:
        raise TypeError(f"{name} has no network: {why}")
    for package in named_packages(type(model)):
        raise TypeError(
            f"No network is known for {name} of {package}; known are its "
            f"{', '.join(known_of(package))}. Fit one of them to the same rows and "
            "explain that, or teach neuralize.register the network of "
            f"{name} from layers of skneon.network: no surrogate is needed."
        )
    raise TypeError(
        f"No network is known for {name}; known are "
        f"{', '.join(_known_models())}. {_advice(model)}"
    )


def _known_models() -> list[str]:
    """Names of the models that are registered, without transformers.

    Those that are known by name are not among them, whether one has come or not.
    """
    return sorted(
        kind.__name__.replace("BaseSearchCV", "GridSearchCV")
        for kind in neuralize.registry
        if _is_model(kind) and not is_named(kind)
    )


def _is_model(kind: type) -> bool:
    """Whether instances are models, and not transformers alone."""
    predicts = ("kneighbors", "mahalanobis", "predict")
    scores = hasattr(kind, "score_samples") or hasattr(kind, "fit_predict")
    return any(hasattr(kind, method) for method in predicts) or (
        scores and not hasattr(kind, "transform")
    )


def _is_known(part: Any) -> bool:
    """Whether a part of a model is itself a fitted model with a network."""
    kind = type(part)
    if not _is_registered(kind) or not _is_model(kind):
        return False
    try:
        check_is_fitted(part)
    except NotFittedError:
        return False
    return True


def _advice(model: Any) -> str:
    """What to do about a model that is not known."""
    parts = getattr(model, "__dict__", {})
    inside = [name for name, part in parts.items() if _is_known(part)]
    if inside:
        kind = type(parts[inside[0]]).__name__
        return (
            f"It has a model inside that is known: explain(model.{inside[0]}, X) "
            f"explains the {kind}, in its own score."
        )
    return way_out(model)


def network_of(model: Any, options: dict[str, Any]) -> Any:
    """What `neuralize` gives, where what others have registered is as it must be.

    Parameters
    ----------
    model : fitted estimator
    options : dict

    Returns
    -------
    network : NeuralizedModel or PreprocessingLayer

    Raises
    ------
    TypeError
        For an option that the registered function does not take, and a function that
        returns neither a `NeuralizedModel` nor a layer.
    """
    function, name = function_for(type(model)), type(model).__name__
    parameters = [*signature(function).parameters.values()][1:]
    known = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
    unknown = sorted(set(options) - set(known))
    if unknown and len(known) == len(parameters):
        raise TypeError(
            f"neuralize({name}) takes no {', '.join(unknown)}; it takes "
            f"{', '.join(known) or 'no options'}."
        )
    network = neuralize(model, **options)
    if isinstance(network, NeuralizedModel) or hasattr(network, "wire"):
        return network
    raise TypeError(
        f"{function.__name__}, which is registered for {name}, returned {network!r}: "
        "it must return a NeuralizedModel, such as NeuralizedModel(model, network, "
        '"outlier"); or for a transformer a layer, such as ColumnWise.'
    )


def given_ones(options: dict[str, Any]) -> dict[str, Any]:
    """The options that are not None."""
    return {name: value for name, value in options.items() if value is not None}
