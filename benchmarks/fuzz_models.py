# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Models to fuzz: how each is fitted, and what it may be asked."""

from dataclasses import dataclass, field

import numpy as np
from sklearn.cluster import (
    AffinityPropagation,
    Birch,
    BisectingKMeans,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
)
from sklearn.covariance import EllipticEnvelope
from sklearn.ensemble import IsolationForest
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
from sklearn.svm import OneClassSVM

from benchmarks.fuzz_clusterings import density_clusterings
from benchmarks.fuzz_data import weights
from benchmarks.fuzz_linkage import linkage, linkage_questions
from benchmarks.fuzz_votes import (
    component_questions,
    decision_questions,
    kernel_pca,
    spectral_graph,
    spectral_rbf,
    vote_questions,
)
from skneon import NeonKDE, NeonKMeans
from skneon.network import (
    Activation,
    ExactInlier,
    IntegratedSoftArgmin,
    Interventional,
    Midpoint,
    RandomFeatures,
    Shapley,
    SoftArgmin,
    Uniform,
    WSquare,
)


@dataclass
class Question:
    """Options of `neuralize`, what is asked of rows, and whether X=None is."""

    options: dict = field(default_factory=dict)
    asked: dict = field(default_factory=dict)
    own: bool = False


def stiffness(rng, X):
    """A number in units of one over the squared data, or far from it."""
    size = float(np.sum(np.ptp(X.astype(float), axis=0) ** 2)) or 1.0
    with np.errstate(all="ignore"):
        natural = np.clip(1 / size, 1e-290, 1e290)
    return float(
        rng.choice([natural, natural * 1e-6, natural * 1e6, 1e-300, 1e-12, 1.0, 1e12])
    )


def neon_kde(rng, X):
    names = ["scale", "scott", "silverman", "nearest"]
    gamma = str(rng.choice(names)) if rng.random() < 0.5 else stiffness(rng, X)
    model = NeonKDE(gamma=gamma)
    return model.fit(X, sample_weight=weights(rng, len(X)))


def kernel_density(rng, X):
    with np.errstate(all="ignore"):
        bandwidth = float(np.clip(stiffness(rng, X) ** -0.5, 1e-140, 1e140))
    kernel = str(rng.choice(["gaussian", "gaussian", "exponential"]))
    model = KernelDensity(bandwidth=bandwidth, kernel=kernel)
    return model.fit(X, sample_weight=positive(weights(rng, len(X))))


def positive(values):
    return None if values is None else values + 1e-12


def density_questions(rng, model, X):
    """Targets and rules of densities, training rows left out, clusters of members."""
    beta = rng.choice(np.array(["gamma", 0.0, stiffness(rng, X)], dtype=object))
    epsilon = float(rng.choice([0.0, 1e-9, 0.1]))
    seeds = {"n_components": int(rng.choice([1, 20])), "random_state": 0}
    outlier = [IntegratedSoftArgmin(), SoftArgmin(beta, epsilon), Activation()]
    inlier = [ExactInlier(), Uniform(), RandomFeatures(**seeds), Activation()]
    if getattr(model, "kernel", "gaussian") != "gaussian":
        inlier = []
    for target, rules in (("outlier", outlier), ("inlier", inlier)):
        for rule in rules:
            options = {"target": target, "rule": rule}
            own = bool(rng.random() < 0.3)
            yield Question(options, own=own)
    leave_out = rng.integers(-1, len(X), size=1)[0]
    yield Question({}, {"leave_out": leave_out})
    yield Question({"groups": rng.integers(3, size=len(X))}, own=True)
    tree = {"rtol": 10.0 ** rng.uniform(-13, -3), "algorithm": "kd_tree"}
    yield Question({"rule": SoftArgmin(), **tree})
    members = rng.integers(-1, 3, size=len(X))
    members[0] = 0
    yield Question({"members": members}, own=bool(rng.random() < 0.5))


def plain_questions(rng, model, X):
    yield Question()


