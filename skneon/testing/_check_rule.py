# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The checks of one rule."""

import json
import pickle
from collections.abc import Collection, Iterable, Iterator
from copy import deepcopy
from dataclasses import FrozenInstanceError, fields, replace
from functools import partial
from typing import Any

import numpy as np

from skneon.network import Network, Pooling, Query, Rule, Units, rule_named
from skneon.network.engines._layerwise import activations
from skneon.network.rules._registry import RULES
from skneon.testing import _laws as laws
from skneon.testing import _refit_laws as refit_laws
from skneon.testing._change import Change
from skneon.testing._check import Check, only
from skneon.testing._specimen import N_SUPPORT, Specimen
from skneon.testing._specimens import SPECIMENS
from skneon.testing._specimens_named import specimens_named
from skneon.testing._subject import Subject


def frozen(rule: Rule) -> None:
    """A rule cannot be changed: it is a frozen dataclass."""
    for name in [*(field.name for field in fields(rule)), "anything"]:
        try:
            setattr(rule, name, None)
        except FrozenInstanceError:
            continue
        raise AssertionError(
            f"{name} of {rule!r} could be set: decorate its class with "
            "dataclass(frozen=True)."
        )


def comparable(rule: Rule) -> None:
    """Rules of the same settings are equal and have the same hash; others differ."""
    twin = deepcopy(rule)
    if twin != rule or hash(twin) != hash(rule):
        raise AssertionError(
            f"a copy of {rule!r} is not equal to it, or has another hash: compare by "
            "settings, which must be hashable."
        )
    kinds: list[type[Rule]] = [Rule, *RULES.values()]
    others = [kind() for kind in kinds if kind is not type(rule)]
    if rule in others:
        raise AssertionError(f"{rule!r} is equal to a rule of another class.")


def picklable(rule: Rule) -> None:
    """A rule survives pickling as an equal."""
    again = pickle.loads(pickle.dumps(rule))
    if again != rule or again.settings() != rule.settings():
        raise AssertionError(f"from its pickle it comes back as {again!r}.")


def named(rule: Rule) -> None:
    """It has a name of its own; where that is registered, it finds the rule's class."""
    name = rule.name
    inherited = type(rule) is not Rule and name == Rule.name
    if not isinstance(name, str) or not name or inherited:
        raise AssertionError(
            f"{type(rule).__name__} has the name {name!r}: give the class a name of "
            "its own."
        )
    if name in RULES:
        found = type(rule_named(name))
        if found.__qualname__ != type(rule).__qualname__:
            raise AssertionError(
                f"the name {name!r} belongs to {found.__name__}: choose another for "
                f"{type(rule).__name__}."
            )


def settings(rule: Rule) -> None:
    """Its name and settings go into the meta of explanations, and so into JSON."""
    found = rule.settings()
    wanted = {"rule", *(field.name for field in fields(rule) if field.init)}
    if not wanted <= set(found) or found["rule"] != rule.name:
        raise AssertionError(
            f"settings() is {found!r}, and must hold its name as 'rule' and "
            f"{sorted(wanted - {'rule'})}."
        )
    try:
        json.dumps(found)
    except TypeError as error:
        raise AssertionError(f"settings() cannot be JSON: {error}") from error


def bound(rule: Rule) -> None:
    """Bound to a model it is of the same class; bound again it stays as it is."""
    for specimen in SPECIMENS.values():
        once = rule.bound(specimen.scales(Change()))
        again = once.bound(specimen.scales(Change()))
        if type(once) is not type(rule) or again != once:
            raise AssertionError(f"it is bound as {once!r}, then as {again!r}.")


