# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rows in chunks that stay in cache, and chunks in threads."""

from functools import lru_cache

import numpy as np
from joblib import effective_n_jobs
from sklearn.utils import gen_batches, gen_even_slices
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import ThreadpoolController

from skneon.network.engines._progress import Progress
from skneon.network.numerics._tiles import BLOCK, SHARED_BLOCK, Scratch

# shares of the rows for each worker, so that none waits long for the last
SHARES = 4


def in_parallel(function, n_rows, size, n_jobs, verbose=0):
    """The results of ``function(rows, scratch)`` for chunks of the rows, put together.

    Parameters
    ----------
    function : callable
        Takes a slice of the rows, and gives a dict of arrays by row, or of None.
    n_rows : int
    size : int
        Rows in a chunk, at the most.
    n_jobs : int or None
        Threads, or workers of the backend that joblib's ``parallel_config`` names.
    verbose : int or bool, default=0
        Whether to show how far it has come.

    Returns
    -------
    results : dict
    """
    workers = effective_n_jobs(n_jobs)
    n_shares = 1 if workers == 1 else SHARES * workers
    block = BLOCK if workers == 1 else SHARED_BLOCK
    shares = gen_even_slices(n_rows, max(1, min(n_rows, n_shares)))
    with one_blas_thread(), Progress(n_rows, verbose) as progress:
        parts = Parallel(n_jobs=n_jobs, prefer="threads")(
            delayed(_in_chunks)(function, rows, size, progress, block)
            for rows in shares
        )
    if len(parts) == 1:
        return parts[0]
    return {name: _joined([part.pop(name) for part in parts]) for name in [*parts[0]]}


def _in_chunks(function, rows, size, progress, block):
    """Results for a share of the rows, each chunk's written to its place at once."""
    results, n_rows, scratch = {}, rows.stop - rows.start, Scratch(block)
    with one_blas_thread():
        for chunk in gen_batches(n_rows, max(1, size)):
            absolute = slice(rows.start + chunk.start, rows.start + chunk.stop)
            for name, values in function(absolute, scratch).items():
                if values is None:
                    results[name] = None
                    continue
                if name not in results:
                    shape = n_rows, *values.shape[1:]
                    results[name] = np.empty(shape, dtype=values.dtype)
                results[name][chunk] = values
            progress.add(chunk.stop - chunk.start)
    return results


def _joined(values):
    return None if values[0] is None else np.concatenate(values)


@lru_cache
def _controller():
    return ThreadpoolController()


def one_blas_thread():
    """Context in which matrix products keep to their own thread."""
    return _controller().limit(limits=1, user_api="blas")
