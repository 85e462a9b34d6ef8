# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Paired timings: machines drift, so what is compared runs in turn."""

from time import perf_counter

import numpy as np


def paired_times(functions, n_runs=7, warm_up=True):
    """Time functions in turn, after one warm-up each.

    Parameters
    ----------
    functions : dict of str to callable
    n_runs : int, default=7
    warm_up : bool, default=True
        False where all of them have run before.

    Returns
    -------
    times : dict of str to ndarray of shape (n_runs,)
        Seconds; the k-th entries of all functions belong together.
    """
    for function in functions.values() if warm_up else ():
        function()
    times = {name: np.empty(n_runs) for name in functions}
    for run in range(n_runs):
        for name, function in functions.items():
            start = perf_counter()
            function()
            times[name][run] = perf_counter() - start
    return times


def print_table(title, times, peer, units):
    """Median microseconds per unit, and the median ratio to a peer's paired runs."""
    print(title)
    for name, seconds in times.items():
        ratio = np.median(seconds / times[peer])
        print(
            f"  {name:<34} {np.median(seconds) / units * 1e6:>10.3f} us {ratio:>8.2f}"
        )
