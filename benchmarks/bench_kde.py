# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""NeonKDE against KernelDensity, which only scores, against others and the floor.

``python benchmarks/bench_kde.py`` prints nanoseconds a pair of a row and a support
point on one thread, and ratios to ``KernelDensity.score_samples``;
``--write doc/speed.md`` makes the page. The packages torch, pykeops and shap are used
where they are installed.
"""

import argparse
import os
import sys
from functools import partial
from pathlib import Path

# one thread, whatever library it is: before any of them is imported
os.environ.update(
    {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "BLIS_NUM_THREADS": "1",
        "VECLIB_MAXIMUM_THREADS": "1",
        "NUMBA_NUM_THREADS": "1",
    }
)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from sklearn.neighbors import KernelDensity
from threadpoolctl import threadpool_info, threadpool_limits

from benchmarks.bench_memory import memory_peak
from benchmarks.bench_threads import thread_times
from benchmarks.common import paired_times
from benchmarks.floor import floor_contestants
from benchmarks.page import Extras, speed_page, text_tables
from benchmarks.peers import PEERS, add_note, peer_contestants
from benchmarks.shap_times import shap_times
from benchmarks.speed import Job, Timing, kernel_density_contestants, own_contestants
from skneon import NeonKDE, neuralize
from skneon.network import RandomFeatures

N_ROWS, N_SUPPORT = 200, 2000


class OutlierSuite:
    """Scores and explanations of new rows, by number of features."""

    params = (10, 50)
    param_names = ("n_features",)

    def setup(self, n_features):
        rng = np.random.default_rng(0)
        support = rng.normal(size=(N_SUPPORT, n_features))
        self.X = rng.normal(size=(N_ROWS, n_features))
        self.kde = NeonKDE().fit(support)
        bandwidth = (2 * self.kde.gamma_) ** -0.5
        self.density = KernelDensity(bandwidth=bandwidth).fit(support)
        self.integrated = neuralize(self.kde)
        self.soft_argmin = neuralize(self.kde, rule="soft-argmin")
        self.exact = neuralize(self.kde, target="inlier", rule="exact-inlier")
        features = RandomFeatures(500, random_state=0)
        self.random_features = neuralize(self.kde, target="inlier", rule=features)

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
    """Time all jobs that are asked for; print them, and write the page."""
    options = parser().parse_args()
    notes, timings, extras = [], [], Extras()
    with threadpool_limits(1):
        for gamma in options.gammas:
            for n_features in options.features:
                say(f"gamma {gamma}, {n_features} features ...")
                job = Job(options.rows, options.support, n_features, gamma)
                timing = timed(job, options, notes)
                for name in timing.seconds:
                    say(f"  {name:<34} {timing.nanoseconds(name):8.2f} ns a pair")
                # once: the estimators do not go by gamma
                if "shap" in options.peers and gamma == options.gammas[0]:
                    say("  shap ...")
                    timing.shap = shap_times(job, options.shap_rows, notes)
                timings.append(timing)
                # of the first gamma, and the middle number of features
                if options.threads and len(timings) == (len(options.features) + 1) // 2:
                    say(f"  {options.threads} threads ...")
                    n_jobs = options.threads
                    extras.threads = thread_times(job, n_jobs, options.runs)
                    extras.n_jobs, extras.n_features = n_jobs, n_features
        many = {i["filepath"] for i in threadpool_info() if i["num_threads"] > 1}
    if many:
        raise RuntimeError(f"More than one thread: {', '.join(sorted(many))}")
    if options.memory:
        say(f"memory, {options.memory} rows ...")
        try:
            extras.memory = memory_peak(options.memory, options.memory, 10)
        except ImportError as error:
            add_note(notes, "memory", error)
    print(text_tables(timings, notes))
    if options.write:
        page = speed_page(timings, notes, extras, arguments(options))
        Path(options.write).write_text(page, encoding="utf-8")


def timed(job, options, notes):
    """Seconds of all contestants of a job, after each has given the same figures."""
    own = [
        *kernel_density_contestants(job),
        *own_contestants(job),
        *floor_contestants(job),
    ]
    differences = [contestant.check(job) for contestant in own]
    contestants = own + peer_contestants(job, options.peers, notes)
    functions = {contestant.name: contestant.run for contestant in contestants}
    seconds = paired_times(functions, options.runs, warm_up=False)
    return Timing(job, seconds, differences[0])


def say(text):
    """Progress, apart from what is printed."""
    print(text, file=sys.stderr, flush=True)


def arguments(options):
    """The command line that makes the page: what differs from the defaults."""
    words = []
    for name, default in vars(parser().parse_args([])).items():
        value = getattr(options, name)
        if name != "write" and value != default:
            values = value if isinstance(value, list) else [value]
            words += [f"--{name.replace('_', '-')}", *map(str, values)]
    return " ".join([*words, "--write doc/speed.md"])


def parser():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = partial(parser.add_argument, type=int)
    add("--features", nargs="+", default=[10, 50, 200], help="numbers of features")
    add("--rows", default=1000, help="rows to score and to explain")
    add("--support", default=10_000, help="support points")
    add("--runs", default=7, help="paired runs")
    parser.add_argument("--gammas", nargs="+", default=["scale", "scott"])
    peers = [*PEERS, "shap"]
    parser.add_argument("--peers", nargs="*", choices=peers, default=peers)
    add("--shap-rows", default=2, help="rows that the shap package explains")
    add("--threads", default=0, metavar="N", help="also N threads against one")
    add("--memory", default=0, metavar="N", help="also peak memory, N rows of N")
    parser.add_argument("--write", metavar="PATH", help="file for the page")
    return parser


if __name__ == "__main__":
    main()
