# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""NeonKMeans against the assignments of KMeans.

By hand: ``python benchmarks/bench_kmeans.py`` prints microseconds a row, ratios to
``KMeans.predict``, and the peak memory of explanations. One thread is a fair
comparison: set OMP_NUM_THREADS=1.
"""

import sys
import tracemalloc
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import paired_times, print_table
from skneon import NeonKMeans, neuralize

N_TRAINING, N_FEATURES, N_CLUSTERS = 20_000, 20, 10
FIELDS = ("relevance", "compared_with", "data", "score", "rival", "target")


class ClusterSuite:
    """Evidence and explanations of new rows, by number of rows."""

    params = (1_000, 1_000_000)
    param_names = ("n_rows",)

    def setup(self, n_rows):
        rng = np.random.default_rng(0)
        centers = 2 * rng.normal(size=(N_CLUSTERS, N_FEATURES))
        which = rng.integers(N_CLUSTERS, size=max(n_rows, N_TRAINING))
        rows = centers[which] + rng.normal(size=(len(which), N_FEATURES))
        self.X = rows[:n_rows]
        options = {"random_state": 0, "n_init": 1}
        self.kmeans = KMeans(N_CLUSTERS, **options).fit(rows[:N_TRAINING])
        neon = NeonKMeans(N_CLUSTERS, **options).fit(rows[:N_TRAINING])
        rules = ("midpoint", "w-square", "shapley")
        self.networks = {rule: neuralize(neon, rule=rule) for rule in rules}

    def time_predict(self, n_rows):
        self.kmeans.predict(self.X)

    def time_evidence(self, n_rows):
        self.networks["midpoint"].forward(self.X)

    def time_midpoint(self, n_rows):
        self.networks["midpoint"].explain(self.X)

    def time_w_square(self, n_rows):
        self.networks["w-square"].explain(self.X)

    def time_shapley_of_1000_rows(self, n_rows):
        self.networks["shapley"].explain(self.X[:1_000])

    def peakmem_midpoint(self, n_rows):
        self.networks["midpoint"].explain(self.X)


def print_memory(network, X):
    """Peak memory of an explanation beyond its rows, against what it consists of."""
    tracemalloc.start()
    explanation = network.explain(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = sum(getattr(explanation, name).nbytes for name in FIELDS)
    print(f"  peak {peak / 2**20:.0f} MiB, {peak / size:.2f} of the explanation")


def main():
    names = [name for name in vars(ClusterSuite) if name.startswith("time_")]
    for n_rows in ClusterSuite.params:
        suite = ClusterSuite()
        suite.setup(n_rows)
        functions = {
            name.removeprefix("time_"): partial(getattr(suite, name), n_rows)
            for name in names
        }
        title = f"{n_rows} rows, {N_CLUSTERS} clusters, {N_FEATURES} features"
        times = paired_times(functions)
        # as if it had all rows
        times["shapley_of_1000_rows"] *= n_rows / 1_000
        print_table(title, times, "predict", n_rows)
        print_memory(suite.networks["midpoint"], suite.X)


if __name__ == "__main__":
    main()
