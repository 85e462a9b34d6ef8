# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""NEON against estimators of Shapley values that are given a hundred times its time."""

from dataclasses import dataclass, field
from functools import partial
from itertools import permutations
from math import factorial
from time import perf_counter

import numpy as np

from benchmarks.faithfulness_methods import MOST_FEATURES
from benchmarks.faithfulness_tables import percent, table, two_digits
from skneon import NeonKDE, neuralize
from skneon.metrics import exact_shapley, relevance_distance

TIMES = 100
GAMMAS = {"by likelihood": None, "1/2": 0.5, '"scale"': "scale"}
N_BACKGROUND = 50
# all orders are taken up to so many features
ALL_ORDERS = 6
# coalitions times support points that are summed at a time: stays in cache
BLOCK = 2**16
BATCH = 200


@dataclass
class Game:
    """Outlierness v(S) of one row with the features in S, by exact marginalisation."""

    squared: np.ndarray  # (d, N)
    gamma: float

    def __call__(self, masks):
        """v(S) for coalitions as rows of zeros and ones, shape (m,)."""
        exponents = masks @ (-self.gamma * self.squared)
        shift = exponents.max(axis=1, keepdims=True)
        exponents -= shift
        means = np.exp(exponents, out=exponents).mean(axis=1)
        values = -(np.log(means) + shift[:, 0]) / self.gamma
        return np.where(masks.any(axis=1), values, 0.0)


@dataclass
class Task:
    """Rows to explain, their exact Shapley values, and what NEON needs for them."""

    kde: NeonKDE
    rows: np.ndarray
    seed: int
    reference: np.ndarray = field(init=False)
    exact_seconds: float = field(init=False)
    seconds: float = field(init=False)
    distance: float = field(init=False)

    def __post_init__(self):
        start = perf_counter()
        self.compared_with = exact_shapley(self.kde, self.rows).relevance
        self.exact_seconds = (perf_counter() - start) / len(self.rows)
        network = neuralize(self.kde)
        self.distance = self.missed(network.explain(self.rows).relevance)
        batch = np.resize(self.rows, (BATCH, self.rows.shape[1]))
        times = []
        for _ in range(7):
            start = perf_counter()
            network.explain(batch)
            times.append(perf_counter() - start)
        self.seconds = float(np.median(times)) / BATCH

    def game(self, row):
        """The game of one row."""
        squared = np.ascontiguousarray((row - self.kde.support_points_).T ** 2)
        return Game(squared, self.kde.gamma_)

    def background(self):
        """Training rows that stand for features left out, for the shap package."""
        support = self.kde.support_points_
        chosen = np.random.default_rng(self.seed).permutation(len(support))
        return support[chosen[:N_BACKGROUND]]

    def missed(self, relevance):
        """Mean relative distance to the exact Shapley values."""
        return float(relevance_distance(relevance, self.compared_with, "mean"))


def sampled_orders(task, size, rows):
    """Antithetic permutations: `size` orders and their reverses; all, if so many."""
    d = rows.shape[1]
    if d <= ALL_ORDERS and size >= factorial(d) // 2:
        every = np.array(list(permutations(range(d))))
        orders = every[every[:, 0] < every[:, -1]]
    else:
        rng = np.random.default_rng(task.seed)
        orders = rng.permuted(np.tile(np.arange(d), (size, 1)), axis=1)
    return np.stack([_mean_marginals(task.game(row), orders) for row in rows])


