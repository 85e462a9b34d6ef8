# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations as JSON and back."""

import dataclasses
import json
from dataclasses import replace

import numpy as np
import pytest

from skneon import Explanation, NeonKDE, NeonKMeans
from skneon.explanation import SharedRows
from skneon.network import RandomFeatures


def assert_same_ordinary(got, expected):
    assert got.n_rows == expected.n_rows and got.why == expected.why
    np.testing.assert_array_equal(got.typical, expected.typical)
    if not got.why:
        np.testing.assert_array_equal(got.relevance, expected.relevance)


@pytest.mark.parametrize("n_clusters", [1, 3])
def test_json_round_trip(explanation, n_clusters):
    X = np.random.default_rng(0).normal(size=(8, 2))
    kmeans = NeonKMeans(n_clusters, random_state=0, n_init=1).fit(X)
    kde = NeonKDE(rule=RandomFeatures(n_components=20)).fit(X)
    for original in (explanation, kmeans.explain(), kde.explain(target="inlier")):
        text = original.to_json()
        json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
        copy = Explanation.from_json(text)
        kept = dataclasses.replace(original, ranks=original.standing, ordinary=None)
        assert_same_ordinary(copy.ordinary, original.ordinary)
        original, copy = kept, dataclasses.replace(copy, ordinary=None)
        for field in dataclasses.fields(Explanation):
            expected, got = getattr(original, field.name), getattr(copy, field.name)
            assert type(got) is type(expected), field.name
            if isinstance(expected, np.ndarray) and expected.dtype.kind == "f":
                np.testing.assert_array_equal(got, expected)
            elif isinstance(expected, SharedRows):
                np.testing.assert_array_equal(got.toarray(), expected.toarray())
            elif isinstance(expected, np.ndarray):
                assert got.tolist() == expected.tolist()
            else:
                assert got == expected


def test_json_holds_no_relevances_that_would_add_up(explanation):
    copy = Explanation.from_json(explanation.to_json())
    np.testing.assert_array_equal(copy.excess(), explanation.excess())
    grouped = copy.aggregate({"both": ["a", "b"]})
    assert grouped.typical[1] == explanation.typical[2]
    with pytest.raises(ValueError, match="aggregate before to_json"):
        grouped.excess()
    renamed = copy.aggregate({"alpha": ["a"]})
    np.testing.assert_array_equal(renamed.excess(), explanation.excess())


def test_json_keeps_labels_of_several_kinds():
    explanation = NeonKDE().fit(np.eye(3)).explain()
    labels = np.array([1, "a", 2.5], dtype=object)
    copy = Explanation.from_json(replace(explanation, index=labels).to_json())
    assert copy.index.tolist() == [1, "a", 2.5]


def test_json_of_something_else_is_refused():
    for text in ('{"score": [1]}', "null", "[]", '"text"'):
        with pytest.raises(ValueError, match="Not an explanation"):
            Explanation.from_json(text)
