# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rows in chunks that stay in cache, and chunks in threads."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock, local
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn.utils import gen_batches, gen_even_slices
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import ThreadpoolController

from skneon.network.engines._progress import progress_bar
from skneon.network.numerics._tiles import BLOCK, SHARED_BLOCK, Scratch
from skneon.network.numerics._types import Array

# shares of the rows for each worker, so that none waits long for the last
SHARES = 4
# whether a thread is in `one_blas_thread`
_LIMITED = local()


def in_parallel(
    function: Callable[..., dict[str, Any]],
    n_rows: int,
    size: int,
    n_jobs: int | None,
    verbose: int | bool = 0,
) -> dict[str, Any]:
    """The results of ``function(rows, scratch, out)`` for all rows, put together.

    Parameters
    ----------
    function : callable
        Takes a slice of the rows, and gives a dict of arrays by row, or of None. It may
        write them to the arrays of the dict `out`.
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
    block = BLOCK if workers == 1 else SHARED_BLOCK
    shares = list(gen_even_slices(n_rows, max(1, min(n_rows, SHARES * workers))))
    with one_blas_thread(), progress_bar(n_rows, verbose) as bar:
        results = _Results(n_rows, bar)
        if workers == 1:
            # what joblib does around one share takes longer than to explain a few rows
            _of_share(function, slice(0, n_rows), size, block, results)
            return results.arrays
        parts = Parallel(n_jobs=n_jobs, prefer="threads")(
            delayed(_of_share)(function, rows, size, block, results) for rows in shares
        )
        for rows, part in zip(shares, parts, strict=True):
            # of workers that have a memory of their own
            if part is not None:
                results.put(rows, part)
    return results.arrays


class _Results:
    """Arrays by row that threads fill; in another process, those of a share alone."""

    def __init__(self, n_rows: int, bar: Any = None) -> None:
        self.n_rows = n_rows
        self.arrays: dict[str, Any] = {}
        self.shared = True
        self._bar = bar
        self._lock = Lock()

    def __getstate__(self) -> dict[str, Any]:
        """What another process starts with."""
        return {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """As new, for whoever fills it."""
        vars(self).update(vars(_Results(0)), shared=False)

    def at(self, rows: slice) -> dict[str, Array]:
        """The places of a chunk, as far as there are arrays yet."""
        return {k: v[rows] for k, v in list(self.arrays.items()) if v is not None}

    def put(self, rows: slice, values: dict[str, Any]) -> None:
        """Write a chunk's values to their places, unless they are there."""
        for name, value in values.items():
            if name not in self.arrays:
                self._make(name, value)
            place = None if value is None else self.arrays[name][rows]
            if place is not None and not np.may_share_memory(place, value):
                place[...] = value
        with self._lock:
            if self._bar is not None:
                self._bar.update(rows.stop - rows.start)

    def _make(self, name: str, value: Array | None) -> None:
        with self._lock:
            if name not in self.arrays and value is not None:
                shape = self.n_rows, *value.shape[1:]
                self.arrays[name] = np.empty(shape, dtype=value.dtype)
            self.arrays.setdefault(name, None)


def _of_share(
    function: Callable[..., dict[str, Any]],
    rows: slice,
    size: int,
    block: int,
    results: _Results,
) -> dict[str, Any] | None:
    """Fill the places of a share of the rows; what another process sends back."""
    start, scratch = rows.start, Scratch(block)
    own = results
    if not results.shared:
        own, start = _Results(rows.stop - rows.start), 0
    with one_blas_thread():
        for chunk in gen_batches(rows.stop - rows.start, max(1, size)):
            absolute = slice(rows.start + chunk.start, rows.start + chunk.stop)
            place = slice(start + chunk.start, start + chunk.stop)
            own.put(place, function(absolute, scratch, own.at(place)))
    return None if results.shared else own.arrays


@lru_cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Context in which matrix products keep to their own thread.

    A thread that is in one already enters another one for nothing: to set limits takes
    as long as to explain a few rows.
    """
    if getattr(_LIMITED, "here", False):
        yield
        return
    with _controller().limit(limits=1, user_api="blas"):
        _LIMITED.here = True
        try:
            yield
        finally:
            _LIMITED.here = False
