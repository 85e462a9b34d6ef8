# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Every family of models and a set of Pipelines, each with rows and how it refits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.cluster import (
    DBSCAN,
    HDBSCAN,
    OPTICS,
    AffinityPropagation,
    AgglomerativeClustering,
    Birch,
    BisectingKMeans,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
    SpectralClustering,
)
from sklearn.compose import ColumnTransformer
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import PCA, KernelPCA
from sklearn.kernel_approximation import Nystroem, RBFSampler
from sklearn.linear_model import SGDOneClassSVM
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.neighbors import (
    KernelDensity,
    LocalOutlierFactor,
    NearestCentroid,
    NearestNeighbors,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    QuantileTransformer,
    StandardScaler,
)
from sklearn.svm import OneClassSVM

from skneon import NeonKDE, NeonKMeans, neuralize
from skneon.network import (
    Activation,
    Midpoint,
    RandomFeatures,
    SoftArgmin,
    WSquare,
)
from skneon.testing import Change

RNG = np.random.default_rng(7)
N, D = 60, 3
CENTERS = np.array([[0.0, 0.0, 0.0], [6.0, 5.0, 4.0], [0.0, 7.0, 2.0]])
LABELS = np.arange(N) % 3
# dyadic, so that moving them rounds nothing
TABLE = np.round((CENTERS[LABELS] + RNG.normal(size=(N, D))) * 2**10) / 2**10
POSITIVE = np.abs(TABLE) + 0.5
MEMBERS = np.where(np.arange(N) % 11 == 10, -1, LABELS)
FRAME = pd.DataFrame(POSITIVE, columns=["age", "income", "debt"])
FRAME["city"] = np.array(["Bonn", "Rome", "York"])[RNG.integers(3, size=N)]
EVERY = slice(None, None, 7)


@dataclass(frozen=True)
class Case:
    """A model to fit, and what is known of the explanations of its rows.

    `build` takes a `Change`, whose scale its parameters follow; None: it does not
    refit to changed data. `without` names the laws that do not hold, each for a reason
    that stands beside it.
    """

    name: str
    build: Callable
    table: object = field(repr=False)
    options: Callable = field(default=lambda change: {}, repr=False)
    asked: dict = field(default_factory=dict)
    y: object = field(default=None, repr=False)
    leaves_out: bool = False
    refits: bool = True
    without: tuple = ()

    def fitted(self, change=None):
        """The network of the model fitted to changed rows."""
        change = change or Change()
        table, y = change.training(self.table), self.y
        model = clone(self.build(change))
        model.fit(table) if y is None else model.fit(table, change.kept(y))
        return neuralize(model, **self.options(change))

    @property
    def rows(self):
        return self.table[EVERY]


def density(change, **parameters):
    return KernelDensity(bandwidth=0.8 * change.scale, **parameters)


def neon(change, **parameters):
    return NeonKDE(gamma=0.7 / change.scale**2, **parameters)


def kmeans(change):
    return KMeans(3, random_state=0, n_init=1)


def beta(rule, change):
    """A rule whose stiffness follows the data."""
    return {"rule": rule(beta=0.1 / change.scale**2)}


def always(**options):
    return lambda change: options


def members(change):
    return {"members": change.kept(MEMBERS)}


def column_wise(model, *steps):
    return lambda change: make_pipeline(*(steps or [StandardScaler()]), model())


