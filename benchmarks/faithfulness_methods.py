# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanation methods of the faithfulness benchmark, NEON's and others.

A method takes a case, a fitted model with the rows to explain, does what can be done
before any row is seen, and returns a function without parameters that explains the
rows: that one is timed.
"""

from functools import partial
from time import process_time

import numpy as np
from scipy.special import softmax
from scipy.stats import rankdata
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from skneon import NeonKDE, NeonKMeans, neuralize
from skneon.metrics import (
    exact_shapley,
    flipping_score,
    relevance_distance,
)

# nodes of integrated gradients
N_STEPS = 50
# background rows of the shap package's estimators
N_BACKGROUND = 20
# exact Shapley values by all subsets
MOST_FEATURES = 15


class DensityCase:
    """Outlierness or inlierness of held-out rows."""

    def __init__(self, train, rows, gamma, target="outlier", seed=0):
        self.train, self.rows, self.seed = train, rows, seed
        self.model = NeonKDE(gamma=gamma).fit(train)
        self.options = {"target": target}
        self.network = neuralize(self.model, target=target)
        self.query = self.network.rows(rows)[1]
        self.score = self.network.forward

    def gradient(self, X):
        """Gradient of outlierness, shape (n, d)."""
        squared = ((X[:, None] - self.train) ** 2).sum(axis=2)
        shares = softmax(-self.model.gamma_ * squared, axis=1)
        return 2 * (X - shares @ self.train)

    def pick(self, values):
        """Explanations of the score from those of `score`, which is one number."""
        return values

    def surrogate(self):
        """A forest that learns the score, of the training rows each left out."""
        forest = RandomForestRegressor(random_state=self.seed)
        return forest.fit(self.train, self.model.outlierness())

    def neon(self, rule):
        """Explain the rows by a rule of NEON."""
        return neuralize(self.model, **self.options, rule=rule).explain(self.rows)

    def flipping(self, relevance):
        """The flipping score of the rows."""
        return flipping_score(self.model, self.rows, relevance, **self.options)


class ClusterCase:
    """Evidence of held-out rows for the clusters that they are assigned to."""

    def __init__(self, train, rows, n_clusters, seed=0):
        self.train, self.rows, self.seed = train, rows, seed
        kmeans = NeonKMeans(n_clusters, n_init=10, random_state=seed)
        self.model = kmeans.fit(train)
        self.options = {}
        self.cluster = self.model.predict(rows)
        self.network = neuralize(self.model)
        self.query = self.network.rows(rows)[1]

    def score(self, X):
        """Evidence for each of the K clusters, shape (n, K)."""
        squared, rival = self._rivals(X)
        return np.take_along_axis(squared, rival, axis=1) - squared

    def gradient(self, X):
        """Gradient of the evidence for the assigned clusters, shape (n, d)."""
        _, rival = self._rivals(X)
        centroids = self.model.cluster_centers_
        nearest = rival[np.arange(len(X)), self.cluster]
        return 2 * (centroids[self.cluster] - centroids[nearest])

    def _rivals(self, X):
        """Squared distances, and the nearest other centroid of each cluster."""
        centroids = self.model.cluster_centers_
        squared = (X**2).sum(axis=1)[:, None] - 2 * X @ centroids.T
        squared += (centroids**2).sum(axis=1)
        order = np.argsort(squared, axis=1)
        first, second = order[:, :1], order[:, 1:2]
        return squared, np.where(np.arange(len(centroids)) == first, second, first)

    def pick(self, values):
        """Explanations for the assigned clusters, from those for all of them."""
        return values[np.arange(len(values)), :, self.cluster]

    def surrogate(self):
        """A forest that learns the labels."""
        forest = RandomForestClassifier(random_state=self.seed)
        return forest.fit(self.train, self.model.labels_)

    def neon(self, rule):
        """Explain the rows by a rule of NEON."""
        return neuralize(self.model, rule=rule).explain(self.rows)

    def flipping(self, relevance):
        """The flipping score of the rows, weighted by their evidence."""
        return flipping_score(self.model, self.rows, relevance)


def random(case):
    """Noise, the floor."""
    rng = np.random.default_rng(case.seed)
    return partial(rng.normal, size=case.rows.shape)


def squared_z_score(case):
    """How far from the mean, whatever the model."""
    return lambda: case.rows**2


def gradient_times_input(case):
    """Gradient times the difference to the mean."""
    return lambda: case.gradient(case.rows) * case.rows


def integrated_gradients(case):
    """Gradients averaged over the way from the mean, times the difference to it."""
    steps = (np.arange(N_STEPS) + 0.5) / N_STEPS

    def explain():
        mean = sum(case.gradient(step * case.rows) for step in steps) / N_STEPS
        return mean * case.rows

    return explain


def occlusion(case):
    """v(all) - v(all but i), by exact marginalisation."""
    d = case.rows.shape[1]
    masks = np.vstack([np.ones(d), 1 - np.eye(d)])
    network = case.network.network

    def of_row(n):
        values = network.coalition_scores(case.rows[[n]], case.query[[n]], masks)
        return values[0] - values[1:]

    return lambda: np.stack([of_row(n) for n in range(len(case.rows))])


def permutation_shap(case):
    """PermutationExplainer of the shap package, three orders there and back."""
    import shap

    masker = shap.maskers.Independent(case.train, max_samples=N_BACKGROUND)
    explainer = shap.PermutationExplainer(case.score, masker, seed=case.seed)
    evaluations = 3 * (2 * case.rows.shape[1] + 1)
    return lambda: case.pick(
        explainer(case.rows, max_evals=evaluations, silent=True).values
    )


def kernel_shap(case):
    """KernelExplainer of the shap package."""
    import shap

    background = shap.sample(case.train, N_BACKGROUND, random_state=case.seed)
    explainer = shap.KernelExplainer(case.score, background, seed=case.seed)
    options = {"nsamples": 2 * case.rows.shape[1] + 64, "l1_reg": False}
    return lambda: case.pick(
        explainer.shap_values(case.rows, silent=True, **options),
    )


def tree_shap(case):
    """TreeExplainer of the shap package, on a random forest in the model's place."""
    import shap

    explainer = shap.TreeExplainer(case.surrogate())
    return lambda: case.pick(explainer.shap_values(case.rows))


