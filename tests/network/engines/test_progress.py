# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Progress of long explanations."""

import pickle
import sys

import numpy as np
import pytest
from sklearn.neighbors import KernelDensity

from skneon import NeonKDE, neuralize
from skneon.network.engines._progress import Progress

X = np.random.default_rng(0).normal(size=(200, 3))


@pytest.fixture(params=["bar", "lines"])
def shown(request, monkeypatch):
    if request.param == "lines":
        monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    else:
        pytest.importorskip("tqdm")
    return request.param


def test_verbose_shows_all_rows_done(shown, capsys):
    kde = NeonKDE().fit(X)
    kde.set_params(verbose=1, n_jobs=2).explain()
    text = capsys.readouterr().err
    assert ("100%" if shown == "bar" else "200 of 200 rows") in text
    neuralize(KernelDensity().fit(X), verbose=True).explain(X[:50])
    text = capsys.readouterr().err
    assert ("50/50" if shown == "bar" else "50 of 50 rows") in text


def test_silent_by_default(capsys):
    NeonKDE().fit(X).explain()
    captured = capsys.readouterr()
    assert not captured.err and not captured.out


def test_lines_come_at_every_tenth(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with Progress(1000, verbose=1) as progress:
        for _ in range(1000):
            progress.add(1)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"skneon: {n} of 1000 rows" for n in range(100, 1001, 100)]


def test_silent_in_other_processes(capsys):
    with Progress(10, verbose=1) as progress:
        copy = pickle.loads(pickle.dumps(progress))
        capsys.readouterr()
        copy.add(5)
        assert not capsys.readouterr().err
    assert "10" in capsys.readouterr().err


def test_an_error_leaves_the_rows_uncounted(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ZeroDivisionError), Progress(10, verbose=1) as progress:
        progress.add(5)
        raise ZeroDivisionError
    assert capsys.readouterr().err == "skneon: 5 of 10 rows\n"
