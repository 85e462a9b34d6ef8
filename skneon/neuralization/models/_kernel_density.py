# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of Gaussian kernel density estimates."""

from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from sklearn.neighbors import KernelDensity
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skneon._compat import Interval, StrOptions
from skneon._labels import Labels
from skneon._normal_tail import kernel_tail, normal_shape
from skneon._validation import LARGEST_FLOAT32, check_magnitude, largest_magnitude
from skneon.network import (
    Activation,
    Cosine,
    Distance,
    ExactInlier,
    GaussianKernel,
    IntegratedSoftArgmin,
    LogMeanExp,
    Mean,
    Network,
    Pooling,
    RandomFeatures,
    Rule,
    Scales,
    Search,
    Shapley,
    SoftArgmin,
    SquaredDistance,
    SupportWeights,
    Units,
    draw_random_features,
)
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import (
    NeuralizedModel,
    TrainingRows,
    validate_rows,
)
from skneon.neuralization._options import RULE, Options, chosen_rule
from skneon.neuralization._suspects import as_groups, is_suspects, suspected
from skneon.neuralization._training_scores import equal_weights
from skneon.neuralization.models._given_rows import compared_with
from skneon.neuralization.models._kernel_clusters import kernel_clusters
from skneon.neuralization.models._kernel_points import KernelPoints, kept_points
from skneon.neuralization.models._metrics import refuse_metric

# rules whose engine works in float32
SINGLE = (IntegratedSoftArgmin, SoftArgmin, ExactInlier)


@dataclass(frozen=True, kw_only=True)
class DensityOptions(Options):
    """Options of kernel densities, as in `neuralize`."""

    target: str = "outlier"
    rule: str | Rule | None = None
    groups: Any = None
    algorithm: str = "auto"
    rtol: float = 0.0
    verbose: int | bool = 0
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {
        **Options.constraints,
        "target": [StrOptions({"outlier", "inlier"})],
        "rule": RULE,
        "algorithm": [StrOptions({"auto", "brute", "kd_tree", "ball_tree"})],
        "rtol": [Interval(Real, 0, 1, closed="left")],
        "verbose": ["verbose"],
    }


class NeuralizedKernelDensity(NeuralizedModel):
    """A kernel density estimate and its network; made by `neuralize`.

    Its score is outlierness o(x) or inlierness i(x). With random features `forward` is
    their estimate of the inlierness, and what is explained the exact one, so that the
    residual is what their noise misses, and every relevance has its standard error.

    Parameters
    ----------
    model : fitted estimator
    points : KernelPoints
    options : DensityOptions
    search : Search or None, default=None
        That of an estimator, for the same points; None: a new one.
    labels : Labels, or None
        Of the training rows.
    scores : ndarray of shape (N,), or None
        Outlierness of the training rows, each left out of its own model, where an
        estimator keeps it.

    Attributes
    ----------
    plain_scores : ndarray of shape (n_support,), or None
        Outlierness of the training rows, each left out by itself, where some of them
        are suspects: new rows have p-values beside these, as no new row is a suspect.
    """

    def __init__(
        self,
        model: Any,
        points: KernelPoints,
        options: DensityOptions,
        search: Search | None = None,
        labels: Labels | None = None,
        scores: Array | None = None,
    ) -> None:
        rule = bound_rule(options, points.gamma)
        support, weights = points.support, points.weights
        weighs = weights > 0
        options, suspects, plain = _with_labels(model, points, options, scores)
        support_weights, absent = kept_points(weights, weighs, options.groups)
        asked = (options.algorithm, options.rtol)
        if search is None or (search.algorithm, search.rtol) != asked:
            search = Search(*asked)
        dtype = support.dtype
        if not in_single_precision(points, options.target, rule):
            support = support.astype(float, copy=False)
        layers = density_layers(
            points, support[weighs], support_weights, options.target, rule
        )
        # behind linear steps, where the default for inlierness is not defined
        instead = IntegratedSoftArgmin() if options.rule is None else None
        network = Network(
            *layers,
            rule,
            instead=instead,
            search=search,
            n_jobs=options.n_jobs,
            verbose=options.verbose,
            dtype=dtype,
        )
        meta = {"gamma": points.gamma, "n_support": int(weighs.sum()), **suspects}
        if points.kernel == "gaussian":
            meta["tail"] = kernel_tail(support[weighs], points.gamma)
        if type(rule) is SoftArgmin:
            meta["rtol"] = options.rtol
        if scores is not None:
            # where groups go together, rows were not left out one by one
            scores = scores[weighs] if options.groups is None else None
        training = TrainingRows(
            support,
            labels or Labels(),
            absent=absent,
            scores=scores,
            alike=equal_weights(weights),
        )
        training = compared_with(training, model, options.X_train)
        super().__init__(model, network, options.target, meta, training)
        self.plain_scores = plain if training.alike else None

    def validated(self, X: Any) -> Any:
        """Rows in the precision of the support points, checked as by the model."""
        units: Any = self.network.units
        dtype = units.support.dtype
        rows = validate_rows(self.model, X, dtype=dtype)
        if dtype == np.float32:
            check_magnitude(rows, LARGEST_FLOAT32)
        return rows