def densities():
    """Kernel densities, and other scores of outliers."""
    inlier = always(target="inlier")
    outlier = always(target="outlier")
    seeded = always(target="inlier", rule=RandomFeatures(50, 3))
    # epsilon does not follow the data
    constant = ("scaling",)
    yield Case("neon-kde", neon, TABLE, leaves_out=True)
    yield Case("neon-kde, inlier", neon, TABLE, inlier, leaves_out=True)
    for rule in ("integrated", "exact-inlier"):
        yield Case(
            f"neon-kde, {rule} of inlierness", neon, TABLE,
            always(target="inlier", rule=rule), leaves_out=True,
        )  # fmt: skip
    yield Case(
        "neon-kde, soft-argmin", neon, TABLE, always(rule="soft-argmin"),
        leaves_out=True, without=constant,
    )  # fmt: skip
    yield Case(
        "neon-kde, uniform", neon, TABLE, always(target="inlier", rule="uniform")
    )
    # features are drawn column by column, about the center of the rows
    drawn = ("permutation", "absent_rows")
    yield Case("neon-kde, random features", neon, TABLE, seeded, without=drawn)
    # activations have a 0
    moved = ("translation",)
    active = always(rule=Activation())
    yield Case("neon-kde, activation", neon, POSITIVE, active, without=moved)
    yield Case(
        "neon-kde, inlier activation", neon, POSITIVE,
        always(target="inlier", rule="activation"), without=moved,
    )  # fmt: skip
    yield Case("neon-kde, float32", neon, TABLE.astype(np.float32), refits=False)
    pruned = {"rtol": 1e-9, "algorithm": "kd_tree", "rule": "soft-argmin"}
    # what is dropped depends on the rows
    together = ("subsets", "scaling")
    yield Case("neon-kde, pruned", neon, TABLE, always(**pruned), without=together)
    yield Case("neon-kde, groups", neon, TABLE, lambda change: {
        "groups": change.kept(np.arange(N))}, leaves_out=True)  # fmt: skip
    yield Case("kernel-density", density, TABLE, leaves_out=True)
    yield Case("kernel-density, inlier", density, TABLE, inlier, leaves_out=True)
    exponential = partial(density, kernel="exponential")
    yield Case("kernel-density, exponential", exponential, TABLE, leaves_out=True)
    # the cluster that a row is asked about may change with the members
    yield Case("members", density, TABLE, members, {"cluster": np.arange(N)[EVERY] % 3})
    yield Case("mixture, outlier", lambda change: GaussianMixture(
        2, random_state=0, reg_covar=1e-9), TABLE, outlier,
        without=("scaling",))  # fmt: skip
    yield Case(
        "elliptic-envelope", lambda change: EllipticEnvelope(random_state=0), TABLE
    )
    yield Case("nearest-neighbors", lambda change: NearestNeighbors(
        n_neighbors=4), TABLE, leaves_out=True)  # fmt: skip
    yield Case("nearest-neighbors, kth", lambda change: NearestNeighbors(
        n_neighbors=4), TABLE, always(target="kth_distance"),
        leaves_out=True)  # fmt: skip
    for target in ("kth_distance", "mean_vector"):
        yield Case(f"nearest-neighbors, {target}", lambda change: NearestNeighbors(
            n_neighbors=4), TABLE, always(target=target, squared=False),
            leaves_out=True)  # fmt: skip
    # densities of the others stay; a constant is added to distances
    yield Case("local-outlier-factor", lambda change: LocalOutlierFactor(
        5, novelty=True), TABLE, without=("absent_rows",))  # fmt: skip
    svm = partial(lambda change: OneClassSVM(gamma=0.3 / change.scale**2, nu=0.3))
    yield Case("one-class-svm", svm, TABLE)
    yield Case("one-class-svm, decision", svm, TABLE, always(target="decision"))
    yield Case("one-class-svm, soft-argmin", svm, TABLE, always(rule="soft-argmin"))
    # its steps down the gradient follow the size of the data
    linear = partial(SGDOneClassSVM, nu=0.3, random_state=0)
    for name, steps in {
        "columns": [],
        "kernels": [Nystroem(gamma=0.2, n_components=9, random_state=0)],
        "features": [RBFSampler(gamma=0.2, n_components=9, random_state=0)],
    }.items():
        yield Case(f"linear, {name}", lambda change, steps=steps: make_pipeline(
            *steps, linear()), TABLE, refits=False)  # fmt: skip


