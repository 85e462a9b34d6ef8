# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Kernel density estimation whose outlier and inlier scores can be explained."""

from dataclasses import replace
from numbers import Real
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.neighbors import KernelDensity
from sklearn.utils.validation import check_is_fitted, validate_data

from skneon._bandwidth import GAMMAS, kernel_coefficient
from skneon._compat import DocumentationLink, Interval, StrOptions, fit_context
from skneon._kde_scale import TrainingScale
from skneon._labels import Labels
from skneon._named_cells import named_cells
from skneon._validation import check_magnitude, unchanged_on_failure
from skneon._weighted import unit_weights
from skneon.explanation import Explanation
from skneon.network import IntegratedSoftArgmin, Rule, Search, SoftArgmin
from skneon.network.numerics._types import Array, Table
from skneon.neuralization import neuralize
from skneon.neuralization._in_sample import warn_in_sample
from skneon.neuralization._neuralized import NeuralizedModel
from skneon.neuralization._options import chosen_rule, explains, with_beta
from skneon.neuralization.models._kernel_clusters import kernel_clusters
from skneon.neuralization.models._kernel_density import (
    DensityOptions,
    NeuralizedKernelDensity,
    working_precision,
)
from skneon.neuralization.models._kernel_points import KernelPoints

# parameters that are options of `neuralize` as they are
OF_THE_NETWORK = ("rule", "algorithm", "rtol", "n_jobs", "verbose")


