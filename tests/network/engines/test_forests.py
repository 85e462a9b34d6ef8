# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The engine of isolation forests, by the laws of engines."""

import pytest

from skneon.network import Interventional, PathDependent, Shapley, Split
from skneon.network.engines._engine_for import engine_for
from skneon.network.engines._forests import Forests
from skneon.testing import check_engine
from skneon.testing._specimens import SPECIMENS

RULES = [Split(), Shapley(), PathDependent(), Interventional()]
CHECKS = [
    check
    for rule in RULES
    for check in check_engine(Forests, rules=[rule], networks=[f"trees-{rule.name}"])
]


@pytest.mark.parametrize("check", CHECKS, ids=str)
def test_law(check):
    check()


def test_it_explains_trees_alone():
    specimen = SPECIMENS["trees-split"]
    for other, explain, serves in (
        (specimen, True, True),
        (specimen, False, False),
        (SPECIMENS["random-features"], True, False),
    ):
        rule = Split() if other is specimen else None
        network, query = other.network(rule), next(other.queries())[1]
        engine = engine_for(network, other.rows, query, explain)
        assert (type(engine) is Forests) == serves
