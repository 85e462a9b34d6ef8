# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Pickle and skops round trips of fitted estimators and explanations."""

import pickle

import numpy as np
import pytest
import skops.io
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, NeonKMeans
from skneon.network import Midpoint, SoftArgmin

FRAME = load_iris(as_frame=True).data
OWN_TYPES = {
    "skneon.explanation._ordinary.Known",
    "skneon._kde.NeonKDE",
    "skneon._kmeans.NeonKMeans",
    "skneon.network.rules._midpoint.Midpoint",
    "skneon.network.rules._soft_argmin.SoftArgmin",
    "skneon.explanation._explanation.Explanation",
}


def objects():
    for X in (FRAME, FRAME.to_numpy()):
        yield NeonKDE().fit(X)
        yield NeonKDE(rule=SoftArgmin(0.5, epsilon=0.0)).fit(X)
        yield NeonKMeans(3, random_state=0).fit(X)
        yield NeonKMeans(3, random_state=0, rule=Midpoint()).fit(X)
        yield make_pipeline(StandardScaler(), NeonKDE()).fit(X)
        yield NeonKDE().fit(X).explain()
        yield NeonKMeans(3, random_state=0).fit(X).explain()


def pickled(thing):
    return pickle.loads(pickle.dumps(thing))


def through_skops(thing):
    data = skops.io.dumps(thing)
    unknown = set(skops.io.get_untrusted_types(data=data))
    assert unknown <= OWN_TYPES
    return skops.io.loads(data, trusted=sorted(unknown))


@pytest.mark.parametrize("round_trip", [pickled, through_skops])
@pytest.mark.parametrize("thing", list(objects()), ids=repr)
def test_round_trip(thing, round_trip):
    copy = round_trip(thing)
    assert type(copy) is type(thing)
    if hasattr(thing, "steps"):
        rows = FRAME if hasattr(thing, "feature_names_in_") else FRAME.to_numpy()
        np.testing.assert_array_equal(
            copy.score_samples(rows), thing.score_samples(rows)
        )
        return
    explanation = thing.explain() if hasattr(thing, "explain") else thing
    got = copy.explain() if hasattr(copy, "explain") else copy
    np.testing.assert_array_equal(got.relevance, explanation.relevance)
    np.testing.assert_array_equal(got.target, explanation.target)
    np.testing.assert_array_equal(got[3:5].residual, explanation[3:5].residual)
    assert got.feature_names == explanation.feature_names
    assert got.meta == explanation.meta
    assert not got.relevance.flags.writeable or got is not explanation
