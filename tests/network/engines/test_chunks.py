# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rows in chunks and threads: results in place, and one BLAS thread in each."""

import threading
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_info, threadpool_limits

from skneon import NeonKDE
from skneon.network.engines._chunks import in_parallel, one_blas_thread
from skneon.network.engines.pruned import _pruned
from skneon.network.numerics._tiles import Scratch

sizes = st.integers(1, 60)
workers = st.sampled_from([1, 2, None])


def parts_of(n_rows, seen=None):
    """A function of rows whose results have several shapes and dtypes."""
    cube = np.arange(n_rows * 6).reshape(n_rows, 2, 3)

    def function(rows, scratch):
        assert isinstance(scratch, Scratch)
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
    expected = parts_of(n_rows)(slice(None), Scratch())
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

    def function(rows, scratch):
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
    def function(rows, scratch):
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


@pytest.mark.parametrize("tree", ["kd_tree", "ball_tree"])
def test_chunks_and_threads_keep_the_same_points(tree):
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(20, 2)) * 5
    U = centers[rng.integers(20, size=2000)] + rng.normal(size=(2000, 2)) * 0.3
    options = {"gamma": 20.0, "beta": "gamma", "rtol": 0.01, "algorithm": tree}
    kde = NeonKDE(**options).fit(U)
    for X in (centers * 1.1, None):
        expected = kde.explain(X)
        assert np.any(expected.relevance != kde_exact(U).explain(X).relevance)
        with mock.patch.object(_pruned, "ROWS", 7):
            chunked = kde.explain(X)
        threaded = NeonKDE(n_jobs=3, **options).fit(U).explain(X)
        for got in (chunked, threaded):
            np.testing.assert_array_equal(got.score, expected.score)
            np.testing.assert_array_equal(got.relevance, expected.relevance)
            np.testing.assert_array_equal(got.reference, expected.reference)


def kde_exact(U):
    return NeonKDE(gamma=20.0, beta="gamma").fit(U)
