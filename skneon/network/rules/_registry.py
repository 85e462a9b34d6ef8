# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The rules by their names."""

from typing import Any, TypeVar

from skneon.network.rules._rule import Rule

RULES: dict[str, type[Rule]] = {}

R = TypeVar("R", bound=type[Rule])


def register_rule(rule: R) -> R:
    """Let ``rule="name"`` find a rule by its `name`; a decorator of its class.

    Parameters
    ----------
    rule : type
        A subclass of `Rule` that can be made without arguments.

    Returns
    -------
    rule : type
        The same.

    Raises
    ------
    TypeError
        For what is no such class.
    ValueError
        Where the class has no name of its own, or another class has that name.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from typing import ClassVar
    >>> from skneon.network import Rule, register_rule, rule_named
    >>> @register_rule
    ... @dataclass(frozen=True)
    ... class ByTheSums(Rule):
    ...     name: ClassVar[str] = "by-the-sums"
    >>> rule_named("by-the-sums")
    ByTheSums()
    """
    _check_class(rule)
    other = RULES.get(rule.name)
    # a class that is defined again, as in a notebook, takes the place of the old one
    if other is not None and other.__qualname__ != rule.__qualname__:
        raise ValueError(
            f"The name {rule.name!r} belongs to the rule {other.__name__}: choose "
            f"another for {rule.__name__}."
        )
    RULES[rule.name] = rule
    return rule


def _check_class(rule: Any) -> None:
    """Refuse what cannot be found and made by a name."""
    if isinstance(rule, Rule):
        raise TypeError(
            f"register_rule takes a class of rules, got the object {rule!r}: pass "
            f"{type(rule).__name__}."
        )
    if not (isinstance(rule, type) and issubclass(rule, Rule)):
        raise TypeError(f"register_rule takes a subclass of Rule, got {rule!r}.")
    name = rule.__name__
    if not isinstance(rule.name, str) or rule.name in ("", Rule.name):
        raise ValueError(
            f"{name} has no name of its own for rule= to find it by: give the class "
            'one, name: ClassVar[str] = "...".'
        )
    try:
        rule()
    except TypeError as error:
        raise TypeError(
            f'rule="{rule.name}" stands for {name}(), which cannot be made without '
            f"arguments: give all of its fields a default. {error}"
        ) from error


def rule_named(rule: str | Rule) -> Rule:
    """The rule of that name with its default settings; a rule object is its own.

    Parameters
    ----------
    rule : str or Rule

    Returns
    -------
    rule : Rule

    Raises
    ------
    ValueError
        For a name that no rule has.
    TypeError
        For what is neither a name nor a rule, such as a class of rules.
    """
    if isinstance(rule, Rule):
        return rule
    if isinstance(rule, type) and issubclass(rule, Rule):
        raise TypeError(
            f"rule must be a name or a rule object, got the class {rule.__name__}: "
            f"pass {rule.__name__}()."
        )
    if not isinstance(rule, str):
        raise TypeError(f"rule must be a name or a rule object, got {rule!r}.")
    if rule not in RULES:
        raise ValueError(
            f"No rule has the name {rule!r}: known are "
            f"{', '.join(map(repr, sorted(RULES)))}."
        )
    return RULES[rule]()


def rules_for(kind: str) -> list[str]:
    """Names of the rules that are meant for a kind of score, sorted.

    Parameters
    ----------
    kind : str
        "outlier", "inlier", "cluster", "log-odds", "likelihood", "isolation" or
        "distance".
    """
    return sorted(name for name, rule in RULES.items() if rule().serves(kind))
