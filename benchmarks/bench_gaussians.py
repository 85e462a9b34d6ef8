# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Gaussians and mixtures: accuracy beyond 12 columns, and time a row on one thread.

By hand: ``python benchmarks/bench_gaussians.py`` prints both tables. Accuracy is the
median over rows of the relative L1 distance to the Shapley values of all subsets. Times
are those of the processor, so that other work on the machine does not count.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np
from sklearn.base import clone
from sklearn.covariance import EmpiricalCovariance
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.faithfulness_tables import table, two_digits
from skneon import neuralize
from skneon.metrics import exact_shapley, relevance_distance
from skneon.network import Shapley
from skneon.network.numerics._gaussian_integrated import integrated_forms
from skneon.network.numerics._gaussian_orders import gaussian_order_forms
from skneon.network.numerics._gaussian_shapley import gaussian_shapley_forms
from skneon.network.numerics._mixture_components import Odds, gaussian_components
from skneon.network.numerics._mixture_orders import mixture_orders
from skneon.network.numerics._orders import balanced_orders

MIXTURE = GaussianMixture(3, reg_covar=1e-2, random_state=0)
N_ROWS = 1000
N_RUNS = 15
MANY_ORDERS = 200
# one Gaussian of 13 columns is exact from this number on
EXACT = Shapley(n_subsets=19)


def wine():
    """13 columns."""
    return scale(load_wine().data)


def cancer(n_columns):
    """The first columns."""
    return scale(load_breast_cancer().data[:, :n_columns])


def accuracy(train, rows):
    """Distances of one Gaussian's rules to all subsets, and the worst error of a sum.

    Returns
    -------
    figures : dict of str to float
    """
    model = EmpiricalCovariance().fit(train)
    Z, C, d = rows - model.location_, model.covariance_, rows.shape[1]
    exact = gaussian_shapley_forms(C).shares(Z)
    found = {
        "2 d orders": gaussian_order_forms(C, balanced_orders(d, 2 * d)).shares(Z),
        f"{MANY_ORDERS} orders": gaussian_order_forms(
            C, balanced_orders(d, MANY_ORDERS)
        ).shares(Z),
        "integrated": integrated_forms(C).shares(Z),
        "mean": Z * (Z @ model.precision_),
    }
    score = model.mahalanobis(rows)
    error = max(np.max(np.abs(R.sum(axis=1) / score - 1)) for R in found.values())
    distances = {name: float(relevance_distance(R, exact)) for name, R in found.items()}
    return distances | {"error of sums": float(error)}


def mixture_accuracy(train, rows, target):
    """The same of a mixture, by its log density or by its log-odds."""
    model = clone(MIXTURE).fit(train)
    exact = exact_shapley(model, rows, target=target).relevance
    components = gaussian_components(
        model.weights_, model.means_, model.covariances_, model.covariance_type
    )
    own = model.predict(rows)
    odds = Odds(own, np.arange(len(model.means_)) != own[:, None])
    odds = odds if target == "cluster" else None
    d = rows.shape[1]
    found = {
        label: mixture_orders(components, balanced_orders(d, n))
        .shares(rows, odds)
        .shares
        for label, n in (("2 d orders", 2 * d), (f"{MANY_ORDERS} orders", MANY_ORDERS))
    }
    for rule in ("integrated", "mean"):
        explanation = neuralize(model, target=target, rule=rule).explain(rows)
        found[rule] = explanation.relevance
    # rule "mean" has another constant in log-odds, and so another sum
    same = [R for rule, R in found.items() if (rule, target) != ("mean", "cluster")]
    size = np.abs(exact).sum(axis=1)
    errors = [np.abs(R.sum(axis=1) - exact.sum(axis=1)) / size for R in same]
    distances = {name: float(relevance_distance(R, exact)) for name, R in found.items()}
    return distances | {"error of sums": float(np.max(errors))}


def accuracy_table(rows):
    """Distances in per cent; `rows` are dicts as `accuracy` returns, by name."""
    columns = list(next(iter(rows.values())))
    cells = {
        name: [
            f"{figures[key]:.0e}" if "sum" in key else f"{100 * figures[key]:.1f} %"
            for key in columns
        ]
        for name, figures in rows.items()
    }
    return table("distance to all subsets", columns, cells)


@dataclass
class Job:
    """A model, rows and options; `prepared` are the seconds that the first row took."""

    model: object
    X: np.ndarray
    options: dict
    prepared: float = 0.0

    def __post_init__(self):
        start = process_time()
        self.network = neuralize(self.model, **self.options)
        self.network.explain(self.X[:1])
        self.prepared = process_time() - start

    def __call__(self):
        return self.network.explain(self.X)


def jobs():
    """What is timed, by name."""
    rng = np.random.default_rng(0)
    made = {}

    def add(name, estimator, train, **options):
        rows = rng.integers(len(train), size=N_ROWS)
        X = train[rows] + rng.normal(0, 0.3, (N_ROWS, train.shape[1]))
        made[name] = Job(clone(estimator).fit(train), X, options)

    digits = rng.normal(size=(500, 64)) @ rng.normal(size=(64, 64))
    for d, train, rule, label in (
        (10, cancer(10), "shapley", "all subsets"),
        (13, wine(), EXACT, "all subsets"),
        (13, wine(), "shapley", "26 orders"),
        (13, wine(), "integrated", "integrated"),
        (13, wine(), "mean", "mean"),
        (64, digits, "shapley", "128 orders"),
        (64, digits, "integrated", "integrated"),
    ):
        name = f"one Gaussian, d = {d}: {label}"
        add(name, EmpiricalCovariance(), train, rule=rule)
    for d, train, rule, label in (
        (10, cancer(10), "shapley", "all subsets"),
        (12, cancer(12), "shapley", "all subsets"),
        (13, wine(), "shapley", "26 orders"),
        (13, wine(), "integrated", "integrated"),
        (13, wine(), "mean", "mean"),
    ):
        name = f"mixture of 3, d = {d}: {label}"
        add(name, MIXTURE, train, target="outlier", rule=rule)
    return made


def times(n_runs=N_RUNS):
    """Preparation in milliseconds, and microseconds a row, by name."""
    found = {}
    for name, job in jobs().items():
        seconds = [processor_seconds(job) for _ in range(n_runs)]
        found[name] = 1e3 * job.prepared, 1e6 * float(np.median(seconds)) / N_ROWS
    return found


def processor_seconds(function):
    """Of one call."""
    start = process_time()
    function()
    return process_time() - start


def times_table(found):
    """As Markdown."""
    rows = {
        name: [two_digits(figure) for figure in pair] for name, pair in found.items()
    }
    columns = ["preparation, ms", "microseconds a row"]
    return table(f"one thread, {N_ROWS} rows at once", columns, rows)


def accuracies():
    """On tables of 13 and 15 columns, all rows."""
    return {
        "wine, 13 columns: one Gaussian": accuracy(wine(), wine()),
        "cancer, 15 columns: one Gaussian": accuracy(cancer(15), cancer(15)),
        "wine, 13 columns: mixture": mixture_accuracy(wine(), wine()[::4], "outlier"),
        "wine, 13 columns: log-odds": mixture_accuracy(wine(), wine()[::4], "cluster"),
    }


def main():
    """Print both tables."""
    with threadpool_limits(1):
        print(accuracy_table(accuracies()))
        print(times_table(times()))


if __name__ == "__main__":
    main()
