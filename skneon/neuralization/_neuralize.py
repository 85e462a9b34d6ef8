# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The doors: from a fitted model to its network, and to an explanation."""

from functools import singledispatch


@singledispatch
def neuralize(model, **options):
    """Rewrite a fitted model, without retraining, as an equivalent neural network.

    A `functools.singledispatch` over the type of the model: ``neuralize.register``
    teaches it further models, and further transformers in front of them.

    Parameters
    ----------
    model : fitted estimator
        One of

        - density models: `NeonKDE`, `KernelDensity` (gaussian or exponential);
        - outlier detectors: `OneClassSVM` (rbf), `EllipticEnvelope`,
          `NearestNeighbors`, `LocalOutlierFactor` (novelty=True);
        - mixtures: `GaussianMixture`, `BayesianGaussianMixture`;
        - clusterings: `NeonKMeans`, `KMeans`, `MiniBatchKMeans`, `BisectingKMeans`,
          `MeanShift`, `AffinityPropagation`, `Birch`, `NearestCentroid`;
        - a `Pipeline` that ends in one of these, explained in terms of the columns that
          go into it;
        - `GridSearchCV` or another search, for its best estimator.

        Metrics are euclidean.
    **options
        What to explain, and by which rules. A Pipeline and a search take the options of
        their model. Those that a model does not take are refused.

        - ``target``: for density models "outlier" (default) or "inlier"; for mixtures
          "cluster" (default), the log-odds of a component, or "outlier", minus the log
          density; for `NearestNeighbors` "mean_distance" (default) or "kth_distance",
          both squared.
        - ``rule``: for clusterings "shapley", "interventional", "midpoint" or
          "w-square"; for the log-odds of mixtures "shapley" or "integrated". By
          default "shapley".
        - ``beta``: for outlierness of density models and `OneClassSVM` "integrated"
          (default), "gamma" or a stiffness; for the rules "midpoint" and "w-square" a
          stiffness, or "auto" (default).
        - ``n_subsets``: accuracy of the rules "shapley" and "interventional" where
          there are too many features for all subsets; 16 by default.
        - ``epsilon``, ``inlier``, ``n_components``, ``random_state``: for density
          models, as in `NeonKDE`.
        - ``members``: for gaussian density models, the cluster of each training row by
          any clustering, -1 for noise. The evidence for these clusters is explained.
        - ``X_train``: the rows that the model was fitted to, where it does not keep
          them. They are what X=None stands for. Taken by the clusterings but
          `NeonKMeans`, where rule "interventional" needs and ``beta="auto"`` uses them;
          and by Pipelines whose model takes or keeps training rows.
        - ``n_jobs``: threads.

    Returns
    -------
    network : NeuralizedModel
        With ``layers``, ``forward(X)`` and ``explain(X)``. For a transformer, a layer.

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
    raise TypeError(
        f"No network is known for {type(model).__name__}; known are "
        f"{', '.join(_known_models())}. {_advice(model)}"
    )


def _known_models():
    """Names of the models that are registered, without transformers."""
    predicts = ("kneighbors", "predict")
    return sorted(
        kind.__name__.replace("BaseSearchCV", "GridSearchCV")
        for kind in neuralize.registry
        if any(hasattr(kind, method) for method in predicts)
        or (hasattr(kind, "score_samples") and not hasattr(kind, "transform"))
    )


def _advice(model):
    """What to do about a model that is not known."""
    if hasattr(model, "fit_predict") and not hasattr(model, "predict"):
        return (
            "A clustering of training rows alone is explained through a density: "
            "explain(KernelDensity().fit(X), members=model.labels_)."
        )
    return "Teach further models with neuralize.register."


def explain(model, X=None, **options):
    """Explain the predictions of a fitted model, feature by feature.

    Parameters
    ----------
    model : fitted estimator
        Any model that `neuralize` takes, a Pipeline among them.
    X : array-like or frame of shape (n, d), default=None
        Rows to explain, as the model takes them. None takes the training rows, where
        the model keeps them or ``X_train`` gives them; density models and neighbours
        leave each out of its own model.
    **options
        As in `neuralize`; and for clusterings, for the log-odds of mixtures and with
        ``members``

        - ``cluster``: the cluster to ask about, one or an array with one a row; by
          default that which the model assigns;
        - ``rival``: the one cluster to compare it with, likewise; by default all
          others compete.

        Clusters go by their numbers, or by their names where they have names: the
        classes of `NearestCentroid`, the labels in ``members``.

    Returns
    -------
    explanation : Explanation
        In terms of the columns of X, in their order.

    Raises
    ------
    TypeError
        As `neuralize`, and for ``cluster`` or ``rival`` where there are no clusters.
    ValueError
        As `neuralize`; for bad rows, unknown clusters, a rival that is the cluster
        itself, and None where the training rows are not kept.
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
    questions = ("cluster", "rival")
    asked = {name: options.pop(name) for name in questions if name in options}
    network = neuralize(model, **options)
    unknown = sorted(set(asked) - set(getattr(network, "questions", questions)))
    if not hasattr(network, "explain"):
        raise TypeError(
            f"{type(model).__name__} is a transformer and predicts nothing that could "
            "be explained: put it into a Pipeline in front of a model."
        )
    if unknown:
        raise TypeError(
            f"{type(model).__name__} has no clusters where the target is "
            f"{network.target!r}: it takes no {', '.join(unknown)}."
        )
    return network.explain(X, **asked)
