# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""NeonKDE on one thread and on several, by its parameter n_jobs.

``python benchmarks/bench_threads.py`` prints microseconds a row and the ratio of
paired runs. Matrix products are held to one thread each, so that n_jobs alone counts.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from threadpoolctl import threadpool_limits

from benchmarks.common import paired_times, print_table
from benchmarks.speed import FORWARD, INLIER, INTEGRATED, SOFT_ARGMIN, Job
from skneon import neuralize


def thread_times(job, n_jobs, n_runs):
    """Paired times on one thread and on several.

    Parameters
    ----------
    job : Job
    n_jobs, n_runs : int

    Returns
    -------
    times : dict of str to dict of int to ndarray of shape (n_runs,)
        By method and number of threads; seconds.
    """
    options = {
        FORWARD: {},
        SOFT_ARGMIN: {"rule": "soft-argmin"},
        INTEGRATED: {},
        INLIER: {"target": "inlier", "rule": "exact-inlier"},
    }

    def function(name, jobs):
        network = neuralize(job.kde, n_jobs=jobs, **options[name])
        method = network.forward if name == FORWARD else network.explain
        return lambda: method(job.X)

    with threadpool_limits(1):
        return {
            name: paired_times(
                {jobs: function(name, jobs) for jobs in (1, n_jobs)}, n_runs
            )
            for name in options
        }


def main():
    """Print a table for each method."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--features", type=int, default=10)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--support", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    job = Job(options.rows, options.support, options.features)
    print(
        f"{job.n_rows} rows, {job.n_support} support points, {job.n_features} "
        f"features, {os.cpu_count()} cores: us a row, ratio to one thread"
    )
    for name, times in thread_times(job, options.jobs, options.runs).items():
        named = {f"n_jobs={jobs}": seconds for jobs, seconds in times.items()}
        print_table(name, named, "n_jobs=1", job.n_rows)


if __name__ == "__main__":
    main()
