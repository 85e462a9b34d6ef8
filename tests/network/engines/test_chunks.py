# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rows in chunks: results in place, by threads or processes, one BLAS thread each."""

import threading
from functools import partial

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_info, threadpool_limits

from skneon import NeonKDE, NeonKMeans, neuralize
from skneon.network import SoftArgmin
from skneon.network.engines._chunks import in_parallel, one_blas_thread
from skneon.network.numerics._tiles import Scratch

sizes = st.integers(1, 60)
workers = st.sampled_from([1, 2, None])


def parts_of(n_rows, seen=None):
    """A function of rows whose results have several shapes and dtypes."""
    cube = np.arange(n_rows * 6).reshape(n_rows, 2, 3)

    def function(rows, scratch, out):
        assert isinstance(scratch, Scratch) and isinstance(out, dict)
        if seen is not None:
            seen.append((rows, scratch, threading.get_ident()))
        numbers = np.arange(n_rows)[rows]
        # as networks do: an array that the next chunk writes to
        used = scratch("used", (len(numbers),), float)
        used[:] = numbers / 4
        return {
            "score": used,
            "single": numbers.astype(np.float32)[:, None],
            "number": numbers.astype(np.int16),
            "cube": cube[rows],
            "truth": numbers % 3 == 0,
            "nothing": None,
        }

    return function


def check(got, n_rows):
    numbers = np.arange(n_rows)
    expected = parts_of(n_rows)(slice(None), Scratch(), {})
    assert got.keys() == expected.keys()
    assert got["nothing"] is None
    np.testing.assert_array_equal(got["number"], numbers)
    for name in expected.keys() - {"nothing"}:
        np.testing.assert_array_equal(got[name], expected[name])
        assert got[name].dtype == expected[name].dtype
        assert got[name].flags.c_contiguous


@given(sizes, sizes, workers)
def test_results_are_in_place_for_any_chunk_size(n_rows, size, n_jobs):
    check(in_parallel(parts_of(n_rows), n_rows, size, n_jobs), n_rows)


@given(sizes, st.integers(-1, 0), workers)
def test_chunks_have_at_least_a_row(n_rows, size, n_jobs):
    check(in_parallel(parts_of(n_rows), n_rows, size, n_jobs), n_rows)


@pytest.mark.parametrize("n_jobs", [1, 2, 7, None])
def test_one_row(n_jobs):
    check(in_parallel(parts_of(1), 1, 100, n_jobs), 1)


