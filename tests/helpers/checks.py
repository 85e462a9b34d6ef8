# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of all model families check in the same way."""

import pickle
from copy import deepcopy

import numpy as np
from sklearn import config_context
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.preprocessing import scale

from helpers.laws import assert_close
from skneon import Explanation, neuralize

IRIS, WINE, CANCER = (
    load().data for load in (load_iris, load_wine, load_breast_cancer)
)
REAL = {"iris": IRIS, "wine": scale(WINE), "cancer": scale(CANCER)}


def assert_same(got, expected, terms=0.0):
    """Explanations of the same rows that agree, the relevances to 1e-9 of their sum."""
    assert_close(got.relevance, expected.relevance, terms)
    np.testing.assert_allclose(got.score, expected.score, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(got.target, expected.target)
    np.testing.assert_array_equal(got.rival, expected.rival)


def assert_residual_is_constant(explanation, constant):
    """The residual is this, to 1e-9 of the sum of |relevance| and of the constant."""
    size = np.abs(explanation.relevance).sum(axis=1) + np.abs(constant)
    assert np.all(np.isfinite(explanation.relevance))
    assert np.all(np.abs(explanation.residual - constant) <= 1e-9 * size + 1e-300)


def check_mechanics(model, X, refit, asked=None, **options):
    """Chunks, threads, rows by themselves, copies, JSON; and refits change nothing.

    `refit` is called with the model and fits it to something else.
    """
    asked = asked or {}
    network = neuralize(model, **options)
    expected = network.explain(X, **asked)
    np.testing.assert_allclose(network.forward(X, **asked), expected.score, rtol=1e-12)
    with config_context(working_memory=1e-6):
        assert_same(network.explain(X, **asked), expected)
        threaded = neuralize(model, n_jobs=2, **options)
        assert_same(threaded.explain(X, **asked), expected)
    order = np.random.default_rng(0).permutation(len(X))[:5]
    assert_same(network.explain(X[order], **asked), expected[order])
    for copy in (pickle.loads(pickle.dumps(network)), deepcopy(network)):
        assert_same(copy.explain(X, **asked), expected)
    again = Explanation.from_json(expected.to_json())
    np.testing.assert_array_equal(again.relevance, expected.relevance)
    np.testing.assert_array_equal(again.target, expected.target)
    np.testing.assert_array_equal(again.rival, expected.rival)
    refit(model)
    assert_same(network.explain(X, **asked), expected)


def refit_to_less(model):
    """Fit a model to other rows of fewer columns."""
    model.fit(np.random.default_rng(1).normal(size=(40, 2)))