def needs(rule: Rule) -> None:
    """A network without what the rule needs is refused by a TypeError that names it."""
    for specimen in SPECIMENS.values():
        units, pooling = specimen.layers(Change())
        lacks = [name for name in rule.needs if not hasattr(units, name)]
        lacks += [name for name in rule.pooling_needs if not hasattr(pooling, name)]
        if not lacks:
            continue
        try:
            Network(units, pooling, rule)
        except TypeError as error:
            if all(name in str(error) for name in lacks[:1]):
                continue
            raise AssertionError(
                f"the error does not name {lacks[0]}: {error}"
            ) from None
        raise AssertionError(f"{specimen.name} lacks {lacks}, and is not refused.")


def asks_for_its_needs(subject: Subject, rule: Rule) -> None:
    """It asks of layers what all have, and what it lists as its needs; no more.

    Attributes that it looks for by ``hasattr`` are not there.
    """
    network = subject.bare
    seen = _Seen(
        _Limited(network.units, Units, rule.needs),
        _Limited(network.pooling, Pooling, rule.pooling_needs),
    )
    query = network.units.answered(subject.X, subject.asked)
    H = activations(network, subject.X, query)
    assert network.rule is not None
    passed = network.rule.to_units(seen, H[-1], query)
    network.rule.to_columns(seen, subject.X, H[0], passed, query)
    network.rule.residual(seen, subject.X, H[0], passed, query)


class _Seen:
    """A network as a rule may see it."""

    def __init__(self, units: Any, pooling: Any) -> None:
        self.units = units
        self.pooling = pooling


class _Limited:
    """A layer of which only some attributes are seen."""

    def __init__(self, layer: Any, kind: type, also: Iterable[str]) -> None:
        self._layer = layer
        self._seen = {*vars(kind), *also, "inputs", "bias"}

    def __getattr__(self, name: str) -> Any:
        if name not in self._seen:
            raise AttributeError(
                f"The rule asks {type(self._layer).__name__} for {name}, which is not "
                "among its needs: add it there, so that other networks are refused."
            )
        return getattr(self._layer, name)


def agreeing_columns(subject: Subject) -> None:
    """A column in which the row agrees with all points of the model gets nothing.

    For scores that are pooled distances or contrasts. Not of kernels, which are large
    where a row agrees; nor by `Uniform`, for which all columns are alike.
    """
    relevance = subject.explain().relevance
    size = np.abs(relevance).sum(axis=1)
    got = np.abs(relevance[:, -1])
    bad = np.flatnonzero(~(got <= 1e-12 * size + 1e-12 * size.max(initial=0.0)))
    if len(bad):
        n = bad[0]
        raise AssertionError(
            f"the last column is the same everywhere, and gets {relevance[n, -1]:.6g} "
            f"in row {n}, of {relevance[n]}."
        )


OF_RULE = {
    "frozen": frozen,
    "comparable": comparable,
    "picklable": picklable,
    "named": named,
    "settings": settings,
    "bound": bound,
    "needs": needs,
}
OF_ROWS = {
    "finite": laws.finite,
    "conservation": laws.conservation,
    "subsets": laws.subsets,
    "chunks": laws.chunks,
    "threads": laws.threads,
    "copies": laws.copies,
    "hostile_rows": laws.hostile_rows,
}
OF_CHANGES = {
    "permutation": refit_laws.permutation,
    "translation": refit_laws.translation,
    "scaling": refit_laws.scaling,
}
RULE_LAWS = {
    *OF_RULE,
    *OF_ROWS,
    *OF_CHANGES,
    "serves",
    "asks_for_its_needs",
    "agreeing_columns",
    "absent_rows",
}


