# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of Gaussian kernel density estimates."""

from numbers import Integral, Real

import numpy as np
from sklearn.neighbors import KernelDensity
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skneon._compat import Interval, StrOptions
from skneon._validation import LARGEST_FLOAT32, check_magnitude, largest_magnitude
from skneon.network import (
    ActivationCosine,
    ActivationDistance,
    ActivationKernel,
    Cosine,
    Distance,
    GaussianKernel,
    LogMeanExp,
    Mean,
    Query,
    Search,
    SquaredDistance,
    SupportWeights,
    draw_random_features,
)
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import (
    NeuralizedModel,
    check_options,
    override,
    validate_rows,
)
from skneon.neuralization.models._kernel_clusters import NeuralizedKernelClusters

RULE_CONSTRAINTS = {
    "beta": [
        Interval(Real, 0, None, closed="left"),
        StrOptions({"gamma", "integrated"}),
    ],
    "epsilon": [Interval(Real, 0, None, closed="left")],
    "inlier": [StrOptions({"exact", "random_features", "uniform"})],
    "n_components": [Interval(Integral, 1, None, closed="left")],
    "algorithm": [StrOptions({"auto", "brute", "kd_tree", "ball_tree"})],
    "rtol": [Interval(Real, 0, 1, closed="left")],
    "n_jobs": [Integral, None],
    "verbose": ["verbose"],
    "random_state": ["random_state"],
}
TARGET_CONSTRAINTS = {
    "target": [StrOptions({"outlier", "inlier"})],
    "rule": [StrOptions({"activation"}), None],
}
# stabilisers of soft argmin, in squared units of the data, and of chapter A.2
EPSILON, RADIANS = 1e-9, 0.01