def clusterings():
    """Models whose clusters are cells, splits or components."""
    for rule in (Midpoint, WSquare):
        yield Case(f"kmeans, {rule.name}", kmeans, TABLE, partial(beta, rule))
    yield Case("kmeans", kmeans, TABLE)
    yield Case("kmeans, another cluster", kmeans, TABLE, asked={"cluster": 1})
    rival = {"cluster": 1, "rival": np.where(np.arange(N)[EVERY] % 2, 0, 2)}
    yield Case("kmeans, a rival", kmeans, TABLE, partial(beta, Midpoint), rival)
    # its background is a sample of the columns in their order
    yield Case("kmeans, interventional", kmeans, TABLE, lambda change: {
        "rule": "interventional", "X_train": change(TABLE)},
        without=("permutation",))  # fmt: skip
    active = always(rule=Activation(beta=0.1))
    # activations have a 0; the stiffness does not follow
    yield Case("kmeans, activation", kmeans, POSITIVE, active, without=(
        "translation", "scaling"))  # fmt: skip
    yield Case("neon-kmeans", lambda change: NeonKMeans(
        3, random_state=0, rule="midpoint"), TABLE)  # fmt: skip
    # they draw rows or directions by the size of the data
    odd = ("translation", "scaling", "permutation")
    yield Case("minibatch-kmeans", lambda change: MiniBatchKMeans(
        3, random_state=0, n_init=1), TABLE, without=odd)  # fmt: skip
    yield Case("bisecting-kmeans", lambda change: BisectingKMeans(
        4, random_state=0), TABLE, without=("translation",))  # fmt: skip
    yield Case("mean-shift", lambda change: MeanShift(
        bandwidth=3.0 * change.scale), TABLE, without=odd)  # fmt: skip
    yield Case("affinity-propagation", lambda change: AffinityPropagation(
        random_state=0, damping=0.9), TABLE)  # fmt: skip
    yield Case("birch", lambda change: Birch(
        n_clusters=3, threshold=1.5 * change.scale), TABLE, without=odd)  # fmt: skip
    yield Case("nearest-centroid", lambda change: NearestCentroid(), TABLE,
        y=np.array(["a", "b", "c"])[LABELS])  # fmt: skip

    def spectral(change):
        return SpectralClustering(3, gamma=0.3 / change.scale**2, random_state=0)

    yield Case("kernel-pca", lambda change: KernelPCA(
        2, kernel="rbf", gamma=0.3), TABLE, always(component=1, rule="integrated"),
        refits=False)  # fmt: skip
    # its embedding is that of all rows
    yield Case("spectral", spectral, TABLE, lambda change: {
        "X_train": change(TABLE)}, without=("absent_rows",))  # fmt: skip
    yield Case("spectral, a cluster", spectral, TABLE, lambda change: {
        "X_train": change(TABLE), "rule": "shapley"}, {"cluster": 1}, refits=False,
    )  # fmt: skip
    full = partial(GaussianMixture, 3, random_state=0, reg_covar=1e-9)
    # k-means and its tolerance decide where it ends
    yield Case("mixture", lambda change: full(), TABLE, without=("scaling",))
    for covariance in ("diag", "tied", "spherical"):
        yield Case(f"mixture, {covariance}", lambda change, kind=covariance: full(
            covariance_type=kind), TABLE, refits=False)  # fmt: skip
    yield Case("mixture, integrated", lambda change: full(), TABLE,
        always(rule="integrated"), {"cluster": 0}, without=("scaling",))  # fmt: skip
    yield Case("bayesian-mixture", lambda change: BayesianGaussianMixture(
        n_components=2, random_state=0), TABLE, refits=False)  # fmt: skip


def density_clusterings():
    """Clusters that end at a level, and noise."""
    dbscan = partial(lambda change: DBSCAN(eps=1.25 * change.scale, min_samples=4))
    shared = always(rule="proportional")
    yield Case("dbscan", dbscan, TABLE)
    yield Case("dbscan, proportional", dbscan, TABLE, shared)
    against = {"cluster": np.arange(N)[EVERY] % 3, "rival": -1}
    yield Case("dbscan, against noise", dbscan, TABLE, asked=against)
    yield Case("dbscan, noise", dbscan, TABLE, shared, {"cluster": -1})
    hdbscan = partial(lambda change: HDBSCAN(min_cluster_size=5, copy=True))
    for rule in ("shapley", "proportional"):
        options = partial(lambda change, rule: {
            "rule": rule, "X_train": change(TABLE)}, rule=rule)  # fmt: skip
        yield Case(f"hdbscan, {rule}", hdbscan, TABLE, options)
        yield Case(f"hdbscan, {rule} against noise", hdbscan, TABLE, options, against)
    optics = partial(lambda change: OPTICS(
        min_samples=4, cluster_method="dbscan", eps=1.25 * change.scale))  # fmt: skip
    own = {"leave_out": np.arange(N)[EVERY]}
    for target in ("cluster", "outlier", "reachability"):
        options = partial(lambda change, target: {
            "target": target, "X_train": change(TABLE)}, target=target)  # fmt: skip
        yield Case(f"optics, {target}", optics, TABLE, options, own)
        if target == "outlier":
            yield Case("hdbscan, outlier", hdbscan, TABLE, options, own)


