# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rules by their names, and rules of others among them."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from skneon import NeonKDE, NeonKMeans, explain
from skneon.network import (
    Midpoint,
    Rule,
    Scales,
    Shapley,
    register_rule,
    rule_named,
)
from skneon.network.rules._registry import RULES
from skneon.network.rules._registry import RULES as REGISTERED

# the rules of this package
OWN_RULES = frozenset(
    rule for rule in REGISTERED.values() if rule.__module__.startswith("skneon.")
)


@pytest.fixture
def registry(monkeypatch):
    """A registry that forgets what a test registers."""
    monkeypatch.setattr("skneon.network.rules._registry.RULES", dict(RULES))


def third_party(name="by-the-sums"):
    """A rule of somebody else's: one class."""
    name_of_it = name

    @register_rule
    @dataclass(frozen=True)
    class ByTheSums(Rule):
        factor: float = 1.0
        name: ClassVar[str] = name_of_it

        def to_columns(self, network, X, H, passed, query):
            return self.factor * super().to_columns(network, X, H, passed, query)

    return ByTheSums


def test_every_rule_has_a_name_that_finds_it():
    assert len(OWN_RULES) >= 10
    assert all(RULES[kind.name] is kind for kind in OWN_RULES)
    for name, kind in RULES.items():
        assert rule_named(name) == kind()
        assert rule_named(kind()).settings()["rule"] == name
    rule = Midpoint(beta=1.0)
    assert rule_named(rule) is rule


def test_a_rule_of_ones_own_is_one_class(registry):
    kind = third_party()
    assert rule_named("by-the-sums") == kind()
    X = np.random.default_rng(0).normal(size=(30, 3))
    for model in (NeonKDE().fit(X), NeonKMeans(3, random_state=0, n_init=1).fit(X)):
        once = explain(model, X[:4] + 1, rule="by-the-sums")
        twice = explain(model, X[:4] + 1, rule=kind(factor=2.0))
        np.testing.assert_allclose(twice.relevance, 2 * once.relevance)
        assert np.all(np.abs(once.relevance).sum(axis=1) > 0)
        assert once.meta["rule"] == "by-the-sums" and twice.meta["factor"] == 2.0
    # as parameters of estimators, too
    kde = NeonKDE(rule="by-the-sums").fit(X)
    assert kde.explain().meta["rule"] == "by-the-sums"
    kmeans = NeonKMeans(2, rule=kind(3.0), random_state=0, n_init=1).fit(X)
    assert kmeans.explain().meta["factor"] == 3.0


def test_a_class_may_be_defined_again(registry):
    first, second = third_party(), third_party()
    assert first is not second
    assert type(rule_named("by-the-sums")) is second


def test_a_name_belongs_to_one_rule(registry):
    with pytest.raises(ValueError, match="'midpoint' belongs to the rule Midpoint: ch"):
        third_party("midpoint")
    assert rule_named("midpoint") == Midpoint()


@pytest.mark.parametrize(
    ("rule", "error", "message"),
    [
        ("gradient", ValueError, "No rule has the name 'gradient': known are 'activat"),
        (Shapley, TypeError, r"got the class Shapley: pass Shapley\(\)"),
        (1, TypeError, "rule must be a name or a rule object, got 1"),
        (None, TypeError, "rule must be a name or a rule object, got None"),
    ],
)
def test_what_is_no_rule(rule, error, message):
    with pytest.raises(error, match=message):
        rule_named(rule)


@dataclass(frozen=True)
class NeedsScale(Rule):
    """Cannot be made without arguments."""

    scale: float

    name: ClassVar[str] = "needs-scale"


@dataclass(frozen=True)
class Nameless(Rule):
    """Has the name of all rules."""


@pytest.mark.parametrize(
    ("rule", "error", "message"),
    [
        (Midpoint(), TypeError, "got the object Midpoint.* pass Midpoint"),
        (3, TypeError, "takes a subclass of Rule, got 3"),
        (dict, TypeError, "takes a subclass of Rule, got <class 'dict'>"),
        (NeedsScale, TypeError, "cannot be made without arguments: give all of its"),
        (Nameless, ValueError, "Nameless has no name of its own"),
    ],
)
def test_what_cannot_be_registered(registry, rule, error, message):
    with pytest.raises(error, match=message):
        register_rule(rule)
    assert not any(kind in RULES.values() for kind in (NeedsScale, Nameless))


@pytest.mark.parametrize(
    ("name", "lacks", "instead"),
    [
        ("midpoint", "auto_beta", r"rule=Midpoint\(beta=1.0\)"),
        ("w-square", "auto_beta", r"rule=WSquare\(beta=1.0\)"),
        ("soft-argmin", "gamma", r"rule=SoftArgmin\(beta=1.0\)"),
        ("interventional", "training_rows", 'rule="shapley"'),
    ],
)
def test_a_rule_that_asks_for_what_the_model_does_not_give(name, lacks, instead):
    message = f"asks the model for {lacks}, which it does not give: pass .*{instead}"
    with pytest.raises(ValueError, match=message):
        rule_named(name).bound(Scales())