@given(sizes, sizes, workers)
def test_every_row_comes_once_in_chunks_of_the_size(n_rows, size, n_jobs):
    seen = []
    in_parallel(parts_of(n_rows, seen), n_rows, size, n_jobs)
    rows = [np.arange(n_rows)[rows] for rows, _, _ in seen]
    np.testing.assert_array_equal(np.sort(np.concatenate(rows)), np.arange(n_rows))
    assert max(map(len, rows)) <= size
    if n_jobs != 2:
        assert len(rows) == -(-n_rows // size)


def test_threads_share_no_scratch():
    seen = []
    in_parallel(parts_of(100, seen), 100, 5, 2)
    owners = {}
    for _, scratch, thread in seen:
        owners.setdefault(id(scratch), set()).add(thread)
    assert len(owners) > 1 and all(len(threads) == 1 for threads in owners.values())


def test_one_share_is_not_copied():
    """A single worker writes each chunk to its place, and that is the result."""
    seen = []
    in_parallel(parts_of(100, seen), 100, 5, None)
    assert len({id(scratch) for _, scratch, _ in seen}) == 1
    assert [rows.start for rows, _, _ in seen] == list(range(0, 100, 5))


def blas_threads():
    pools = threadpool_info()
    return [pool["num_threads"] for pool in pools if pool["user_api"] == "blas"]


@pytest.mark.parametrize("n_jobs", [1, 2, None])
def test_matrix_products_keep_to_one_thread_inside(n_jobs):
    inside = []

    def function(rows, scratch, out):
        inside.append(blas_threads())
        return {"out": np.zeros(rows.stop - rows.start)}

    with threadpool_limits(3, user_api="blas"):
        before = blas_threads()
        in_parallel(function, 40, 5, n_jobs)
        assert blas_threads() == before
    # none is known where the system's own library does the products
    assert all(threads > 1 for threads in before)
    assert len(inside) >= 8
    assert all(threads == 1 for pools in inside for threads in pools)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_threads_are_restored_after_an_error(n_jobs):
    def function(rows, scratch, out):
        raise KeyError("of the function")

    with threadpool_limits(3, user_api="blas"):
        before = blas_threads()
        with pytest.raises(KeyError, match="of the function"):
            in_parallel(function, 40, 5, n_jobs)
        assert blas_threads() == before


def test_the_limit_by_itself():
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        with one_blas_thread():
            assert set(blas_threads()) <= {1}
            with one_blas_thread():
                assert set(blas_threads()) <= {1}
            assert set(blas_threads()) <= {1}
        assert blas_threads() == before


def test_calls_inside_of_workers():
    """Explanations of folds or models side by side, each with chunks of its own."""

    def of(n_rows):
        return in_parallel(parts_of(n_rows), n_rows, 3, None)

    numbers = [5, 17, 1, 30]
    got = Parallel(n_jobs=2, prefer="threads")(delayed(of)(n) for n in numbers)
    for results, n_rows in zip(got, numbers, strict=True):
        check(results, n_rows)


# Places

needs_config = pytest.mark.skipif(
    not hasattr(joblib, "parallel_config"), reason="joblib below 1.3"
)


def in_place(rows, scratch, out, seen):
    """Results that are written to where they belong, where there is a place."""
    numbers = np.arange(100.0)[rows]
    square = np.square(numbers, out=out.get("square"))
    seen.append(out.get("square"))
    if rows.start % 2:
        # not all do so
        return {"square": numbers**2, "double": 2 * numbers}
    return {"square": square, "double": 2 * numbers}


@pytest.mark.parametrize("n_jobs", [1, 2, None])
def test_results_may_be_written_in_place(n_jobs):
    seen = []
    results = in_parallel(partial(in_place, seen=seen), 100, 7, n_jobs)
    np.testing.assert_array_equal(results["square"], np.arange(100.0) ** 2)
    np.testing.assert_array_equal(results["double"], 2 * np.arange(100))
    places = [place for place in seen if place is not None]
    # all but the first of each thread get places in the result
    assert len(places) >= len(seen) - 2
    assert all(np.shares_memory(place, results["square"]) for place in places)


def squares(rows, scratch, out):
    """Results of chunks, and how much of them there was before, of this process."""
    numbers = np.arange(100.0)[rows]
    out = out.get("square", np.empty(len(numbers)))
    known = np.full(len(numbers), 0 if out.base is None else len(out.base))
    return {"square": np.square(numbers, out=out), "known": known, "none": None}


@needs_config
@pytest.mark.parametrize("backend", ["loky", "multiprocessing"])
def test_processes_send_back_their_shares_alone(backend):
    with joblib.parallel_config(backend=backend):
        results = in_parallel(squares, 100, 5, 2)
    assert results["none"] is None
    np.testing.assert_array_equal(results["square"], np.arange(100.0) ** 2)
    # eight shares: none has places for more than its own rows
    assert 0 < results["known"].max() <= 13


@needs_config
def test_threads_share_the_places_of_all_rows():
    results = in_parallel(squares, 100, 5, 2)
    assert results["known"].max() == 100


# Other workers than threads: whatever joblib's parallel_config names

X = np.random.default_rng(0).normal(size=(300, 6))


def assert_same(got, expected):
    assert got.relevance.shape == expected.relevance.shape
    np.testing.assert_allclose(got.relevance, expected.relevance, rtol=1e-12, atol=0)
    np.testing.assert_allclose(got.score, expected.score, rtol=1e-12)
    np.testing.assert_array_equal(got.rival, expected.rival)


def explanations(n_jobs=None):
    kde = NeonKDE(gamma=2.0, n_jobs=n_jobs).fit(X)
    pruned = {"rule": SoftArgmin(), "rtol": 1e-9, "algorithm": "kd_tree"}
    yield kde.explain()
    yield kde.explain(X[:50], target="inlier")
    yield neuralize(kde, **pruned).explain(X[:50])
    kmeans = NeonKMeans(3, random_state=0, n_init=1).fit(X)
    for rule in ("shapley", "midpoint"):
        yield neuralize(kmeans, rule=rule, n_jobs=n_jobs).explain()


@needs_config
def test_dask():
    distributed = pytest.importorskip("distributed")
    expected = list(explanations())
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    )
    with cluster, distributed.Client(cluster):
        before = cluster.scheduler.transition_counter
        with joblib.parallel_config(backend="dask"):
            got = list(explanations(n_jobs=2))
        assert cluster.scheduler.transition_counter > before
    for one, other in zip(got, expected, strict=True):
        assert_same(one, other)


@needs_config
@pytest.mark.parametrize("backend", ["loky", "multiprocessing", "threading"])
def test_other_backends(backend):
    expected = list(explanations())
    with joblib.parallel_config(backend=backend):
        got = list(explanations(n_jobs=2))
    for one, other in zip(got, expected, strict=True):
        assert_same(one, other)


def test_a_context_inside_another_ends_with_it():
    with threadpool_limits(3, user_api="blas"):
        before = blas_threads()
        with one_blas_thread():
            with one_blas_thread():
                pass
            assert all(threads == 1 for threads in blas_threads())
        assert blas_threads() == before
