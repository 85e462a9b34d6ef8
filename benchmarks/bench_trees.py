# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft argmin on what a tree keeps, against all support points and KernelDensity.

By hand: ``python benchmarks/bench_trees.py`` prints seconds for all rows, medians of
paired runs on one thread. All support points are taken for a share of the rows, and
KernelDensity scores a share, their times multiplied. Options: ``--support 1000000``,
``--rows 10000``, ``--features 3``, ``--bandwidth .03`` (or "scott"), ``--rtol 1e-6``,
``--runs 7``.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import sys  # noqa: E402
from argparse import ArgumentParser  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
from sklearn.neighbors import KernelDensity  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import paired_times  # noqa: E402
from skneon import neuralize  # noqa: E402

# share of the rows that stands for all where a run would take minutes
SHARE = 50


class TreeSuite:
    """Standard normal rows and support points."""

    params = ((0.03, "scott"),)
    param_names = ("bandwidth",)

    def setup(self, bandwidth, n_support=10**5, n_rows=2000, n_features=3, rtol=1e-6):
        rng = np.random.default_rng(0)
        support = rng.normal(size=(n_support, n_features))
        self.X = rng.normal(size=(n_rows, n_features))
        if bandwidth == "scott":
            bandwidth = n_support ** (-1 / (n_features + 4))
        density = KernelDensity(bandwidth=bandwidth, rtol=rtol, atol=0)
        self.density = density.fit(support)
        options = {"rule": "soft-argmin", "rtol": rtol}
        self.tree, self.auto, self.brute = (
            neuralize(self.density, algorithm=algorithm, **options)
            for algorithm in ("kd_tree", "auto", "brute")
        )

    def time_tree(self, bandwidth):
        self.tree.explain(self.X)

    def time_auto(self, bandwidth):
        self.auto.explain(self.X)

    def time_brute(self, bandwidth):
        self.brute.explain(self.X[::SHARE])

    def time_kernel_density(self, bandwidth):
        self.density.score_samples(self.X[:: SHARE // 10])


def main():
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--support", type=int, default=10**6)
    parser.add_argument("--rows", type=int, default=10**4)
    parser.add_argument("--features", type=int, default=3)
    parser.add_argument("--bandwidth", default="0.03")
    parser.add_argument("--rtol", type=float, default=1e-6)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    bandwidth = options.bandwidth
    bandwidth = bandwidth if bandwidth == "scott" else float(bandwidth)
    suite = TreeSuite()
    shape = options.support, options.rows, options.features
    suite.setup(bandwidth, *shape, options.rtol)
    names = ("tree", "auto", "brute", "kernel_density")
    times = paired_times(
        {name: lambda name=name: getattr(suite, f"time_{name}")(0) for name in names},
        options.runs,
    )
    times["brute"] *= SHARE
    times["kernel_density"] *= SHARE // 10
    print("N = {}, n = {}, d = {}, bandwidth {}".format(*shape, options.bandwidth))
    for name, seconds in times.items():
        ratio = np.median(seconds / times["tree"])
        print(f"  {name:<16} {np.median(seconds):8.2f} s {ratio:8.2f}")
    print(f"  auto against brute {np.median(times['auto'] / times['brute']):.2f}")


if __name__ == "__main__":
    main()
