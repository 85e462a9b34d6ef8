# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Progress of long explanations."""

import sys

import numpy as np
import pytest
from sklearn.neighbors import KernelDensity

from skneon import NeonKDE, neuralize
from skneon.network.engines._chunks import in_parallel
from skneon.network.engines._progress import progress_bar

X = np.random.default_rng(0).normal(size=(200, 3))


@pytest.fixture
def tqdm():
    """The bar's library, which is an extra."""
    return pytest.importorskip("tqdm.auto").tqdm


@pytest.mark.parametrize("n_jobs", [1, 2, None])
def test_verbose_shows_all_rows_done(tqdm, n_jobs, capsys):
    kde = NeonKDE().fit(X)
    kde.set_params(verbose=1, n_jobs=n_jobs).explain()
    text = capsys.readouterr().err
    assert "skneon: 100%" in text and "200/200" in text
    neuralize(KernelDensity().fit(X), verbose=True).explain(X[:50])
    assert "50/50" in capsys.readouterr().err


def test_silent_by_default(capsys):
    NeonKDE().fit(X).explain()
    for verbose in (0, False):
        with progress_bar(10, verbose) as bar:
            assert bar is None
    captured = capsys.readouterr()
    assert not captured.err and not captured.out


def test_without_the_bar_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    kde = NeonKDE().fit(X)
    expected = kde.explain().relevance
    message = r'needs tqdm.auto, which is not installed: pip install "skneon\[progress'
    with pytest.raises(ImportError, match=message):
        kde.set_params(verbose=1).explain()
    # who does not ask for it does not need it
    np.testing.assert_array_equal(
        kde.set_params(verbose=0).explain().relevance, expected
    )


def test_rows_are_counted_chunk_by_chunk(tqdm, monkeypatch):
    counted = []
    update = tqdm.update

    def watched(self, n):
        counted.append((n, self.total))
        return update(self, n)

    monkeypatch.setattr(tqdm, "update", watched)

    def function(rows, scratch, out):
        return {"score": np.zeros(rows.stop - rows.start)}

    in_parallel(function, 100, 30, None, verbose=1)
    assert counted == [(30, 100), (30, 100), (30, 100), (10, 100)]
    counted.clear()
    in_parallel(function, 100, 5, 2, verbose=1)
    assert sum(n for n, _ in counted) == 100


def test_an_error_leaves_the_rows_uncounted(tqdm, capsys):
    def function(rows, scratch, out):
        if rows.start:
            raise ZeroDivisionError
        return {"score": np.zeros(5)}

    with pytest.raises(ZeroDivisionError):
        in_parallel(function, 10, 5, None, verbose=1)
    text = capsys.readouterr().err
    assert "5/10" in text and "10/10" not in text