class NeuralizedKernelDensity(NeuralizedModel):
    """Network of a kernel density estimate; made by `neuralize`.

    Its score is outlierness o(x) or inlierness i(x). With random features `forward` is
    their estimate of the inlierness, and what is explained the exact one, so that the
    residual is what their noise misses, and every relevance has its standard error.

    Parameters
    ----------
    model : fitted estimator
    support : ndarray of shape (N, d)
        Training rows.
    weights : ndarray of shape (N,)
        Weights of the training rows, with the sum 1; rows of weight 0 are no support
        points.
    gamma : float
    target : {"outlier", "inlier"}
    rule : {"activation", None}, default=None
        "activation" for rows that are activations of another network: the rules of
        chapter A.1 and A.2, with p_k by `beta`, and features by `inlier`.
    epsilon : float or None
        As in `NeonKDE`; or in radians, for random features of activations. None: 1e-9
        and 0.01.
    beta, inlier, n_components, algorithm, rtol, n_jobs, verbose
        As in `NeonKDE`.
    random_state : int, RandomState instance or None
        For the draw of the random features.
    training_index : ndarray of shape (N,), or None
        Labels of the training rows.
    kernel : {"gaussian", "exponential"}
        ``exp(-gamma |x - u|^2)`` or ``exp(-gamma |x - u|)``.
    search : Search or None, default=None
        That of an estimator, for the same points; None: a new one.
    """

    def __init__(
        self,
        model,
        support,
        weights,
        gamma,
        *,
        target="outlier",
        rule=None,
        beta="integrated",
        epsilon=None,
        inlier="exact",
        n_components=2500,
        algorithm="auto",
        rtol=0.0,
        n_jobs=None,
        verbose=0,
        random_state=None,
        training_index=None,
        kernel="gaussian",
        search=None,
    ):
        self._dtype = support.dtype
        # other layers than those of `fused` work in float64
        exact = inlier == "exact" and support.shape[1] > 1
        fused = kernel == "gaussian" and (target == "outlier" or exact)
        if rule == "activation" or not fused:
            support = support.astype(float, copy=False)
        weighs = weights > 0
        points, support_weights = support[weighs], SupportWeights(weights[weighs])
        if search is None or (search.algorithm, search.rtol) != (algorithm, rtol):
            search = Search(algorithm, rtol)
        if target == "outlier":
            layers, settings = outlier_layers(
                points, support_weights, gamma, beta, epsilon, rule, kernel, search
            )
        else:
            random_state = check_random_state(random_state)
            layers, settings = inlier_layers(
                points,
                support_weights,
                gamma,
                inlier,
                epsilon,
                rule,
                n_components,
                random_state,
            )
        meta = {"gamma": gamma, "n_support": len(points)} | settings
        super().__init__(model, layers, target, n_jobs, meta, training_index)
        self.verbose = verbose
        self._training_rows = support
        self._leave_out = np.where(weighs, np.cumsum(weighs) - 1, -1)

    @property
    def game_layers(self):
        """The layers whose units are sums over features: coalitions are scored here."""
        units, pooling = self.layers
        if isinstance(units, Cosine):
            # what the random features approximate
            kernel = GaussianKernel(units.support, units.gamma)
            return [kernel, Mean(units.support_weights)]
        return [units, pooling]

    def validated(self, X):
        """Rows in the precision of the support points, checked as by the model."""
        dtype = self._training_rows.dtype
        rows = validate_rows(self.model, X, dtype=dtype)
        if dtype == np.float32:
            check_magnitude(rows, LARGEST_FLOAT32)
        return rows

    def activate(self, X, query):
        """Forward pass on clean arrays, in the precision of the training rows."""
        return super().activate(X, query).astype(self._dtype, copy=False)

    def propagate(self, X, query):
        """Forward and backward pass on clean arrays, likewise."""
        propagation = super().propagate(X, query)
        for name, values in vars(propagation).items():
            if values is not None:
                setattr(propagation, name, values.astype(self._dtype, copy=False))
        return propagation

    @property
    def keeps_rows(self):
        """Whether X=None stands for the training rows."""
        return True

    def rows(self, X):
        """Clean rows and their query."""
        if X is not None:
            return self.validated(X), Query()
        if self._leave_out.max() < 1:
            raise ValueError(
                "Leave-one-out (X=None) needs at least two training rows of positive "
                "weight, got one: without it no model is left. Pass X."
            )
        return self._training_rows, Query(leave_out=self._leave_out)


def outlier_layers(points, weights, gamma, beta, epsilon, rule, kernel, search):
    """Distances and their log-mean-exp, and the settings that matter to them."""
    beta = gamma if beta == "gamma" else beta
    # the integrated rule divides by nothing, so it needs no stabiliser
    epsilon = EPSILON if epsilon is None else epsilon
    epsilon = 0.0 if beta == "integrated" else epsilon
    settings = {"beta": beta}
    if rule == "activation":
        units = ActivationDistance(points)
        settings |= {"rule": rule}
    else:
        gaussian = kernel == "gaussian"
        units = (
            SquaredDistance(points, epsilon, search)
            if gaussian
            else Distance(points, epsilon)
        )
        settings |= {"epsilon": epsilon, "rtol": search.rtol}
    return [units, LogMeanExp(gamma, weights, beta)], settings


def inlier_layers(
    points, weights, gamma, inlier, epsilon, rule, n_components, random_state
):
    """Kernels or their random features, their mean, and the settings that matter."""
    activations = rule == "activation"
    settings = {"rule": rule, "inlier": inlier} if activations else {"rule": inlier}
    if inlier == "uniform" and activations:
        raise ValueError(
            'rule="activation" shares inlierness by inlier="exact" or '
            '"random_features"; "uniform" would give to inactive neurons, too.'
        )
    if inlier != "random_features":
        kernel = (
            ActivationKernel(points, gamma)
            if activations
            else GaussianKernel(points, gamma, inlier)
        )
        return [kernel, Mean(weights)], settings
    omega, phase = draw_random_features(
        n_components, points.shape[1], gamma, random_state
    )
    settings |= {"n_components": n_components}
    features = points, gamma, weights, omega, phase
    if activations:
        epsilon = RADIANS if epsilon is None else epsilon
        settings |= {"epsilon": epsilon}
        return [ActivationCosine(*features, epsilon), Mean()], settings
    return [Cosine(*features), Mean()], settings