def check_rule(
    rule: str | Rule,
    *,
    networks: Iterable[str | Specimen] | None = None,
    without: Collection[str] = (),
) -> Iterator[Check]:
    """Yield the checks of a rule, by itself and on small networks.

    Parameters
    ----------
    rule : str or Rule
    networks : iterable of str or Specimen, default=None
        Names of the `SPECIMENS` on which it is checked, or specimens of your own. None:
        all that have what it needs.
    without : collection of str, default=()
        Laws that do not hold for it, see each check's `statement`: a rule for
        activations is not checked for translation.

    Yields
    ------
    check : Check
        Without arguments; raises AssertionError.

    Raises
    ------
    TypeError
        For what is no rule, or no list of networks.
    ValueError
        For a name that no specimen or law has, or one that the rule does not fit.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from typing import ClassVar
    >>> import numpy as np
    >>> from skneon.network import Passed, Rule
    >>> from skneon.testing import check_rule
    >>> @dataclass(frozen=True)
    ... class WinnerTakesAll(Rule):
    ...     name: ClassVar[str] = "winner-takes-all"
    >>> checks = [*check_rule(WinnerTakesAll(), networks=["centroids", "distances"])]
    >>> print(checks[0], checks[-1])
    frozen absent_rows(distances)
    >>> for check in checks:
    ...     if check.law not in ("copies", "picklable"):  # of classes in a module
    ...         check()
    """
    rule = rule_named(rule)
    chosen = _chosen(rule, networks)
    if rule.activations_only:
        without = {*without, "translation"}
    yield from only(_checks(rule, chosen), RULE_LAWS, without)


def _chosen(rule: Rule, networks: Iterable[str | Specimen] | None) -> list[Specimen]:
    """The specimens that are asked for, or all that the rule fits."""
    specimens = specimens_named(networks)
    if networks is None:
        return [
            specimen
            for specimen in specimens
            if fits(rule, specimen)
            and specimen.table is None
            and not specimen.options.get("middle")
        ]
    for specimen in specimens:
        if not fits(rule, specimen):
            raise ValueError(
                f"{rule!r} needs what the network {specimen.name!r} does not have."
            )
    return specimens


def fits(rule: Rule, specimen: Specimen) -> bool:
    """Whether a network of these layers takes the rule."""
    if specimen.asks and not set(specimen.asks) & set(rule.needs):
        return False
    try:
        specimen.network(rule)
    except (TypeError, ValueError):
        return False
    return True


def _checks(rule: Rule, specimens: list[Specimen]) -> Iterator[Check]:
    for law, of_rule in OF_RULE.items():
        yield Check(law, partial(of_rule, rule), "", of_rule.__doc__ or "")
    yield Check("serves", partial(serves, rule, specimens), "", serves.__doc__ or "")
    for specimen in specimens:
        for what, query in specimen.queries():
            yield from _of_specimen(rule, specimen, what, query)


def serves(rule: Rule, specimens: list[Specimen]) -> None:
    """There is a network that has what the rule needs."""
    if not specimens:
        raise AssertionError(
            f"no kind of layers has all of {[*rule.needs, *rule.pooling_needs]}."
        )


def _of_specimen(
    rule: Rule, specimen: Specimen, what: str, query: Query
) -> Iterator[Check]:
    """Checks of a rule on one network and question."""
    subject = Subject(specimen.network(rule), specimen.rows, query)
    on = specimen.name if what == "all" else f"{specimen.name}, {what}"

    def check(law: str, function: Any, *arguments: Any) -> Check:
        run = partial(function, subject, *arguments)
        return Check(law, run, on, function.__doc__ or "")

    for law, function in OF_ROWS.items():
        yield check(law, function)
    yield check("asks_for_its_needs", asks_for_its_needs, rule)
    if specimen.agreeing and "parents" not in specimen.name and "map" not in on:
        yield check("agreeing_columns", agreeing_columns)
    if not specimen.changes:
        return
    refit = partial(specimen.network, rule)
    if what == "absent":
        clusters = np.zeros(len(subject), dtype=int) if specimen.n_clusters else None
        whole = replace(subject, asked=Query(cluster=clusters))
        run = partial(refit_laws.absent_rows, whole, refit, specimen.rtol, N_SUPPORT)
        statement = refit_laws.absent_rows.__doc__ or ""
        yield Check("absent_rows", run, specimen.name, statement)
        return
    for law, of_change in OF_CHANGES.items():
        yield check(law, of_change, refit, specimen.rtol)
