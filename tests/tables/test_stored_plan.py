# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Plans of columns through JSON."""

import json

from skneon._tables._guess import Texts
from skneon._tables._numbers import Numbers
from skneon._tables._plan import Plan
from skneon._tables._stored_plan import document_of, plan_of
from skneon._tables._times import Times


def test_a_plan_comes_back_as_it_was():
    kinds = {
        "b": Numbers(",", ".", "$", "kg", 2**60 + 1),
        "a": Numbers(base=None),
        "day": Times("%d-%m-%Y"),
        "long": Times("ISO 8601"),
        "kind": Texts("labels", "", Times("%m-%d-%Y")),
        "other": Texts(numbers=Numbers(",")),
    }
    plan = Plan(kinds, ("a",), {"x": "free text"}, "key")
    found = plan_of(json.loads(json.dumps(document_of(plan))))
    assert found == plan and list(found.kinds) == list(kinds)
