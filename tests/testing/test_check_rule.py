# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The laws of rules: our own, a third party's, and rules that break them."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest

from skneon.network import (
    Activation,
    ByMembers,
    ExactInlier,
    IntegratedSoftArgmin,
    Interventional,
    Mean,
    MeanImputation,
    Midpoint,
    Passed,
    PathDependent,
    RandomFeatures,
    Rule,
    Shapley,
    SoftArgmin,
    Split,
    Uniform,
    WSquare,
)
from skneon.network.rules._registry import RULES as REGISTERED
from skneon.testing import SPECIMENS, check_rule, parametrize_with_checks

# the rules of this package
OWN_RULES = frozenset(
    rule for rule in REGISTERED.values() if rule.__module__.startswith("skneon.")
)

KERNELS = ["kernels", "kernels-behind-a-map", "kernels-of-parents"]
DISTANCES = [
    "distances", "distances-behind-a-map", "distances-by-a-tree", "distances-in-groups",
    "distances-in-float32", "distances-of-parents", "plain-distances",
    "biased-distances",
]  # fmt: skip
ACTIVATIONS = ["distances", "kernels", "random-features", "centroids", "splits"]
# each with the networks that it is for, and the laws that do not hold for it
RULES = [
    (Rule(), {}),
    (IntegratedSoftArgmin(), {}),
    (SoftArgmin(epsilon=0.0), {"networks": DISTANCES}),
    # a stabiliser and a stiffness that do not follow the data
    (SoftArgmin(0.3, 0.01), {"networks": DISTANCES, "without": ["scaling"]}),
    (ExactInlier(), {"networks": KERNELS}),
    (RandomFeatures(), {}),
    (Uniform(), {"networks": [*KERNELS, "distances"], "without": ["agreeing_columns"]}),
    (Midpoint(), {}),
    (Midpoint(0.0), {}),
    (WSquare(), {}),
    (Shapley(), {}),
    # its background is a sample of the columns in their order
    (Interventional(), {"without": ["permutation"]}),
    (Activation(), {"networks": ACTIVATIONS}),
    (MeanImputation(), {}),
    (Split(), {}),
    (PathDependent(), {}),
    (ByMembers(), {}),
]


def own_checks():
    for rule, options in RULES:
        yield from (
            pytest.param(check, id=f"{rule}: {check}")
            for check in check_rule(rule, **options)
        )


@pytest.mark.parametrize("check", [*own_checks()])
def test_law(check):
    check()


def test_all_rules_are_checked():
    assert {type(rule) for rule, _ in RULES} == {Rule, *OWN_RULES}


@dataclass(frozen=True)
class Tempered(Rule):
    """A third party's: soft argmin of a temperature, by the units' contributions."""

    temperature: float = 2.0

    name: ClassVar[str] = "tempered"
    pooling_needs: ClassVar[tuple[str, ...]] = ("soft_argmin",)

    def bound(self, scales):
        return self

    def to_units(self, network, H, query):
        score, weights = network.pooling.soft_argmin(H, query, 1 / self.temperature)
        share = score - network.pooling.offset(query)
        return Passed(score, weights, weights * share[:, None])

    def residual(self, network, X, H, passed, query):
        """The constant of the score; and units at 0, which have nothing to share."""
        lost = np.where(network.units.sums(H) == 0, passed.R, 0.0)
        return network.pooling.offset(query) + lost.sum(axis=1)


@parametrize_with_checks(
    check_rule(
        Tempered(),
        networks=["distances", "plain-distances", "centroids", "mixture"],
        # the temperature does not follow the data
        without=["scaling"],
    )
)
def test_a_rule_of_a_third_party(check):
    check()


@dataclass(frozen=True)
class Even(Rule):
    """A third party's, which hands on all: the score in equal parts to all units."""

    name: ClassVar[str] = "even"

    def to_units(self, network, H, query):
        score = network.pooling.forward(H, query)
        weights = np.isfinite(H) / np.isfinite(H).sum(axis=1, keepdims=True)
        return Passed(score, weights, weights * score[:, None])