@neuralize.register
def neuralize_kernel_density(model: KernelDensity, *, members=None, **options):
    r"""The network of scikit-learn's `KernelDensity`: unbounded kernels, euclidean.

    For the gaussian kernel :math:`-\gamma o(x)` is ``score_samples`` less a constant,
    with :math:`\gamma = 1 / (2 \text{bandwidth}^2)`. The exponential kernel has the
    same two layers (ours): distances where the gaussian has squared ones, and
    :math:`\gamma = 1 / \text{bandwidth}`.

    With `members`, the cluster of each training row by whatever clustering, the network
    is that of `NeuralizedKernelClusters`.
    """
    check_is_fitted(model)
    _check_metric(model)
    support = np.array(model.tree_.data)
    check_magnitude(support)
    weights = model.tree_.sample_weight
    weights = np.ones(len(support)) if weights is None else np.array(weights)
    weights = weights / weights.sum()
    exponential = model.kernel == "exponential"
    gamma = 1 / model.bandwidth_ if exponential else 1 / (2 * model.bandwidth_**2)
    if members is not None:
        if exponential:
            raise ValueError(
                'members need the gaussian kernel, got kernel="exponential".'
            )
        return kernel_clusters(model, support, weights, gamma, members, options)
    defaults = NeuralizedKernelDensity.__init__.__kwdefaults__
    known = RULE_CONSTRAINTS | TARGET_CONSTRAINTS
    epsilon = options.get("epsilon", EPSILON)
    options = override({name: defaults[name] for name in known}, options, model)
    check_options(known, options | {"epsilon": epsilon}, model)
    for option, value in {"target": "inlier", "rule": "activation"}.items():
        if exponential and options[option] == value:
            raise ValueError(
                f'{option}="{value}" needs the gaussian kernel, got '
                'kernel="exponential".'
            )
    return NeuralizedKernelDensity(
        model, support, weights, gamma, kernel=model.kernel, **options
    )


def working_precision(support, gamma):
    """Support points in float32 where they are, and squares stay clear of overflow."""
    moderate = 1e-10 <= gamma <= 1e10
    if moderate and largest_magnitude(support) <= LARGEST_FLOAT32:
        return support
    return support.astype(float, copy=False)


def kernel_clusters(model, support, weights, gamma, members, options, index=None):
    """The network of a density model's support points by their clusters."""
    others = sorted(set(options) - {"n_jobs"})
    if others:
        raise TypeError(
            f"With members, {type(model).__name__} explains clusters and takes no "
            f"{', '.join(others)}; it takes n_jobs."
        )
    options = override({"n_jobs": None}, options, model)
    check_options({"n_jobs": RULE_CONSTRAINTS["n_jobs"]}, options, model)
    return NeuralizedKernelClusters(
        model,
        support.astype(float, copy=False),
        weights,
        gamma,
        members,
        options["n_jobs"],
        index,
    )


def _check_metric(model):
    """Refuse kernels and metrics without a network."""
    if model.kernel not in ("gaussian", "exponential"):
        raise ValueError(
            f"The {model.kernel} kernel vanishes at a distance, where its log density "
            'is -inf and nothing to share: fit KernelDensity with kernel="gaussian" '
            'or "exponential".'
        )
    power = (model.metric_params or {}).get("p", 2)
    if model.metric not in ("euclidean", "l2", "minkowski", "p") or power != 2:
        raise ValueError(
            "Only the euclidean metric has this network, got "
            f"metric={model.metric!r}, metric_params={model.metric_params!r}. Fit "
            'KernelDensity with metric="euclidean".'
        )
