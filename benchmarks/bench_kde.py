# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""NeonKDE against KernelDensity, which only scores.

By hand: ``python benchmarks/bench_kde.py`` prints microseconds a row, and ratios to
``KernelDensity.score_samples``.
"""

import sys
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.neighbors import KernelDensity

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import paired_times, print_table
from skneon import NeonKDE, neuralize

N_ROWS, N_SUPPORT = 200, 2000


class OutlierSuite:
    """Scores and explanations of new rows, by number of features."""

    params = (10, 50)
    param_names = ("n_features",)

    def setup(self, n_features):
        rng = np.random.default_rng(0)
        support = rng.normal(size=(N_SUPPORT, n_features))
        self.X = rng.normal(size=(N_ROWS, n_features))
        self.kde = NeonKDE(n_components=500, random_state=0).fit(support)
        bandwidth = (2 * self.kde.gamma_) ** -0.5
        self.density = KernelDensity(bandwidth=bandwidth).fit(support)
        self.integrated = neuralize(self.kde)
        self.soft_argmin = neuralize(self.kde, beta="gamma")
        self.exact = neuralize(self.kde, target="inlier")
        features = {"inlier": "random_features"}
        self.random_features = neuralize(self.kde, target="inlier", **features)

    def time_kernel_density(self, n_features):
        self.density.score_samples(self.X)

    def time_forward(self, n_features):
        self.integrated.forward(self.X)

    def time_outlier_soft_argmin(self, n_features):
        self.soft_argmin.explain(self.X)

    def time_outlier_integrated(self, n_features):
        self.integrated.explain(self.X)

    def time_inlier_exact(self, n_features):
        self.exact.explain(self.X)

    def time_inlier_random_features(self, n_features):
        self.random_features.explain(self.X)

    def peakmem_outlier_integrated(self, n_features):
        self.integrated.explain(self.X)


def main():
    names = [name for name in vars(OutlierSuite) if name.startswith("time_")]
    for n_features in OutlierSuite.params:
        suite = OutlierSuite()
        suite.setup(n_features)
        functions = {
            name.removeprefix("time_"): partial(getattr(suite, name), n_features)
            for name in names
        }
        title = f"{N_ROWS} rows, {N_SUPPORT} support points, {n_features} features"
        print_table(title, paired_times(functions), "kernel_density", N_ROWS)


if __name__ == "__main__":
    main()
