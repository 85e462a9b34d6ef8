# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The doors: from a fitted model to its network, and to an explanation."""

from functools import singledispatch


@singledispatch
def neuralize(model, **options):
    """Rewrite a fitted model, without retraining, as an equivalent neural network.

    A `functools.singledispatch` over the type of the model: ``neuralize.register``
    teaches it further models.

    Parameters
    ----------
    model : fitted estimator
        `NeonKDE`, `NeonKMeans`, or scikit-learn's `KernelDensity` (gaussian,
        euclidean) or `KMeans`.
    **options
        What to explain, and by which rules. For density models ``target`` ("outlier"
        or "inlier"), ``beta``, ``epsilon``, ``inlier``, ``n_components``,
        ``random_state``, ``n_jobs``; for k-means ``rule``, ``beta``, ``n_subsets``,
        ``n_jobs`` and, for scikit-learn's `KMeans`, ``X_train``. The names mean what
        they mean in `NeonKDE` and `NeonKMeans`, from which the defaults come too.

    Returns
    -------
    network : Network
        With ``layers``, ``forward(X)`` and ``explain(X)``.

    Raises
    ------
    TypeError
        For a model that is not known.
    NotFittedError
        For a model that is not fitted.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.neighbors import KernelDensity
    >>> from sklearn.preprocessing import scale
    >>> from skneon import neuralize
    >>> X = scale(load_wine().data)
    >>> network = neuralize(KernelDensity(bandwidth=2.0).fit(X))
    >>> [type(layer).__name__ for layer in network.layers]
    ['SquaredDistance', 'LogMeanExp']
    >>> network.explain(X[:5])
    <Explanation of 'outlier': 5 rows, 13 features>
    """
    if isinstance(model, type):
        raise TypeError(
            f"neuralize takes a fitted model, not a class: fit {model.__name__} first."
        )
    predicts = ("kneighbors", "predict", "score_samples")
    known = sorted(
        kind.__name__
        for kind in neuralize.registry
        if any(hasattr(kind, method) for method in predicts)
    )
    raise TypeError(
        f"No network is known for {type(model).__name__}; known are "
        f"{', '.join(known)}. Teach further models with neuralize.register."
    )


def explain(model, X=None, **options):
    """Explain the predictions of a fitted model, feature by feature.

    Parameters
    ----------
    model : fitted estimator
        Any model that `neuralize` takes.
    X : array-like of shape (n, d), default=None
        Rows to explain. None takes the training rows, where the model keeps them
        (`KMeans` does not); for density models each is left out of its own model.
    **options
        As in `neuralize`; for k-means also ``cluster`` and ``rival``, as in
        `NeonKMeans.explain`.

    Returns
    -------
    explanation : Explanation

    Raises
    ------
    TypeError
        For a model that is not known, or an option that it does not take.
    ValueError
        For bad rows or options, and None where the training rows are not kept.
    NotFittedError
        For a model that is not fitted.

    Examples
    --------
    >>> from sklearn.cluster import KMeans
    >>> from sklearn.datasets import load_iris
    >>> from skneon import explain
    >>> iris = load_iris()
    >>> kmeans = KMeans(3, random_state=0, n_init=10).fit(iris.data)
    >>> explanation = explain(kmeans, iris.data, rule="w-square")
    >>> explanation
    <Explanation of cluster: 150 rows, 4 features>
    >>> bool((explanation.target == kmeans.labels_).all())
    True
    """
    questions = ("cluster", "rival")
    asked = {name: options.pop(name) for name in questions if name in options}
    network = neuralize(model, **options)
    unknown = sorted(set(asked) - set(getattr(network, "questions", questions)))
    if unknown:
        raise TypeError(
            f"{type(model).__name__} has no clusters: it takes no {', '.join(unknown)}."
        )
    return network.explain(X, **asked)