def _with_labels(
    model: Any, points: KernelPoints, options: DensityOptions, scores: Array | None
) -> tuple[DensityOptions, dict[str, Any], Array | None]:
    """The options with labels for groups="suspects", how many are, plain scores.

    Without labels where none or one is, which is left out by itself anyway.
    """
    if not is_suspects(options.groups):
        return options, {}, None
    weighs = points.weights > 0
    found = np.zeros(len(weighs), dtype=bool)
    if weighs.sum() > 1:
        if scores is None:
            plain = replace(options, target="outlier", rule=None, groups=None)
            scores = NeuralizedKernelDensity(model, points, plain).forward(None)
        given = points.support[weighs].astype(float), points.weights[weighs]
        gaussian = points.kernel == "gaussian"
        shape = normal_shape(*kernel_tail(given[0], points.gamma)) if gaussian else 0.0
        found[weighs] = suspected(
            *given, points.gamma, scores[weighs].astype(float), gaussian, options.rtol,
            shape,
        )  # fmt: skip
    n = int(found.sum())
    known = {"n_suspects": n}
    if n < 2 or scores is None:
        return replace(options, groups=None), known, None
    return replace(options, groups=as_groups(found)), known, scores[weighs]


def bound_rule(options: DensityOptions, gamma: float) -> Rule:
    """The rule that is asked for, with the density's stiffness."""
    default = IntegratedSoftArgmin() if options.target == "outlier" else Shapley()
    what = f'target="{options.target}" of a kernel density'
    rule = chosen_rule(options.rule, default, options.target, what)
    return rule.bound(Scales(gamma=gamma))


def in_single_precision(points: KernelPoints, target: str, rule: Rule) -> bool:
    """Whether an engine works in the precision of the support points."""
    plain = type(rule) in SINGLE and points.kernel == "gaussian"
    return plain and (target == "outlier" or points.support.shape[1] > 1)


def density_layers(
    points: KernelPoints,
    support: Array,
    weights: SupportWeights,
    target: str,
    rule: Rule,
) -> tuple[Units, Pooling]:
    """Distances and their log-mean-exp; or kernels, or their random features' mean."""
    gamma = points.gamma
    if target == "outlier":
        gaussian = points.kernel == "gaussian"
        units = SquaredDistance(support) if gaussian else Distance(support)
        return units, LogMeanExp(gamma, weights)
    n_components = getattr(rule, "n_components", None)
    if not isinstance(rule, RandomFeatures | Activation) or n_components is None:
        return GaussianKernel(support, gamma, weights), Mean(weights)
    random_state = check_random_state(rule.random_state)
    d = support.shape[1]
    omega, phase = draw_random_features(n_components, d, gamma, random_state)
    return Cosine(support, gamma, weights, omega, phase), Mean()


@neuralize.register
def neuralize_kernel_density(
    model: KernelDensity, *, members: Any = None, **options: Any
) -> NeuralizedModel:
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
    exponential = model.kernel == "exponential"
    gamma = 1 / model.bandwidth_ if exponential else 1 / (2 * model.bandwidth_**2)
    points = KernelPoints(support, weights / weights.sum(), gamma, model.kernel)
    if members is not None:
        _needs_gaussian(model, "The option members")
        return kernel_clusters(model, points, members, options)
    chosen = DensityOptions.of(model, options)
    rule = bound_rule(chosen, gamma)
    if chosen.target == "inlier":
        _needs_gaussian(model, 'target="inlier"')
    if rule.activations_only:
        _needs_gaussian(model, f'rule="{rule.name}"')
    return NeuralizedKernelDensity(model, points, chosen)


def working_precision(support: Array, gamma: float) -> Array:
    """Support points in float32 where they are, and squares stay clear of overflow."""
    moderate = 1e-10 <= gamma <= 1e10
    if moderate and largest_magnitude(support) <= LARGEST_FLOAT32:
        return support
    return support.astype(float, copy=False)


def _needs_gaussian(model: KernelDensity, what: str) -> None:
    if model.kernel != "gaussian":
        raise ValueError(
            f'{what} needs the gaussian kernel, got kernel="{model.kernel}": fit '
            'KernelDensity with kernel="gaussian".'
        )


def _check_metric(model: KernelDensity) -> None:
    """Refuse kernels and metrics without a network."""
    if model.kernel not in ("gaussian", "exponential"):
        raise ValueError(
            f"The {model.kernel} kernel vanishes at a distance, where its log density "
            'is -inf and nothing to share: fit KernelDensity with kernel="gaussian" '
            'or "exponential".'
        )
    power = (model.metric_params or {}).get("p", 2)
    if model.metric not in ("euclidean", "l2", "minkowski", "p") or power != 2:
        refuse_metric(model, model.metric, metric_params=model.metric_params)