@dataclass(frozen=True)
class Nearest(Rule):
    """A third party's: all to the nearest unit, which is present."""

    name: ClassVar[str] = "nearest"

    def to_units(self, network, H, query):
        score = network.pooling.forward(H, query)
        weights = np.zeros_like(H)
        np.put_along_axis(weights, H.argmin(axis=1)[:, None], 1.0, axis=1)
        pooled = score - network.pooling.offset(query)
        return Passed(score, weights, weights * pooled[:, None])


@parametrize_with_checks(
    [
        *check_rule(Even(), networks=["centroids"]),
        *check_rule(Nearest(), networks=["distances", "members"]),
    ]
)
def test_rules_that_state_no_residual(check):
    check()


# Rules that break a law, and what is said of it


def failures(rule, law, **options):
    """What the checks of a law say that fail."""
    found = []
    for check in check_rule(rule, **options):
        if check.law == law:
            try:
                check()
            except AssertionError as error:
                found.append(str(error))
    return found


@dataclass(frozen=True)
class Loses(Midpoint):
    """Loses 1 %."""

    name: ClassVar[str] = "loses"

    def to_columns(self, network, X, H, passed, query):
        return 0.99 * super().to_columns(network, X, H, passed, query)


def test_a_rule_that_loses_relevance():
    found = failures(Loses(), "conservation", networks=["centroids"])
    assert len(found) == 3
    assert found[0].startswith("conservation(centroids): the relevances of row ")
    assert "less the residual that Midpoint.residual states, " in found[0]
    assert "Either the rule loses relevance" in found[0]


@dataclass(frozen=True)
class LosesAbove(Rule):
    """Loses 1 % in the first step."""

    name: ClassVar[str] = "loses-above"

    def to_units(self, network, H, query):
        passed = super().to_units(network, H, query)
        return passed._replace(R=0.99 * passed.R)


def test_a_rule_that_loses_relevance_in_its_first_step():
    assert len(failures(LosesAbove(), "conservation")) > 20


@dataclass(frozen=True)
class Remembers(Rule):
    """Rows depend on those before them."""

    name: ClassVar[str] = "remembers"

    def to_columns(self, network, X, H, passed, query):
        R = super().to_columns(network, X, H, passed, query)
        return R - R.mean(axis=0)


def test_a_rule_whose_rows_depend_on_others():
    for law in ("subsets", "chunks", "conservation"):
        found = failures(Remembers(), law, networks=["distances"])
        assert found and "row" in found[0]


@dataclass(frozen=True)
class FirstColumn(Rule):
    """Favours the first column, and whoever is far from 0."""

    name: ClassVar[str] = "first-column"

    def to_columns(self, network, X, H, passed, query):
        R = super().to_columns(network, X, H, passed, query)
        shares = np.abs(X)
        shares = shares + np.eye(X.shape[1])[0]
        shares = shares / shares.sum(axis=1, keepdims=True)
        return R.sum(axis=1, keepdims=True) * shares


@pytest.mark.parametrize("law", ["permutation", "translation", "agreeing_columns"])
def test_a_rule_without_symmetry(law):
    found = failures(FirstColumn(), law, networks=["distances"])
    assert found and found[0].startswith(f"{law}(distances")
    assert not failures(FirstColumn(), "conservation", networks=["distances"])


@dataclass(frozen=True)
class Divides(Rule):
    """Divides by what may be 0."""

    name: ClassVar[str] = "divides"

    def to_columns(self, network, X, H, passed, query):
        with np.errstate(all="ignore"):
            W = passed.R / network.units.sums(H)
            return network.units.weighted_shares(X, W, H, query)


def test_a_rule_that_divides_by_0():
    found = failures(Divides(), "finite", networks=["distances"])
    assert found and "nan" in found[0] and "must be finite" in found[0]