def neon(case, rule):
    """A rule of NEON, by its name or as an object."""
    return lambda: case.neon(rule).relevance


def shapley_values(case):
    """The yardstick."""
    return lambda: exact_shapley(case.model, case.rows, **case.options).relevance


OTHERS = {
    "random": random,
    "squared z-score": squared_z_score,
    "gradient x input": gradient_times_input,
    "occlusion": occlusion,
    "integrated gradients": integrated_gradients,
    "permutation SHAP": permutation_shap,
    "KernelSHAP": kernel_shap,
    "TreeSHAP, forest surrogate": tree_shap,
}
EXACT = "exact Shapley values"


def evaluate(case, methods, notes):
    """Distance to the exact Shapley values, flipping score and seconds a row.

    Parameters
    ----------
    case : DensityCase or ClusterCase
    methods : dict of str to callable
    notes : list of str
        Gets a line for what is skipped.

    Returns
    -------
    figures : dict of str to dict
        By method: "distance" and "order" (means over the rows, None beyond
        `MOST_FEATURES`), "flipping" and "seconds".
    """
    n, d = case.rows.shape
    figures, reference = {}, None
    if d <= MOST_FEATURES or case.options.get("target") == "inlier":
        methods = {EXACT: shapley_values} | methods
    for name, method in methods.items():
        try:
            explain = method(case)
        except ImportError as error:
            note = f"{name}: skipped, the package {error.name} is not installed."
            notes += [note] * (note not in notes)
            continue
        relevance, seconds = timed(explain)
        if name == EXACT:
            reference = relevance
        distance = order = reference
        if reference is not None:
            distance = float(relevance_distance(relevance, reference, "mean"))
            order = rank_correlation(relevance, reference)
        flipping = case.flipping(relevance)
        figures[name] = {
            "distance": distance,
            "order": order,
            "flipping": flipping,
            "seconds": seconds / n,
        }
    return figures


def rank_correlation(relevance, reference):
    """Spearman's, in the mean over the rows; one without any order has 0."""
    ranks = [rankdata(values, axis=1) for values in (relevance, reference)]
    a, b = (r - r.mean(axis=1, keepdims=True) for r in ranks)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    products = np.sum(a * b, axis=1)
    return float(np.mean(products / np.where(norms > 0, norms, 1.0)))


def timed(function):
    """What a function first returns, and its processor seconds: median of up to 5."""
    values, times = [], []
    while not times or (len(times) < 5 and sum(times) < 0.1):
        start = process_time()
        values.append(function())
        times.append(process_time() - start)
    return values[0], float(np.median(times))
