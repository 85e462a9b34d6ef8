# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What all detectors of PyOD have in common."""

import subprocess
import sys
from copy import deepcopy
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import pages
from helpers.detectors import tables
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import explain, neuralize, report
from skneon.neuralization._by_name import NAMED, known_of

pytest.importorskip("pyod", reason="the extra pyod is not installed")

from pyod.models.abod import ABOD
from pyod.models.iforest import IForest
from pyod.models.knn import KNN
from pyod.models.mcd import MCD

TRAIN, ROWS = tables()["drawn"]
FRAME = pd.DataFrame(ROWS, [f"row{i}" for i in range(len(ROWS))], list("abcd"))


PAGE = Path(__file__).resolve().parents[4] / "doc" / "pyod.md"


def forest(**parameters):
    return IForest(n_estimators=5, random_state=0, **parameters)


def test_pyod_is_not_imported():
    code = (
        "import sys, skneon; from sklearn.neighbors import KernelDensity;"
        "skneon.explain(KernelDensity().fit([[0.0], [1.0]]));"
        "print(sorted(m for m in sys.modules if m.partition('.')[0] == 'pyod'))"
    )
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.skipif(not PAGE.exists(), reason="the guide is not beside the tests")
def test_the_page_runs_and_names_all_detectors():
    pages.run(PAGE)
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in known_of("pyod") if f"| `{name}`" not in text] == []


def test_names_come_from_the_table_that_is_explained():
    model = forest().fit(pd.DataFrame(TRAIN, columns=list("wxyz")))
    expected = explain(model, ROWS)
    got = explain(model, FRAME)
    assert got.feature_names == tuple("abcd")
    assert list(got.index[:2]) == ["row0", "row1"]
    np.testing.assert_array_equal(got.relevance, expected.relevance)
    assert expected.feature_names == ("x0", "x1", "x2", "x3")
    own = explain(model, X_train=pd.DataFrame(TRAIN, columns=list("abcd")))
    assert own.feature_names == tuple("abcd")


def test_subclasses_are_explained():
    class Mine(IForest):
        pass

    got = explain(Mine(n_estimators=5, random_state=0).fit(TRAIN), ROWS)
    np.testing.assert_array_equal(got.score, explain(forest().fit(TRAIN), ROWS).score)
    assert got.meta["model"] == "Mine"


def test_the_target_of_a_detector_is_outlier():
    train, rows = tables()["drawn"]
    for full in NAMED:
        module, _, name = full.rpartition(".")
        # those of LODA and PCA are the same, and these are compiled first, or refused
        if not module.startswith("pyod.") or name in ("HBOS", "CBLOF", "SUOD"):
            continue
        detector = getattr(import_module(module), name)().fit(train)
        assert neuralize(detector, target="outlier").target == "outlier", name
        with pytest.raises(ValueError, match=rf"neuralize\({name}\) must.*'outlier'"):
            explain(detector, rows, target="clusters")


def test_new_rows_stand_beside_the_scores_that_pyod_keeps():
    model = forest(contamination=0.2).fit(TRAIN)
    got = explain(model, ROWS)
    given = explain(model, ROWS, X_train=TRAIN)
    np.testing.assert_allclose(got.p_value, given.p_value, rtol=1e-12)
    outliers = got.training_score > got.meta["threshold"]
    np.testing.assert_array_equal(outliers, model.labels_ == 1)


def test_later_fits_change_nothing():
    model = forest().fit(TRAIN)
    network = neuralize(model)
    expected = network.explain(ROWS)
    model.fit(TRAIN[:30] * 2)
    np.testing.assert_array_equal(network.explain(ROWS).relevance, expected.relevance)


def test_what_cannot_be_explained_is_refused():
    model = forest().fit(TRAIN)
    before = deepcopy(vars(model)).keys()
    with pytest.raises(TypeError, match=r"for ABOD of pyod; known are its .*IForest"):
        neuralize(ABOD().fit(TRAIN))
    with pytest.raises(NotFittedError, match="This IForest instance is not fitted"):
        neuralize(forest())
    with pytest.raises(TypeError, match=r"neuralize\(IForest\) takes no depth"):
        explain(model, ROWS, depth=3)
    with pytest.raises(ValueError, match="has 3 features, but IForest is expecting 4"):
        explain(model, ROWS[:, :3])
    with pytest.raises(ValueError, match="Input X contains NaN"):
        explain(model, np.where(ROWS == ROWS[0], np.nan, ROWS))
    with pytest.raises(ValueError, match="IForest does not keep its training rows"):
        explain(model)
    with pytest.raises(TypeError, match="takes no leave_out"):
        explain(model, ROWS, leave_out=0)
    assert vars(model).keys() == before


@pytest.mark.parametrize("make", [MCD, KNN, IForest])
@pytest.mark.parametrize("scaled", [False, True])
def test_reports_know_the_rows_of_the_fit(make, scaled):
    pytest.importorskip("jinja2")
    rows = np.random.default_rng(1).normal(size=(100, 4))
    rows[5] = 9.0
    model = make_pipeline(StandardScaler(), make()) if scaled else make()
    page = report(model.fit(rows), rows).html
    assert " beyond the threshold" in page
    assert "new to the model" not in page
    assert "new to the model" in report(model, rows[:50]).html
