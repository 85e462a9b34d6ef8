# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The laws of networks, on every family of models and a set of Pipelines."""

import numpy as np
import pytest
from helpers.models import CASES
from sklearn.cluster import KMeans

from skneon import neuralize
from skneon.network import (
    CentroidPairs,
    Mean,
    Midpoint,
    Min,
    Network,
    Rule,
    SquaredDistance,
)
from skneon.testing import check_network, parametrize_with_checks


def checks(case):
    yield from check_network(
        case.fitted(),
        case.rows,
        asked=case.asked,
        refit=case.fitted if case.refits else None,
        n_training=len(case.table) if case.leaves_out else None,
        without=case.without,
        name=case.name,
    )


@parametrize_with_checks([check for case in CASES.values() for check in checks(case)])
def test_law(check):
    check()


POINTS = np.random.default_rng(0).integers(9, size=(7, 3)).astype(float)


def test_a_single_row():
    network = Network(CentroidPairs(POINTS), Min(), Midpoint(beta=1.0))
    for check in check_network(network, POINTS[:1] + 0.25):
        check()


class Rooted(SquaredDistance):
    """Has a reference that does not move with the data."""

    def reference(self, X, H, weights, query):
        return np.ones_like(X)


def test_references_that_do_not_follow_the_data():
    def refit(change=None):
        points = POINTS if change is None else change(POINTS)
        return Network(Rooted(points), Mean(), Rule())

    checks = check_network(refit(), POINTS + 0.25, refit=refit)
    checks = {check.law: check for check in checks}
    for law in ("translation", "scaling"):
        with pytest.raises(AssertionError, match=f"{law}: .* the references are"):
            checks[law]()


@pytest.mark.parametrize("asked", [3, [0]])
def test_bad_arguments(asked):
    model = KMeans(2, n_init=1, random_state=0).fit(POINTS)
    with pytest.raises(TypeError, match=r"KMeans.*: pass neuralize\(model\)"):
        [*check_network(model, POINTS)]
    with pytest.raises(TypeError, match="asked must be a Query for a Network, and a"):
        [*check_network(neuralize(model), POINTS, asked=asked)]
    with pytest.raises(TypeError, match="The network has no rule"):
        [*check_network(Network(CentroidPairs(POINTS), Min()), POINTS)]