def _mean_marginals(game, orders):
    """What each feature adds, mean over the orders and their reverses."""
    d, n_support = game.squared.shape
    step = max(1, BLOCK // (d * n_support))
    total = np.zeros(d)
    for start in range(0, len(orders), step):
        some = orders[start : start + step]
        joined = np.argsort(some, axis=1)
        masks = (joined[:, None] <= np.arange(d)[:, None]).astype(float)
        forward = game(masks.reshape(-1, d)).reshape(-1, d)
        backward = game(1 - masks.reshape(-1, d)).reshape(-1, d)
        marginals = np.diff(forward, axis=1, prepend=0.0)
        marginals -= np.diff(backward, axis=1, prepend=forward[:, -1:])
        total += np.take_along_axis(marginals, joined, axis=1).sum(axis=0)
    return total / (2 * len(orders))


def mask_kernel_shap(task, size, rows):
    """KernelExplainer on the mask game: it aims at the very same Shapley values."""
    import shap

    d = rows.shape[1]
    relevance = np.empty(rows.shape)
    for n, row in enumerate(rows):
        explainer = shap.KernelExplainer(
            task.game(row), np.zeros((1, d)), seed=task.seed
        )
        options = {"nsamples": size, "l1_reg": False, "silent": True}
        relevance[n] = explainer.shap_values(np.ones((1, d)), **options)[0]
    return relevance


def score_kernel_shap(task, size, rows):
    """KernelExplainer on the score, features left out drawn from training rows."""
    import shap

    explainer = shap.KernelExplainer(
        neuralize(task.kde).forward, task.background(), seed=task.seed
    )
    return explainer.shap_values(rows, nsamples=size, l1_reg=False, silent=True)


def score_permutation_shap(task, size, rows):
    """PermutationExplainer on the score, likewise."""
    import shap

    masker = shap.maskers.Independent(task.background(), max_samples=N_BACKGROUND)
    explainer = shap.PermutationExplainer(
        neuralize(task.kde).forward, masker, seed=task.seed
    )
    evaluations = size * (2 * rows.shape[1] + 1)
    return explainer(rows, max_evals=evaluations, silent=True).values


def largest_sample(d):
    """For each estimator the smallest size, and that beyond which nothing changes."""
    orders = factorial(d) // 2 if d <= ALL_ORDERS else np.inf
    coalitions = 2**d - 2
    # fewer leave its regression singular
    fewest = min(4 * d, coalitions)
    return {
        "permutations, mask game": (sampled_orders, 1, orders),
        "KernelSHAP, mask game": (mask_kernel_shap, fewest, coalitions),
        "permutation SHAP, score": (score_permutation_shap, 1, np.inf),
        "KernelSHAP, score": (score_kernel_shap, fewest, coalitions),
    }


def measured(estimator, task, size, n_rows=None):
    """Relevances, and time a row in units of NEON's."""
    rows = task.rows[:n_rows]
    start = perf_counter()
    relevance = estimator(task, size, rows)
    return relevance, (perf_counter() - start) / len(rows) / task.seconds


def with_budget(task, estimator, size, largest):
    """Distance to exact with at least `TIMES` times NEON's time, and the ratio.

    Less time is used only where a larger sample would be the same sample.
    """
    estimator = partial(measured, estimator, task)
    estimator(size, n_rows=1)
    while True:
        ratio = estimator(size, n_rows=3)[1]
        if ratio < TIMES and size < largest:
            growth = np.clip(1.2 * TIMES / ratio, 1.2, 8)
            size = int(min(largest, np.ceil(size * growth)))
            continue
        relevance, ratio = estimator(size)
        if ratio >= TIMES or size >= largest:
            return task.missed(relevance), ratio
        size = int(min(largest, np.ceil(1.3 * size)))


def break_even(task):
    """Time ratio at which permutations of the mask game are as near as NEON."""
    size, largest = 1, largest_sample(task.rows.shape[1])["permutations, mask game"][2]
    while True:
        relevance, ratio = measured(sampled_orders, task, size)
        if task.missed(relevance) <= task.distance:
            return ratio
        if size >= largest or ratio > 100 * TIMES:
            return np.inf
        size *= 2


def sampling_section(datasets, notes, n_rows):
    """Tables; parameters as in `outlier_section`."""
    return "\n".join(
        [_gamma_part(datasets, notes, n_rows, label) for label in GAMMAS]
        + [SAMPLING_TEXT]
    )


def _gamma_part(datasets, notes, n_rows, label):
    rows, evens, missing = {}, [], set()
    wins = dict.fromkeys(largest_sample(2), 0)
    for name, splits in datasets.items():
        d = splits[0].rows.shape[1]
        if d > MOST_FEATURES:
            continue
        tasks = [
            Task(
                NeonKDE(gamma=split.gamma(GAMMAS[label])).fit(split.train),
                split.rows[:n_rows],
                seed,
            )
            for seed, split in enumerate(splits)
        ]
        own = [task.distance for task in tasks]
        seconds = np.median([task.seconds for task in tasks])
        cells = [str(d), two_digits(1e6 * seconds), percent(own)]
        for estimator, plan in largest_sample(d).items():
            cell, distance = _estimator_cell(tasks, estimator, plan, notes)
            cells.append(cell)
            wins[estimator] += np.mean(own) < distance
            missing |= {estimator} if np.isnan(distance) else set()
        even = np.median([break_even(task) for task in tasks])
        exact = np.median([task.exact_seconds / task.seconds for task in tasks])
        evens.append(even)
        rows[name] = [*cells, f"{two_digits(even)}x", f"{two_digits(exact)}x"]
    columns = ["d", "NEON us", "NEON", *wins, "break-even", "all subsets"]
    nearer = ", ".join(
        f"{n} ({name})" for name, n in wins.items() if name not in missing
    )
    return "\n".join(
        [
            f"**gamma {label}**:\n",
            table("data set", columns, rows),
            f"NEON is nearer on so many of {len(rows)} sets: {nearer}. Break-even at "
            f"{two_digits(min(evens))} to {two_digits(max(evens))} times its time.\n",
        ]
    )


def _estimator_cell(tasks, estimator, plan, notes):
    try:
        runs = [with_budget(task, *plan) for task in tasks]
    except ImportError as error:
        note = f"{estimator}: skipped, the package {error.name} is not installed."
        notes += [note] * (note not in notes)
        return "-", np.nan
    distances, ratios = zip(*runs, strict=True)
    cell = f"{percent(distances)} ({two_digits(np.median(ratios))}x)"
    return cell, np.mean(distances)


SAMPLING_TEXT = """\
What the tables say: **a hundred times the time buys a better estimate** from
permutations of the mask game, on every set and at every gamma; the break-even, which is
rough, comes the sooner the larger gamma is. KernelSHAP on the mask game is better too,
but not on every set at the smaller gammas. With 4 features there are but 24 orders and
16 subsets; up to 6 the budget usually pays for all orders, up to 10 often for all
subsets: then they are exact. What remains for integrated: no randomness, a sum that is
exact, one pass for all rows, and the lower price where a per cent does not matter.
Where it does, use `exact_shapley`.

On the score with background rows, as the shap package is used, no budget helps:
features that are left out are drawn from other rows, which is another game with other
values.
"""