def linkages():
    """Linkage clusterings, which need the rows of the fit."""
    rows = lambda change: {"X_train": change.training(TABLE)}  # noqa: E731

    def build(change, kind="ward"):
        return AgglomerativeClustering(3, linkage=kind)

    yield Case("agglomerative", build, TABLE, rows)
    average = partial(build, kind="average")
    yield Case("agglomerative, average", average, TABLE, lambda change: {
        **rows(change), "rule": "proportional"}, {"cluster": 1})  # fmt: skip
    complete = partial(build, kind="complete")
    yield Case("agglomerative, whole", complete, TABLE, lambda change: {
        **rows(change), "evidence": "whole"})  # fmt: skip
    behind = lambda change: make_pipeline(StandardScaler(), PCA(2), build(change))  # noqa: E731
    yield Case("pca, agglomerative", behind, TABLE, rows)


def pipelines():
    """Column-wise and linear steps, encoders, frames; no two rows tie."""
    models = {
        "neon-kde": (lambda: NeonKDE(gamma=0.5), {}),
        "inlier": (lambda: NeonKDE(gamma=0.5), {"target": "inlier"}),
        "kmeans": (lambda: KMeans(3, random_state=0, n_init=1), {}),
        "midpoint": (
            lambda: KMeans(3, random_state=0, n_init=1), {"rule": Midpoint(beta=1.0)},
        ),
        "w-square": (
            lambda: KMeans(3, random_state=0, n_init=1), {"rule": WSquare(beta=1.0)},
        ),
        "mixture": (lambda: GaussianMixture(2, random_state=0, reg_covar=0.1), {}),
        "soft-argmin": (
            lambda: KernelDensity(bandwidth=0.7), {"rule": SoftArgmin(epsilon=0.1)},
        ),
        "neighbors": (lambda: NearestNeighbors(n_neighbors=3), {}),
        "dbscan": (lambda: DBSCAN(eps=0.8, min_samples=4), {}),
    }  # fmt: skip
    steps = {
        "scaler": lambda: [StandardScaler()],
        "pca": lambda: [StandardScaler(), PCA(2)],
        "log": lambda: [FunctionTransformer(np.log), StandardScaler()],
        "quantile": lambda: [QuantileTransformer(n_quantiles=10), PCA(2)],
    }
    for step, make in steps.items():
        for name, (model, options) in models.items():
            # scaled, moved and permuted data give the same steps but for the logarithm
            without = ["scaling"] if name == "soft-argmin" else []
            if step == "log":
                without += ["translation", "scaling"]
            yield Case(
                f"{step}, {name}",
                lambda change, make=make, model=model: make_pipeline(*make(), model()),
                POSITIVE, always(**options), without=tuple(without),
            )  # fmt: skip
    table = ColumnTransformer(
        [
            ("numbers", StandardScaler(), ["age", "income", "debt"]),
            ("city", OneHotEncoder(sparse_output=False), ["city"]),
        ]
    )
    for name, (model, options) in models.items():
        yield Case(
            f"frame, {name}",
            lambda change, model=model: make_pipeline(clone(table), model()),
            FRAME, always(**options), refits=False,
        )  # fmt: skip


CASES = {
    case.name: case
    for make in (densities, clusterings, density_clusterings, linkages, pipelines)
    for case in make()
}
