# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The way from `explain` to the formula of a rule is short: doc/architecture.md."""

import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skneon
from skneon import explain
from skneon.network.numerics._coalitions import pooled_shapley
from skneon.network.rules._midpoint import midpoint_factor

PACKAGE = str(Path(skneon.__file__).parent)


def route(formula, function):
    """Functions of the package on the way to the first call of a formula, in order."""
    found = []

    def look(frame, event, argument):
        if event == "call" and frame.f_code is formula.__code__ and not found:
            while frame is not None:
                if frame.f_code.co_filename.startswith(PACKAGE):
                    found.insert(0, frame.f_code.co_qualname)
                frame = frame.f_back

    sys.setprofile(look)
    try:
        function()
    finally:
        sys.setprofile(None)
    return found


@pytest.fixture(scope="module")
def X():
    return np.random.default_rng(0).normal(size=(200, 4))


@pytest.mark.parametrize(
    ("steps", "rule", "formula", "most"),
    [
        ([], "midpoint", midpoint_factor, 8),
        ([StandardScaler()], "midpoint", midpoint_factor, 9),
        ([], "shapley", pooled_shapley, 9),
        ([StandardScaler()], "shapley", pooled_shapley, 9),
    ],
)
def test_a_formula_is_a_few_functions_away(X, steps, rule, formula, most):
    kmeans = KMeans(4, n_init=1, random_state=0)
    model = make_pipeline(*steps, kmeans).fit(X) if steps else kmeans.fit(X)
    way = route(formula, lambda: explain(model, X, rule=rule))
    assert way[0] == "explain"
    assert way[-1] == formula.__name__
    assert len(way) <= most, way
