# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The laws of networks, rules and engines as checks that anybody can run.

Like scikit-learn's ``check_estimator``: `check_network`, `check_rule` and
`check_engine` yield named checks, which raise AssertionError where a law is broken.
"""

from skneon.testing._change import Change
from skneon.testing._check import Check
from skneon.testing._check_engine import check_engine
from skneon.testing._check_network import check_network
from skneon.testing._check_rule import check_rule
from skneon.testing._parametrize import parametrize_with_checks
from skneon.testing._residual import stated_residual
from skneon.testing._specimen import Specimen
from skneon.testing._specimens import SPECIMENS

__all__ = [
    "SPECIMENS",
    "Change",
    "Check",
    "Specimen",
    "check_engine",
    "check_network",
    "check_rule",
    "parametrize_with_checks",
    "stated_residual",
]
