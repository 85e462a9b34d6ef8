# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A published insertion benchmark of cluster explanations, run again."""

import numpy as np
from sklearn.datasets import load_iris, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.preprocessing import minmax_scale

from benchmarks.faithfulness_data import wholesale_bunch
from benchmarks.faithfulness_tables import standard_error, table
from skneon import NeonKMeans, neuralize
from skneon.metrics import insertion_trials

PUBLISHED = {"iris": 0.950, "wine": 0.954, "wholesale": 0.966}
RULES = ("interventional", "shapley", "midpoint", "w-square")
N_CLUSTERS = 3
FOREST = "TreeSHAP, forest surrogate"


def insertion_section(wholesale, notes, n_trials, n_seeds):
    """The tables.

    Parameters
    ----------
    wholesale : path-like or None
    notes : list of str
        Gets lines for what is skipped.
    n_trials : int
    n_seeds : int
        Of the forests and of the random orders.
    """
    datasets = {"iris": load_iris().data, "wine": minmax_scale(load_wine().data)}
    bunch = wholesale_bunch(wholesale, [])
    if bunch is not None:
        datasets["wholesale"] = minmax_scale(bunch.data)
    parts = []
    for n_init in (1, 10):
        scores = {
            name: insertion_scores(X, n_init, n_trials, n_seeds, notes)
            for name, X in datasets.items()
        }
        rows = {"TreeSHAP, published": [f"{PUBLISHED[name]:.3f}" for name in datasets]}
        for method in scores["iris"]:
            rows[method] = [
                "{:.4f} ± {:.4f}".format(*scores[name][method]) for name in datasets
            ]
        parts += [f"**n_init = {n_init}**\n", table("method", list(datasets), rows)]
        parts += [_verdicts(scores)]
    return "\n".join([*parts, INSERTION_TEXT])


def insertion_scores(X, n_init, n_trials, n_seeds, notes):
    """Mean and standard error by method.

    Returns
    -------
    scores : dict of str to tuple (mean, error)
    """
    kmeans = NeonKMeans(N_CLUSTERS, n_init=n_init, random_state=3).fit(X)

    def trial_means(relevance):
        trials = insertion_trials(kmeans, X, relevance, n_trials=n_trials)
        return trials.mean(axis=1)

    scores = {}
    for rule in RULES:
        means = trial_means(neuralize(kmeans, rule=rule).explain(X).relevance)
        scores[f"NEON {rule}"] = float(means.mean()), standard_error(means)
    try:
        relevances = [_tree_shap(X, kmeans.labels_, seed) for seed in range(n_seeds)]
        scores[FOREST] = _over_seeds([trial_means(R) for R in relevances])
    except ImportError as error:
        note = f"{FOREST}: skipped, the package {error.name} is not installed."
        notes += [note] * (note not in notes)
    relevances = [
        np.random.default_rng(seed).normal(size=X.shape) for seed in range(n_seeds)
    ]
    scores["random"] = _over_seeds([trial_means(R) for R in relevances])
    return scores


def _tree_shap(X, labels, seed):
    """SHAP values of a forest for the assigned clusters."""
    import shap

    forest = RandomForestClassifier(random_state=seed).fit(X, labels)
    values = shap.TreeExplainer(forest).shap_values(X)
    return values[np.arange(len(X)), :, labels]


def _over_seeds(means):
    """Mean and standard error over trials and seeds, from (n_seeds, n_trials)."""
    means = np.array(means)
    of_seeds = standard_error(means.mean(axis=1))
    # the trials are the same for all seeds
    of_trials = standard_error(means.mean(axis=0))
    return float(means.mean()), float(np.hypot(of_seeds, of_trials))


def _verdicts(scores):
    """Where each rule stands against the forest, in two standard errors."""
    lines = []
    for name, by_method in scores.items():
        words = []
        for rule in RULES:
            mean, error = by_method[f"NEON {rule}"]
            against = {"published": (PUBLISHED[name], 0.0)}
            if FOREST in by_method:
                against["our rerun"] = by_method[FOREST]
            verdicts = [
                f"{_compared(mean, error, *other)} {label}"
                for label, other in against.items()
            ]
            words.append(f"{rule} {' and '.join(verdicts)}")
        lines.append(f"- {name}: {'; '.join(words)}.")
    head = "Within, over or under two standard errors of the difference to TreeSHAP:\n"
    return head + "\n" + "\n".join(lines) + "\n"


def _compared(mean, error, other_mean, other_error):
    """The published figure has no standard error: the own one alone counts."""
    margin = 2 * np.hypot(error, other_error)
    if abs(mean - other_mean) <= margin:
        return "within"
    return "over" if mean > other_mean else "under"


INSERTION_TEXT = """\
What the tables say: "interventional", which asks the question that the protocol asks
(left-out features take other rows' values), is the best of the rules. It is level with
or ahead of the published figures where k-means starts as it did then (10 times), and
ahead of our rerun of TreeSHAP but for wholesale with 10 starts, where the forest leads
by a little more than two standard errors. The rules that leave features out of the
distances, "shapley" and "midpoint", are ahead of TreeSHAP on wine and behind on
wholesale. All beat a random order by far. The number of starts moves the figures on
wholesale by more than the methods differ. The protocol rewards an order that brings the
row home with its first features, whatever comes after; it says little about the size of
relevances.
"""
