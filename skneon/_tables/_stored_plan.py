# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The plan of a table's columns as a document, for files."""

from dataclasses import fields
from typing import Any

from skneon._tables._guess import Texts
from skneon._tables._numbers import Numbers
from skneon._tables._plan import Plan
from skneon._tables._times import Times

KINDS: dict[str, Any] = {kind.__name__: kind for kind in (Numbers, Times, Texts)}


def document_of(plan: Plan) -> dict[str, Any]:
    """What a plan says, but for its notes, in what JSON knows."""
    kinds = {name: _plain(kind) for name, kind in plan.kinds.items()}
    return {"kinds": kinds, "log": plan.log, "aside": plan.aside, "id": plan.id}


def plan_of(document: dict[str, Any]) -> Plan:
    """The plan again; a KeyError, TypeError or AttributeError where it is none."""
    kinds = {name: _kind(**known) for name, known in document["kinds"].items()}
    return Plan(kinds, tuple(document["log"]), document["aside"], document["id"])


def _plain(kind: Any) -> Any:
    if type(kind).__name__ not in KINDS:
        return kind
    told = {field.name: _plain(getattr(kind, field.name)) for field in fields(kind)}
    return {"name": type(kind).__name__, **told}


def _kind(name: str, **told: Any) -> Any:
    given = {k: _kind(**v) if isinstance(v, dict) else v for k, v in told.items()}
    return KINDS[name](**given)