class NeonKDE(TrainingScale, DocumentationLink, OutlierMixin, BaseEstimator):
    r"""Gaussian kernel density estimate with outlier and inlier explanations.

    Fitted to rows :math:`u_k` with weights :math:`\pi_k`, the model knows for a row x

    .. math:: \text{inlierness}\quad & i(x) = \sum_k \pi_k e^{-\gamma \|x - u_k\|^2}, \\
              \text{outlierness}\quad & o(x) = -\tfrac1\gamma \log i(x),

    and `explain` splits either into contributions of the features. Outlierness is a
    squared distance, softly that to the nearest support points: it goes on growing
    where the density has long vanished. (Chapter #3.)

    Parameters
    ----------
    gamma : float or str, default="scale"
        Kernel coefficient, 1 / (2 bandwidth^2) of `KernelDensity`, in units of one over
        the squared data. "scale" is 1 over the sum of the columns' variances (for
        standardised columns 1 / n_features), or 1 where that is not finite, as for
        constant columns. "likelihood" is that by which the training rows are likeliest,
        each left out with those that equal it: stiffer, and better at telling unusual
        rows from others; of more than 1000 distinct rows 1000 are drawn, the same at
        every fit. "scott" and "silverman" are those of `KernelDensity`, for
        standardised data, with Kish's effective sample size for weighted rows.
        "nearest" is 1 over the median squared distance of a row to the nearest other
        that differs from it, a good scale for activations of a network.
    beta : float or {"gamma", "integrated"}, default="integrated"
        Stiffness of the soft argmin that shares outlierness among the support points,
        in units of one over the squared data; where `rule` is None, and in rules given
        by name. "integrated": integrated from stiffness 0 to gamma, the Aumann-Shapley
        value of the score: what sets the row apart from everybody. "gamma", the choice
        in the chapter's experiments: what sets it apart from its nearest neighbours.
    rule : str, Rule or None, default=None
        How relevance is handed down: the name of a rule, or a rule object from
        `skneon.network` with settings of its own. For outlierness "integrated",
        "soft-argmin", "activation"; for inlierness "shapley", "integrated",
        "exact-inlier", "random-features", "uniform", "activation". None, and a rule for
        the other of the two, take soft argmin by `beta` for outlierness and "shapley"
        for inlierness ("integrated" behind linear steps, where that is not defined).
    contamination : float, default=0.1
        Share of the training rows that `predict` calls outliers, in (0, 0.5].
    algorithm : {"auto", "brute", "kd_tree", "ball_tree"}, default="auto"
        How support points are found where `rtol` lets some be dropped: by a tree of
        scikit-learn's, or all; "auto" takes a kd_tree where it is likely to pay.
    rtol : float, default=0
        Share of a row's kernel sum that may be dropped, in [0, 1); 0 is exact. Bounds
        of the tree's boxes certify it: outlierness errs by at most -log(1 - rtol) /
        gamma, and each relevance under soft argmin by that and rtol times the
        outlierness. With small bandwidths and many rows a small rtol saves nearly all
        the time. What is dropped depends on which rows are asked about together, never
        on chunks or threads. Scores and soft argmin use it; "integrated" and inlier
        explanations take all points, since far ones count there.
    n_jobs : int or None, default=None
        Number of threads for scores and explanations; or of workers of the backend
        that joblib's ``parallel_config`` names (dask, loky, ...).
    verbose : int or bool, default=0
        Whether to show how many rows are done, by tqdm's bar where it is installed.

    Attributes
    ----------
    gamma_ : float
        Kernel coefficient.
    support_points_ : ndarray of shape (n_samples, n_features)
        The training rows. Those of float32 stay so, unless values are above 1e12 or
        gamma is not within 1e-10 and 1e10: scores and explanations by "integrated",
        "soft-argmin" and "exact-inlier" are float32 then, good to about five digits.
    weights_ : ndarray of shape (n_samples,)
        Their weights, with the sum 1.
    outlierness_ : ndarray of shape (n_samples,), or None
        That of the training rows, each left out of its own model; None for one row.
    offset_ : float
        Log density below which a row is an outlier.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns, where the rows came as a DataFrame.

    See Also
    --------
    sklearn.neighbors.KernelDensity : The same density, by trees, with other kernels.
    NeonKMeans : The same for cluster membership.
    neuralize : The network of a model that is already fitted.

    Notes
    -----
    A training row is its own nearest neighbour, which hides what sets it apart.
    Every query method therefore takes ``X=None`` for the training rows, each left
    out of its own model, as `sklearn.neighbors.NearestNeighbors.kneighbors` does.
    `offset_` refers to the training rows scored as new rows are, self included.

    Before `fit` all other methods raise NotFittedError. Query methods raise ValueError
    for rows that are not finite, not of `n_features_in_` columns or of magnitudes above
    1e140, and for None where fewer than two training rows have a weight.

    By "likelihood" gamma maximises the mean log density of the rows x_i,

    .. math:: \frac{d}{2} \log\frac{\gamma}{\pi} + \sum_i \pi_i \log
              \sum_{j: x_j \ne x_i} \pi_j e^{-\gamma \|x_i - x_j\|^2} + \text{const},

    where d is the mean number of columns in which a row differs from its nearest other
    one: all that are continuous (maximum likelihood cross-validation). A row that
    equals others is left out with them, without which a discrete table would be
    likelier the larger gamma is; so are rows nearer than 1e-7 of the spread (1e-5 in
    float32), which steps may have rounded apart. The best gamma is then
    between d / 2 over the mean squared distance and d / 2 over the mean of that to the
    nearest row.

    References
    ----------
    Habbema, Hermans, van den Broek: A stepwise discriminant analysis program using
    density estimation. COMPSTAT 1974. Duin: On the choice of smoothing parameters for
    Parzen estimators of probability density functions. IEEE Transactions on Computers
    C-25, 1976. ("likelihood".)

    Montavon, Kauffmann, Samek, Müller: Explaining the Predictions of Unsupervised
    Learning Models. xxAI - Beyond Explainable AI, LNCS 13200, 2022. ("The chapter".)

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skneon import NeonKDE
    >>> wine = load_wine(as_frame=True)
    >>> X = StandardScaler().set_output(transform="pandas").fit_transform(wine.data)
    >>> explanation = NeonKDE().fit(X).explain()
    >>> for part in explanation[explanation.score.argmax()].top(2)[0]:
    ...     print(f"{part.feature}: {part.share:.0%} of the outlierness")
    ash: 21% of the outlierness
    flavanoids: 20% of the outlierness
    """

    _parameter_constraints: dict[str, Any] = {
        "gamma": [Interval(Real, 0, None, closed="neither"), StrOptions(GAMMAS)],
        "beta": [
            Interval(Real, 0, None, closed="left"),
            StrOptions({"gamma", "integrated"}),
        ],
        **{name: DensityOptions.constraints[name] for name in OF_THE_NETWORK},
        "contamination": [Interval(Real, 0, 0.5, closed="right")],
    }

    def __init__(
        self,
        gamma: float | str = "scale",
        beta: float | str = "integrated",
        rule: str | Rule | None = None,
        contamination: float = 0.1,
        algorithm: str = "auto",
        rtol: float = 0.0,
        n_jobs: int | None = None,
        verbose: int | bool = 0,
    ) -> None:
        self.gamma = gamma
        self.beta = beta
        self.rule = rule
        self.contamination = contamination
        self.algorithm = algorithm
        self.rtol = rtol
        self.n_jobs = n_jobs
        self.verbose = verbose

    def __getstate__(self) -> dict[str, Any]:
        """Without what is quick to build again, as trees are."""
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_search"}

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Table, y: Any = None, sample_weight: Any = None) -> Self:
        """Keep the rows as support points, and set the scale and the threshold.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite; magnitudes up to 1e140.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            Not negative. A row of weight 0 is no support point.

        Returns
        -------
        self : NeonKDE

        Raises
        ------
        ValueError
            For a bad parameter, rows that are not finite or of magnitudes above 1e140,
            and weights that are negative or sum to 0. The estimator stays as it was.
        """
        with unchanged_on_failure(self):
            if not explains(self.rule, "inlier"):
                chosen_rule(self.rule, IntegratedSoftArgmin(), "outlier", "a density")
            self._labels = Labels.of(X).plain()
            dtypes = [np.float64, np.float32]
            with named_cells(X):
                X = validate_data(self, X, dtype=dtypes, order="C", copy=True)
            check_magnitude(X)
            self.weights_ = unit_weights(sample_weight, X)
            self.gamma_ = kernel_coefficient(self.gamma, X, self.weights_)
            self.support_points_ = X = working_precision(X, self.gamma_)
            self._search = Search(self.algorithm, self.rtol)
            self._score_training_rows()
        return self

    def _scorer(self) -> NeuralizedModel:
        """The network of outlierness, whatever explains it."""
        return neuralize(self, target="outlier", rule="integrated")

    def outlierness(self, X: Table = None) -> Array:
        r"""Outlierness o(x) = -(1/gamma) log i(x) of each row.

        Parameters
        ----------
        X : array-like of shape (n, n_features), default=None
            None: the training rows, each left out of its own model.

        Returns
        -------
        outlierness : ndarray of shape (n,)
            In squared units of the data; never below the smallest squared distance to
            a support point, never above their mean.
        """
        return self._scorer().forward(X)

    def inlierness(self, X: Table = None) -> Array:
        """Inlierness i(x), the mean of the kernel over the support points.

        Parameters
        ----------
        X : array-like of shape (n, n_features), default=None (the training rows)

        Returns
        -------
        inlierness : ndarray of shape (n,)
            Between 0 and 1; exact whatever the rule that explains it.
        """
        outlierness = self.outlierness(X)
        return np.exp(-self.gamma_ * outlierness)

    def score_samples(self, X: Table = None) -> Array:
        """Log density of each row, that of `KernelDensity`.

        The sum is taken directly. `KernelDensity` adds and subtracts bounds of its
        tree's nodes, which costs digits for rows far from all support points.

        Parameters
        ----------
        X : array-like of shape (n, n_features), default=None (the training rows)

        Returns
        -------
        log_density : ndarray of shape (n,)
        """
        return self._log_density(self.outlierness(X))

    def score(self, X: Table = None, y: Any = None) -> float:
        """Mean log density of the rows: what GridSearchCV maximises over gamma.

        Parameters
        ----------
        X : array-like of shape (n, n_features), default=None (the training rows)
        y : None
            Ignored.

        Returns
        -------
        score : float
        """
        return float(np.mean(self.score_samples(X)))

    def explain(
        self, X: Table = None, target: str = "outlier", rule: str | Rule | None = None
    ) -> Explanation:
        """Split outlierness or inlierness into contributions of the features.

        Parameters
        ----------
        X : array-like of shape (n, n_features), default=None (the training rows)
        target : {"outlier", "inlier"}, default="outlier"
        rule : str or Rule, default=None
            One to take in the place of the parameter `rule`. "activation" is for rows
            that are activations of another network, not negative, whose relevance is to
            be propagated further: inactive ones get exactly 0, and what activations
            cannot carry is the residual (chapter A.1, A.2).

        Returns
        -------
        explanation : Explanation
            Its `compared_with` is a mean of the support points: for outliers weighted
            as the rule weighs them, for inliers by their shares of the kernel sum.
            Outlier relevances are not negative, but by rule "activation".

        Raises
        ------
        ValueError
            As all query methods; for a bad `target` or rule, and activations below 0.

        Examples
        --------
        >>> from skneon import NeonKDE
        >>> kde = NeonKDE(gamma=1.0).fit([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> explanation = kde.explain([[0.0, 3.0]])
        >>> explanation.relevance.round(3)
        array([[0.089, 5.001]])
        """
        options: dict[str, Any] = {} if rule is None else {"rule": rule}
        network = neuralize(self, target=target, **options)
        explanation = network.explain(X)
        warn_in_sample(network, X, {})
        return explanation

    def sample(self, n_samples: int = 1, random_state: Any = None) -> Array:
        """Draw rows from the density, as `KernelDensity.sample` draws them.

        Parameters
        ----------
        n_samples : int, default=1
        random_state : int, RandomState instance or None, default=None

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
        """
        check_is_fitted(self)
        weighs = self.weights_ > 0
        points, weights = self.support_points_[weighs], self.weights_[weighs]
        equal = np.ptp(weights) == 0
        density = KernelDensity(bandwidth=(2 * self.gamma_) ** -0.5)
        density.fit(points, sample_weight=None if equal else weights)
        rows: Array = density.sample(n_samples, random_state)
        return rows


@neuralize.register
def neuralize_neon_kde(
    model: NeonKDE, *, members: Any = None, **options: Any
) -> NeuralizedModel:
    """The network of a fitted `NeonKDE`, with `members` as for `KernelDensity`."""
    check_is_fitted(model)
    points = KernelPoints(model.support_points_, model.weights_, model.gamma_)
    labels = Labels.from_plain(model._labels)
    if members is not None:
        given = (model, points, members, options, labels)
        return kernel_clusters(*given, n_jobs=model.n_jobs)
    parameters = {name: getattr(model, name) for name in OF_THE_NETWORK}
    chosen = DensityOptions.of(model, options, **parameters)
    rule = with_beta(chosen.rule, model.beta, "integrated")
    if "rule" not in options and not explains(rule, chosen.target):
        rule = None
    if rule is None and chosen.target == "outlier" and model.beta != "integrated":
        rule = SoftArgmin(model.beta)
    chosen, search = replace(chosen, rule=rule), getattr(model, "_search", None)
    scores = getattr(model, "outlierness_", None)
    door = NeuralizedKernelDensity(model, points, chosen, search, labels, scores)
    door.meta["gamma_by"] = model.gamma if isinstance(model.gamma, str) else None
    return door
