# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How relevance is handed down: one rule per file, its equation on top."""

from importlib import import_module
from pkgutil import iter_modules

from skneon.network.rules._activation import Activation
from skneon.network.rules._by_members import ByMembers
from skneon.network.rules._exact_inlier import ExactInlier
from skneon.network.rules._integrated_soft_argmin import IntegratedSoftArgmin
from skneon.network.rules._interventional import Interventional
from skneon.network.rules._mean import MeanImputation
from skneon.network.rules._midpoint import Midpoint
from skneon.network.rules._path_dependent import PathDependent
from skneon.network.rules._random_features import RandomFeatures
from skneon.network.rules._registry import register_rule, rule_named, rules_for
from skneon.network.rules._rule import Passed, Rule, Scales
from skneon.network.rules._shapley import Shapley
from skneon.network.rules._soft_argmin import SoftArgmin
from skneon.network.rules._split import Split
from skneon.network.rules._uniform import Uniform
from skneon.network.rules._w_square import WSquare

# a file in this folder registers its rule, whether or not it is exported here
for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = [
    "Activation",
    "ByMembers",
    "ExactInlier",
    "IntegratedSoftArgmin",
    "Interventional",
    "MeanImputation",
    "Midpoint",
    "Passed",
    "PathDependent",
    "RandomFeatures",
    "Rule",
    "Scales",
    "Shapley",
    "SoftArgmin",
    "Split",
    "Uniform",
    "WSquare",
    "register_rule",
    "rule_named",
    "rules_for",
]
