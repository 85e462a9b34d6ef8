# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Why c and not j is the negative of why j and not c: every clustering and rule."""

import warnings

import numpy as np
import pytest
from helpers.strategies import seeds
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.cluster import (
    AffinityPropagation,
    Birch,
    BisectingKMeans,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
)
from sklearn.neighbors import KernelDensity, NearestCentroid

from skneon import NeonKDE, NeonKMeans, neuralize
from skneon.network import Shapley, rules_for

MODELS = {
    "KMeans": KMeans(4, n_init=1, max_iter=5, random_state=0),
    "MiniBatchKMeans": MiniBatchKMeans(4, n_init=1, max_iter=5, random_state=0),
    "NeonKMeans": NeonKMeans(4, n_init=1, max_iter=5, random_state=0),
    "BisectingKMeans": BisectingKMeans(4, max_iter=5, random_state=0),
    "MeanShift": MeanShift(bandwidth=1.5),
    "AffinityPropagation": AffinityPropagation(random_state=0),
    "Birch": Birch(threshold=0.6, n_clusters=3),
    "NearestCentroid": NearestCentroid(),
    "members of KernelDensity": KernelDensity(),
    "members of NeonKDE": NeonKDE(gamma=0.7),
}
RULES = {name: name for name in rules_for("cluster")}
# beyond 12 columns, and here at once, coalitions are a sample
RULES["a sample"] = Shapley(n_subsets=1)


def doors(kind, X, rng):
    """The networks of a clustering by each rule."""
    model, names = MODELS[kind], np.arange(len(X)) % 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of few iterations, and constant columns
        model = model.fit(X, rng.permutation(names))
    if "members" in kind:
        return {"integrated": neuralize(model, members=names)}
    asked = {} if kind == "NeonKMeans" else {"X_train": X}
    try:
        return {
            name: neuralize(model, rule=rule, **asked) for name, rule in RULES.items()
        }
    except ValueError as error:
        assert "did not converge" in str(error)
        return {}


@pytest.mark.parametrize("kind", MODELS)
@settings(max_examples=5)
@given(seeds, st.booleans(), st.integers(1, 6))
def test_antisymmetry(kind, seed, grid, d):
    """Rows are not negative, as rules for activations ask for; on a grid many tie."""
    rng = np.random.default_rng(seed)
    X, rows = rng.uniform(0, 4, size=(24, d)), rng.uniform(0, 4, size=(5, d))
    if grid:
        X, rows = np.round(X), np.round(2 * rows) / 2
    made = doors(kind, X, rng)
    assume(all(door.n_clusters > 1 for door in made.values()))
    for name, door in made.items():
        K = door.n_clusters
        c = rng.integers(K, size=len(rows))
        j = (c + rng.integers(1, K, size=len(rows))) % K
        classes = np.arange(K) if door.classes is None else door.classes
        c, j = classes[c], classes[j]
        one = door.explain(rows, cluster=c, rival=j)
        other = door.explain(rows, cluster=j, rival=c)
        # squared distances are at most 16 d
        bound = 1e-12 * 16 * d
        for a, b in (
            (one.score, other.score),
            (one.relevance, other.relevance),
            (one.residual, other.residual),
        ):
            assert np.abs(a + b).max() <= bound, name
