# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations as JSON and back."""

import dataclasses
import json
from dataclasses import replace

import numpy as np
import pytest

from skneon import Explanation, NeonKDE, NeonKMeans


@pytest.mark.parametrize("n_clusters", [1, 3])
def test_json_round_trip(explanation, n_clusters):
    X = np.random.default_rng(0).normal(size=(8, 2))
    kmeans = NeonKMeans(n_clusters, random_state=0, n_init=1).fit(X)
    kde = NeonKDE(inlier="random_features", n_components=20, random_state=0).fit(X)
    for original in (explanation, kmeans.explain(), kde.explain(target="inlier")):
        text = original.to_json()
        json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
        copy = Explanation.from_json(text)
        for field in dataclasses.fields(Explanation):
            expected, got = getattr(original, field.name), getattr(copy, field.name)
            assert type(got) is type(expected), field.name
            if isinstance(expected, np.ndarray) and expected.dtype.kind == "f":
                np.testing.assert_array_equal(got, expected)
            elif isinstance(expected, np.ndarray):
                assert got.tolist() == expected.tolist()
            else:
                assert got == expected


def test_json_keeps_labels_of_several_kinds():
    explanation = NeonKDE().fit(np.eye(3)).explain()
    labels = np.array([1, "a", 2.5], dtype=object)
    copy = Explanation.from_json(replace(explanation, index=labels).to_json())
    assert copy.index.tolist() == [1, "a", 2.5]


def test_json_of_something_else_is_refused():
    for text in ('{"score": [1]}', "null", "[]", '"text"'):
        with pytest.raises(ValueError, match="Not an explanation"):
            Explanation.from_json(text)
