# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Peak memory of an explanation, above the model and the rows.

``python benchmarks/bench_memory.py --rows 100000 --support 100000`` explains so many
rows in a process of its own, and prints by how much that grew, and the time.
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from sklearn.neighbors import KernelDensity
from threadpoolctl import threadpool_limits

from skneon import neuralize

RULES = {
    "integrated": {},
    "soft argmin": {"rule": "soft-argmin"},
    "exact inlier": {"target": "inlier", "rule": "exact-inlier"},
}
# seconds between two looks at the memory
INTERVAL = 0.002
MEBIBYTE = 2**20


@dataclass
class MemoryPeak:
    """What an explanation took.

    Attributes
    ----------
    n_rows, n_support, n_features : int
    rule : str
    data : int
        Bytes of the rows and the support points.
    result : int
        Bytes of the explanation, which are part of the peak.
    peak : int
        Bytes by which the process grew above what it had with model and rows.
    seconds : float
    """

    n_rows: int
    n_support: int
    n_features: int
    rule: str
    data: int
    result: int
    peak: int
    seconds: float


class Watch:
    """The largest resident memory of this process while the block runs."""

    def __init__(self):
        # comes with the benchmark extra
        from psutil import Process

        self._process = Process(os.getpid())
        self._done = Event()
        self._thread = Thread(target=self._look)

    def _look(self):
        while not self._done.wait(INTERVAL):
            self.largest = max(self.largest, self._process.memory_info().rss)

    def __enter__(self):
        self.first = self.largest = self._process.memory_info().rss
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._done.set()
        self._thread.join()
        self.largest = max(self.largest, self._process.memory_info().rss)


def memory_peak(n_rows, n_support, n_features, rule="integrated"):
    """Explain standard normal rows in a new process.

    Parameters
    ----------
    n_rows, n_support, n_features : int
    rule : {"integrated", "soft argmin", "exact inlier"}

    Returns
    -------
    peak : MemoryPeak
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, n_rows, n_support, n_features, rule).result()


def _measured(n_rows, n_support, n_features, rule):
    rng = np.random.default_rng(0)
    support = rng.normal(size=(n_support, n_features))
    X = rng.normal(size=(n_rows, n_features))
    # gamma="scale" of standard columns; its fit scores nothing, which could take more
    density = KernelDensity(bandwidth=(n_features / 2) ** 0.5).fit(support)
    network = neuralize(density, **RULES[rule])
    with threadpool_limits(1):
        # what libraries take at their first call is not the explanation's
        network.explain(X[:1])
        with Watch() as watch:
            start = perf_counter()
            explanation = network.explain(X)
            seconds = perf_counter() - start
    fields = (explanation.relevance, explanation.score, explanation.compared_with)
    result = sum(values.nbytes for values in (*fields, explanation.data))
    return MemoryPeak(
        n_rows,
        n_support,
        n_features,
        rule,
        X.nbytes + support.nbytes,
        result,
        watch.largest - watch.first,
        seconds,
    )


def main():
    """Print the peak."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--support", type=int, default=10_000)
    parser.add_argument("--features", type=int, default=10)
    parser.add_argument("--rule", choices=list(RULES), default="integrated")
    options = parser.parse_args()
    peak = memory_peak(options.rows, options.support, options.features, options.rule)
    pairs = peak.n_rows * peak.n_support
    print(
        f"{peak.rule}, {peak.n_rows} rows, {peak.n_support} support points, "
        f"{peak.n_features} features: {peak.peak / MEBIBYTE:.1f} MiB above the data of "
        f"{peak.data / MEBIBYTE:.1f} MiB, {peak.result / MEBIBYTE:.1f} MiB of them the "
        f"result; {peak.seconds:.1f} s; one number a pair would take "
        f"{8 * pairs / MEBIBYTE:.0f} MiB"
    )


if __name__ == "__main__":
    main()