@dataclass(frozen=True)
class Undeclared(Rule):
    """Asks for more than it says."""

    name: ClassVar[str] = "undeclared"

    def to_columns(self, network, X, H, passed, query):
        assert len(network.units.centroids)
        return super().to_columns(network, X, H, passed, query)


def test_a_rule_that_asks_for_more_than_it_says():
    check = next(
        check
        for check in check_rule(Undeclared(), networks=["centroids"])
        if check.law == "asks_for_its_needs"
    )
    with pytest.raises(AttributeError, match="asks CentroidPairs for centroids, which"):
        check()


def test_what_is_no_rule():
    with pytest.raises(TypeError, match="got the class Midpoint: pass Midpoint"):
        [*check_rule(Midpoint)]
    with pytest.raises(TypeError, match="must be a list of names, got 'centroids'"):
        [*check_rule("midpoint", networks="centroids")]
    with pytest.raises(TypeError, match="must be a list of laws, got 'threads'"):
        [*check_rule("midpoint", without="threads")]
    with pytest.raises(TypeError, match="must map names to reasons, such as"):
        parametrize_with_checks(check_rule("midpoint"), expected_failures="threads")
    with pytest.raises(ValueError, match="'nowhere', which is none of distances, "):
        [*check_rule(Midpoint(), networks=["nowhere"])]
    with pytest.raises(ValueError, match="needs what the network 'mixture' does not"):
        [*check_rule(Midpoint(), networks=["mixture"])]
    with pytest.raises(ValueError, match="'gravity', which is no law: known are "):
        [*check_rule(Midpoint(), without=["gravity"])]


@dataclass(frozen=True)
class Anonymous(Rule):
    """Has the name of its parent."""


@dataclass(frozen=True)
class Borrowed(Rule):
    """Has the name of another rule."""

    name: ClassVar[str] = "midpoint"


@dataclass(frozen=True)
class Silent(Rule):
    """Does not tell a setting, cannot be compared, and is bound ever further."""

    weights: object = field(default_factory=lambda: np.ones(2), hash=False)
    times: int = 0

    name: ClassVar[str] = "silent"

    def settings(self):
        return {"rule": self.name, "times": self.times}

    def bound(self, scales):
        return Silent(self.weights, self.times + 1)

    def __eq__(self, other):
        return self is other

    __hash__ = object.__hash__


@dataclass(frozen=True)
class Nowhere(Rule):
    """Needs what no layer has."""

    name: ClassVar[str] = "nowhere"
    needs: ClassVar[tuple[str, ...]] = ("moon",)


class Soft(Rule):
    """Can be written to."""

    name: ClassVar[str] = "soft"

    def __setattr__(self, name, value):
        vars(self)[name] = value


@pytest.mark.parametrize(
    ("rule", "law", "message"),
    [
        (Anonymous(), "named", "give the class a name of its own"),
        (Borrowed(), "named", "belongs to Midpoint: choose another for Borrowed"),
        (
            Silent(),
            "settings",
            r"must hold its name as 'rule' and \['times', 'weights'",
        ),
        (Silent(), "comparable", "is not equal to it, or has another hash"),
        (Silent(), "picklable", "from its pickle it comes back as"),
        (Silent(), "bound", "it is bound as"),
        (Soft(), "frozen", "could be set: decorate its class"),
        (Nowhere(), "serves", r"no kind of layers has all of \['moon'\]"),
    ],
)
def test_a_rule_that_is_no_good_object(rule, law, message):
    networks = None if law == "serves" else ["centroids"]
    check = {check.law: check for check in check_rule(rule, networks=networks)}[law]
    with pytest.raises(AssertionError, match=message):
        check()


def test_a_pooling_without_what_the_rule_needs_is_no_specimen():
    names = {check.on.split(",")[0] for check in check_rule(SoftArgmin(0.3))}
    poolings = {name: SPECIMENS[name].network(None).pooling for name in names if name}
    assert len(poolings) > 5
    assert not any(isinstance(pooling, Mean) for pooling in poolings.values())