def targets(*names):
    def questions(rng, model, X):
        for name in names:
            options = {"target": name, "squared": bool(rng.random() < 0.5)}
            yield Question(options)
            yield Question(options, own=True)

    return questions


def own_rows(rng, model, X):
    yield Question()
    yield Question(own=True)


def svm_questions(rng, model, X):
    yield Question()
    yield Question({"rule": "soft-argmin"})
    yield Question({"rule": SoftArgmin(stiffness(rng, X), 0.0)})


def linear_questions(rng, model, X):
    for rule in ("shapley", "w-square"):
        yield Question({"rule": rule})
    yield Question({"rule": "interventional", "X_train": X})


def kernel_expansion(rng, X):
    """A linear model behind features of a kernel of any width."""
    n = int(rng.integers(1, len(X) + 1))
    features = [
        Nystroem(gamma=stiffness(rng, X), n_components=n, random_state=0),
        RBFSampler(gamma=stiffness(rng, X), n_components=20, random_state=0),
    ]
    linear = SGDOneClassSVM(nu=0.5, random_state=0, max_iter=20)
    return make_pipeline(features[int(rng.integers(2))], linear)


def expansion_questions(rng, model, X):
    yield Question()
    if isinstance(model[0], Nystroem):
        yield Question({"rule": "integrated"})


def forest(rng, X):
    return IsolationForest(
        n_estimators=5,
        max_samples=int(rng.choice([1, 2, 256])),
        max_features=float(rng.choice([0.5, 1.0])),
        bootstrap=bool(rng.random() < 0.3),
        random_state=0,
    )


def forest_questions(rng, model, X):
    for rule in ("shapley", "split", "path"):
        yield Question({"rule": rule})
    yield Question({"rule": "interventional", "X_train": X})


def kmeans(rng, X):
    """Centroids as they are given: coincident ones, nearly so, or far away."""
    K = int(rng.choice([1, 2, 3, 5]))
    mu = X[rng.integers(len(X), size=K)].astype(float)
    if rng.random() < 0.3:
        spread = np.ptp(X.astype(float), axis=0)
        mu = mu + spread * rng.normal(size=mu.shape) * 10.0 ** rng.integers(-17, 2)
    model = KMeans(K)
    model.cluster_centers_, model.n_features_in_ = mu, X.shape[1]
    model.labels_ = np.arange(len(X)) % K
    return model


def neon_kmeans(rng, X):
    K = min(int(rng.choice([1, 2, 3])), len(X))
    return NeonKMeans(K, random_state=0, n_init=1, max_iter=10).fit(X)


def cluster_questions(rng, model, X):
    """Rules of clusterings; clusters and rivals by number."""
    K = n_clusters(model)
    beta = rng.choice(np.array(["auto", 0.0, stiffness(rng, X)], dtype=object))
    few = Interventional(int(rng.choice([1, 4])))
    for rule in (Shapley(), Midpoint(beta), WSquare(beta), few, Activation()):
        options = {"rule": rule}
        if rule is few or rng.random() < 0.3:
            options["X_train"] = X
        yield Question(options, asked_of(rng, K), own=bool(rng.random() < 0.2))


def neon_cluster_questions(rng, model, X):
    for question in cluster_questions(rng, model, X):
        question.options.pop("X_train", None)
        yield question


def n_clusters(model):
    for name in ("cluster_centers_", "means_"):
        if hasattr(model, name):
            return max(1, len(getattr(model, name)))
    labels = getattr(model, "subcluster_labels_", getattr(model, "classes_", [0]))
    return len(np.unique(labels))


def asked_of(rng, K):
    if rng.random() < 0.4:
        return {}
    cluster = int(rng.integers(K))
    if K == 1 or rng.random() < 0.5:
        return {"cluster": cluster}
    return {"cluster": cluster, "rival": (cluster + 1) % K}


def mixture_questions(rng, model, X):
    K = len(model.means_)
    for rule in (None, "integrated"):
        options = {} if rule is None else {"rule": rule}
        yield Question(options, asked_of(rng, K))
    yield Question({"target": "outlier"})


