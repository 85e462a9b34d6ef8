# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""K-means whose cluster assignments can be explained."""

from numbers import Real
from typing import Any, Self

import numpy as np
from sklearn.cluster import KMeans
from sklearn.utils.validation import check_is_fitted, validate_data

from skneon._compat import (
    DocumentationLink,
    Interval,
    StrOptions,
    check_sample_weight,
    fit_context,
)
from skneon._labels import Labels
from skneon._named_cells import named_cells
from skneon._validation import check_magnitude, unchanged_on_failure
from skneon.explanation import Explanation
from skneon.network import CentroidPairs, Min, Network, Rule, Shapley
from skneon.network.numerics._types import Array, Table
from skneon.neuralization import neuralize
from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._neuralized import TrainingRows
from skneon.neuralization._options import chosen_rule, refuse_unknown, with_beta
from skneon.neuralization.models._centroids import (
    ClusterOptions,
    NeuralizedCentroids,
    auto_beta,
    background_rows,
    bound_rule,
    mean_evidence,
)


class NeonKMeans(DocumentationLink, KMeans):
    r"""K-means with explanations of cluster membership.

    All that `sklearn.cluster.KMeans` is, plus the evidence for a cluster c,

    .. math:: f_c(x) = \min_{k \ne c} \|x - \mu_k\|^2 - \|x - \mu_c\|^2,

    positive where x is assigned to c, negative elsewhere, and its contributions by
    feature. (Chapter #4.)

    Parameters
    ----------
    n_clusters : int, default=8
    rule : str or Rule, default="shapley"
        How the evidence is shared among the features: a name stands for the rule with
        its default settings, into which `beta` goes; an object from `skneon.network`
        carries its settings. "shapley": what a feature adds to the evidence, averaged
        over all orders of the features; signed.
        "interventional": the same, where features left out take values of the training
        rows: what sets the row apart from an average row; it leaves the evidence of
        such a row as the residual, and takes up to hundreds of times as long.
        "midpoint" (Kauffmann et al. 2019): by the signed contrasts with the rivals,
        each weighted by a soft argmin. "w-square" (the chapter): by the squared
        differences of the centroids, likewise weighted; all of one sign.
        "activation" (chapter A.3): for rows that are activations of another network,
        not negative, whose relevance is to be propagated further; inactive ones get
        exactly 0, and what activations cannot carry is the residual.
    beta : float or "auto", default="auto"
        Stiffness of the soft argmin that shares the evidence among the rivals, in
        units of one over the squared data: 0 counts all rivals alike, a large value the
        nearest alone. "auto" is 1 / E[f_c] over the training rows. It goes into rules
        that are given by name; the Shapley rules have none.
    init, n_init, max_iter, tol, verbose, random_state, copy_x, algorithm
        As in `sklearn.cluster.KMeans`.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features)
    labels_ : ndarray of shape (n_samples,)
    inertia_ : float
    n_iter_ : int
    mean_evidence_ : float
        E[f_c], the weighted mean over the training rows; inf for a single cluster.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where the rows came as a DataFrame.

    See Also
    --------
    sklearn.cluster.KMeans : The same clustering.
    NeonKDE : The same for outliers and inliers.

    Notes
    -----
    Explanations are float64 work whatever the rows are.
    The training rows are kept for ``X=None``, by reference where their type allows.
    With a single cluster nothing competes: evidence is +inf, and relevance 0.
    The objective of k-means often has many local optima that are nearly as good and
    tell other stories: look at several `random_state` before you tell one.

    References
    ----------
    Montavon, Kauffmann, Samek, Müller: Explaining the Predictions of Unsupervised
    Learning Models. xxAI - Beyond Explainable AI, LNCS 13200, 2022.
    Kauffmann, Esders, Montavon, Samek, Müller: From Clustering to Cluster Explanations
    via Neural Networks. arXiv 1906.07633, 2019.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skneon import NeonKMeans
    >>> iris = load_iris(as_frame=True)
    >>> kmeans = NeonKMeans(3, random_state=0, n_init=10).fit(iris.data)
    >>> part = kmeans.explain()[0].top(1)[0][0]
    >>> print(f"{part.feature}: {part.share:.0%} of the evidence")
    petal length (cm): 77% of the evidence
    """

    _parameter_constraints: dict[str, Any] = {
        **KMeans._parameter_constraints,
        "rule": [str, Rule],
        "beta": [Interval(Real, 0, None, closed="left"), StrOptions({"auto"})],
    }

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        rule: str | Rule = "shapley",
        beta: float | str = "auto",
        init: Any = "k-means++",
        n_init: int | str = "auto",
        max_iter: int = 300,
        tol: float = 1e-4,
        verbose: int = 0,
        random_state: Any = None,
        copy_x: bool = True,
        algorithm: str = "lloyd",
    ) -> None:
        super().__init__(
            n_clusters=n_clusters,
            init=init,
            n_init=n_init,
            max_iter=max_iter,
            tol=tol,
            verbose=verbose,
            random_state=random_state,
            copy_x=copy_x,
            algorithm=algorithm,
        )
        self.rule = rule
        self.beta = beta

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Table, y: Any = None, sample_weight: Any = None) -> Self:
        """Find the clusters, and the mean evidence of the training rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        self : NeonKMeans

        Raises
        ------
        ValueError
            For a bad parameter, rows that are not finite or of magnitudes above 1e140,
            or fewer rows than clusters. The estimator stays as it was.
        """
        with unchanged_on_failure(self):
            self._labels = Labels.of(X).plain()
            with named_cells(X):
                rows = validate_data(self, X, accept_sparse="csr", dtype=np.float64)
            check_magnitude(rows)
            chosen_rule(self.rule, Shapley(), "cluster", "the evidence of clusters")
            super().fit(X, sample_weight=sample_weight)
            weights = check_sample_weight(sample_weight, rows)
            centroids = np.asarray(self.cluster_centers_, dtype=float)
            units = CentroidPairs(centroids)
            self.mean_evidence_ = mean_evidence(units, rows, self.labels_, weights)
            self._fit_X = rows
        return self

    def evidence(self, X: Table = None, cluster: Any = None) -> Array:
        """Evidence f_c(x) for a cluster, in squared units of the data.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, n_features), default=None
            None: the training rows.
        cluster : int or array-like of int, shape (n,), default=None
            None: the cluster that the row is assigned to.

        Returns
        -------
        evidence : ndarray of shape (n,)
            Not negative for the assigned cluster; +inf where there is but one.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            For bad rows, and for a number that is no cluster.
        """
        return neuralize(self).forward(X, cluster=cluster)

    def explain(
        self,
        X: Table = None,
        cluster: Any = None,
        rival: Any = None,
        rule: str | Rule | None = None,
    ) -> Explanation:
        """Split the evidence for a cluster into contributions of the features.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, n_features), default=None
            None: the training rows.
        cluster : int or array-like of int, shape (n,), default=None
            None: the cluster that the row is assigned to.
        rival : int or array-like of int, shape (n,), default=None
            Why c and not this one. None: all other clusters compete.
        rule : str or Rule, default=None
            One to take in the place of the parameter `rule`.

        Returns
        -------
        explanation : Explanation
            Its `target` holds the clusters, its `compared_with` the centroid of the
            strongest rival.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            For bad rows, a number that is no cluster, a rival that is the cluster, or
            an unknown rule.

        Examples
        --------
        >>> import numpy as np
        >>> from skneon import NeonKMeans
        >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [4.0, 0.0], [4.0, 1.0]])
        >>> kmeans = NeonKMeans(2, random_state=0, n_init=10).fit(X)
        >>> kmeans.explain([[0.0, 9.0]]).relevance
        array([[16.,  0.]])
        """
        options: dict[str, Any] = {} if rule is None else {"rule": rule}
        network = neuralize(self, **options)
        return network.explain(X, cluster=cluster, rival=rival)


@neuralize.register
def neuralize_neon_kmeans(model: NeonKMeans, **options: Any) -> NeuralizedClusters:
    """The network of a fitted `NeonKMeans`; options override its parameters."""
    check_is_fitted(model)
    refuse_unknown(model, options, ("target", "rule", "n_jobs"))
    chosen = ClusterOptions.of(model, options, rule=model.rule)
    units = CentroidPairs(np.array(model.cluster_centers_, dtype=float))
    training = TrainingRows(
        model._fit_X, Labels.from_plain(model._labels), model.labels_
    )
    rule = bound_rule(
        with_beta(chosen.rule, model.beta, "auto"),
        lambda: auto_beta(model.mean_evidence_),
        lambda: background_rows(model, training),
    )
    network = Network(units, Min(), rule, n_jobs=chosen.n_jobs)
    return NeuralizedCentroids(model, network, units.n_clusters, training=training)
