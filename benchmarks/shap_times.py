# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Times of the shap package's estimators, which take any function for a model."""

import warnings
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from benchmarks.peers import add_note
from benchmarks.speed import quiet
from skneon import neuralize

# rows that stand for features left out
N_BACKGROUND = 100
KERNEL = "shap KernelExplainer"
PERMUTATION = "shap PermutationExplainer"


@dataclass
class ShapTime:
    """What explanations take, in one run.

    Attributes
    ----------
    n_rows : int
    seconds : float
        For one of the rows.
    n_scored : float
        Rows that the model scored for it.
    in_model : float
        Share of the time that this took.
    """

    n_rows: int
    seconds: float
    n_scored: float
    in_model: float


class Scored:
    """A score function that counts its rows and seconds."""

    def __init__(self, function):
        self.function = function
        self.n_rows, self.seconds = 0, 0.0

    def __call__(self, X):
        start = perf_counter()
        values = self.function(X)
        self.n_rows += len(X)
        self.seconds += perf_counter() - start
        return values


def kernel_values(function, background, X):
    """KernelExplainer at its defaults: values, and the score without any feature."""
    import shap

    explainer = shap.KernelExplainer(function, background)
    return explainer.shap_values(X, silent=True), explainer.expected_value


def permutation_values(function, background, X):
    """PermutationExplainer at its defaults."""
    import shap

    explanation = shap.PermutationExplainer(function, background)(X, silent=True)
    return explanation.values, explanation.base_values


def shap_times(job, n_rows, notes):
    """Seconds a row of both estimators on the score of `NeonKDE`.

    Parameters
    ----------
    job : Job
    n_rows : int
        Rows that are explained.
    notes : list of str
        Gets a line for what is left out, and why.

    Returns
    -------
    times : dict of str to ShapTime
    """
    times = {}
    for name, values in {
        KERNEL: kernel_values,
        PERMUTATION: permutation_values,
    }.items():
        try:
            times[name] = _shap_time(job, values, n_rows)
        except Exception as error:
            add_note(notes, f"{name} ({job.n_features} features)", error)
    return times


def _shap_time(job, values, n_rows):
    background, X = job.support[:N_BACKGROUND], job.X[:n_rows]
    score = Scored(neuralize(job.kde).forward)
    with warnings.catch_warnings(), quiet():
        warnings.simplefilter("ignore")
        # parts of the package are compiled at first use
        values(lambda rows: rows.sum(axis=1), background, X[:1])
        start = perf_counter()
        relevance, base = values(score, background, X)
        seconds = perf_counter() - start
    expected = job.expected["score"][:n_rows]
    if not np.allclose(relevance.sum(axis=1) + base, expected, rtol=1e-6):
        raise ValueError("its values do not add up to the score")
    return ShapTime(
        n_rows, seconds / n_rows, score.n_rows / n_rows, score.seconds / seconds
    )