def mixture(kind):
    def fit(rng, X):
        covariance = str(rng.choice(["full", "tied", "diag", "spherical"]))
        K = int(rng.choice([1, 2, 3]))
        size = float(np.abs(X).max(initial=0.0)) ** 2 or 1.0
        model = kind(
            n_components=K,
            covariance_type=covariance,
            max_iter=3,
            random_state=0,
            reg_covar=float(np.clip(size * 1e-6, 1e-290, 1e270)),
        )
        return model.fit(X.astype(float))

    return fit


def fitted(make):
    return lambda rng, X: make(rng, X).fit(X)


def k_of(rng, X):
    return min(int(rng.choice([1, 2, 5])), len(X))


def width(X):
    return float(np.sqrt(np.sum(np.ptp(X.astype(float), axis=0) ** 2))) / 3 or 1.0


def nearest_centroid(rng, X):
    return NearestCentroid().fit(X, np.arange(len(X)) % 2)


# how a model is fitted, and its questions; the slow ones come less often
MODELS = {
    "neon-kde": (neon_kde, density_questions, 6),
    "kernel-density": (kernel_density, density_questions, 4),
    "kmeans": (kmeans, cluster_questions, 8),
    "neon-kmeans": (neon_kmeans, neon_cluster_questions, 2),
    "nearest-neighbors": (
        fitted(lambda rng, X: NearestNeighbors(n_neighbors=k_of(rng, X))),
        targets("mean_distance", "kth_distance", "mean_vector"),
        3,
    ),
    "local-outlier-factor": (
        fitted(lambda rng, X: LocalOutlierFactor(k_of(rng, X), novelty=True)),
        own_rows,
        2,
    ),
    "one-class-svm": (
        fitted(lambda rng, X: OneClassSVM(gamma=stiffness(rng, X), nu=0.5)),
        svm_questions,
        2,
    ),
    "sgd-one-class-svm": (
        fitted(lambda rng, X: SGDOneClassSVM(nu=0.5, random_state=0, max_iter=20)),
        linear_questions,
        2,
    ),
    "kernel-expansion": (fitted(kernel_expansion), expansion_questions, 2),
    "kernel-pca": (kernel_pca(stiffness), component_questions(Question), 1),
    "svm-decision": (
        fitted(lambda rng, X: OneClassSVM(gamma=stiffness(rng, X), nu=0.5)),
        decision_questions(Question),
        1,
    ),
    "spectral-rbf": (spectral_rbf(stiffness), vote_questions(Question), 2),
    "spectral-graph": (spectral_graph, vote_questions(Question), 1),
    "isolation-forest": (fitted(forest), forest_questions, 2),
    "elliptic-envelope": (
        fitted(lambda rng, X: EllipticEnvelope(support_fraction=1.0, random_state=0)),
        plain_questions,
        1,
    ),
    "mixture": (mixture(GaussianMixture), mixture_questions, 2),
    "bayesian-mixture": (mixture(BayesianGaussianMixture), mixture_questions, 1),
    "minibatch-kmeans": (
        fitted(lambda rng, X: MiniBatchKMeans(k_of(rng, X), n_init=1, max_iter=1)),
        cluster_questions,
        1,
    ),
    "bisecting-kmeans": (
        fitted(lambda rng, X: BisectingKMeans(k_of(rng, X), random_state=0)),
        cluster_questions,
        2,
    ),
    "mean-shift": (
        fitted(lambda rng, X: MeanShift(bandwidth=width(X))),
        cluster_questions,
        1,
    ),
    "affinity-propagation": (
        fitted(lambda rng, X: AffinityPropagation(random_state=0, max_iter=15)),
        cluster_questions,
        1,
    ),
    "birch": (
        fitted(lambda rng, X: Birch(n_clusters=None, threshold=width(X))),
        cluster_questions,
        1,
    ),
    "nearest-centroid": (nearest_centroid, cluster_questions, 1),
    "linkage": (linkage, linkage_questions(Question), 2),
    **density_clusterings(Question),
}
