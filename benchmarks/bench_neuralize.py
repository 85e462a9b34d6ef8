# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explaining a model that is already fitted, against skneon's own estimators.

By hand: ``python benchmarks/bench_neuralize.py`` prints microseconds a row, and ratios
to the estimator of the same model. Nothing is fitted again.
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import paired_times, print_table
from skneon import NeonKDE, NeonKMeans, explain

N_ROWS, N_TRAINING, N_FEATURES, N_CLUSTERS = 200, 10_000, 10, 8


class FittedSuite:
    """Explanations of new rows by models of 10^4 rows."""

    def setup(self):
        rng = np.random.default_rng(0)
        training = rng.normal(size=(N_TRAINING, N_FEATURES))
        self.X = rng.normal(size=(N_ROWS, N_FEATURES))
        self.neon_kde = NeonKDE(gamma=0.5).fit(training)
        self.density = KernelDensity(bandwidth=1.0).fit(training)
        self.scaled = make_pipeline(StandardScaler(), self.neon_kde).fit(training)
        self.rotated = make_pipeline(PCA(), NeonKDE(gamma=0.5)).fit(training)
        parameters = {"n_clusters": N_CLUSTERS, "random_state": 0, "n_init": 1}
        self.neon_kmeans = NeonKMeans(**parameters).fit(training)
        self.kmeans = KMeans(**parameters).fit(training)

    def time_neon_kde(self):
        explain(self.neon_kde, self.X)

    def time_kernel_density(self):
        explain(self.density, self.X)

    def time_scaler_and_kde(self):
        explain(self.scaled, self.X)

    def time_pca_and_kde(self):
        explain(self.rotated, self.X)

    def time_neon_kmeans(self):
        explain(self.neon_kmeans, self.X)

    def time_kmeans(self):
        explain(self.kmeans, self.X)


def main():
    """Print the suite as a table for each family."""
    suite = FittedSuite()
    suite.setup()
    density = {
        "NeonKDE": suite.time_neon_kde,
        "KernelDensity": suite.time_kernel_density,
        "StandardScaler, NeonKDE": suite.time_scaler_and_kde,
        "PCA, NeonKDE": suite.time_pca_and_kde,
    }
    clusters = {"NeonKMeans": suite.time_neon_kmeans, "KMeans": suite.time_kmeans}
    title = f"{N_TRAINING} training rows, {N_FEATURES} features: us a row"
    print_table(title, paired_times(density), "NeonKDE", N_ROWS)
    print_table(title, paired_times(clusters, 15), "NeonKMeans", N_ROWS)


if __name__ == "__main__":
    main()
