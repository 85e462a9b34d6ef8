# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Options of `neuralize`: one frozen dataclass per family of models."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from numbers import Integral
from typing import Any, ClassVar, Self

from skneon._compat import StrOptions, validate_parameter_constraints
from skneon.network import Rule, rule_named, rules_for
from skneon.network.rules._registry import is_unknown

N_JOBS = [Integral, None]
RULE = [str, Rule, None]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What every family takes; subclasses add fields and their constraints.

    Attributes
    ----------
    n_jobs : int or None
        Threads.
    target : str
        What is explained. Subclasses name theirs, the default first, and constrain
        them; here it is the one of most models.
    """

    n_jobs: int | None = None
    target: str = "outlier"

    constraints: ClassVar[dict[str, list[Any]]] = {
        "n_jobs": N_JOBS,
        "target": [StrOptions({"outlier"})],
    }

    @classmethod
    def of(cls, model: Any, given: dict[str, Any], **defaults: Any) -> Self:
        """The options that were given, checked; others have the defaults.

        Raises
        ------
        TypeError
            For an option that the family does not take.
        ValueError
            For a bad value, in scikit-learn's words.
        """
        known = [field.name for field in fields(cls)]
        refuse_unknown(model, given, known)
        options = cls(**(defaults | given))
        chosen = {name: getattr(options, name) for name in cls.constraints}
        validate_parameter_constraints(
            cls.constraints, chosen, caller_name=f"neuralize({type(model).__name__})"
        )
        return options


def refuse_unknown(model: Any, given: dict[str, Any], known: Sequence[str]) -> None:
    """Raise TypeError for options that a model does not take."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        hint = (
            " X=None stands for the training rows of models that keep them; to others "
            "pass the rows as X."
        )
        raise TypeError(
            f"neuralize({type(model).__name__}) takes no {', '.join(unknown)}; it "
            f"takes {', '.join(known)}.{hint if 'X_train' in unknown else ''}"
        )


def with_beta(rule: str | Rule | None, beta: Any, usual: Any) -> str | Rule | None:
    """The rule with an estimator's `beta`, if it is given by name and takes one.

    Parameters
    ----------
    rule : str, Rule or None
    beta, usual : float or str
        That of the estimator; where it is the usual one, rules keep their own default.
    """
    if not isinstance(rule, str) or (isinstance(beta, str) and beta == usual):
        return rule
    if is_unknown(rule):
        # what is explained decides which rules the message names
        return rule
    named = rule_named(rule)
    takes = any(field.name == "beta" for field in fields(named))
    changes: dict[str, Any] = {"beta": beta} if takes else {}
    return replace(named, **changes)


def chosen_rule(rule: str | Rule | None, default: Rule, kind: str, what: str) -> Rule:
    """The rule that is asked for, if it is meant for a kind of score.

    Parameters
    ----------
    rule : str, Rule or None
    default : Rule
        For None.
    kind : str
        Of the score, see `Rule.explains`.
    what : str
        What is explained, for the message.

    Raises
    ------
    ValueError
        For a rule that explains something else, and a name that no rule has.
    """
    if is_unknown(rule):
        raise ValueError(f"No rule has the name {rule!r}: for {what} {_take(kind)}.")
    found = default if rule is None else rule_named(rule)
    if not found.serves(kind):
        raise ValueError(f"rule={found.name!r} does not explain {what}: {_take(kind)}.")
    return found


def _take(kind: str) -> str:
    """Which rules there are for a kind of score, as advice."""
    names = [repr(name) for name in rules_for(kind)]
    return f"take {'one of ' * (len(names) > 1)}{', '.join(names)}"


def explains(rule: str | Rule | None, kind: str) -> bool:
    """Whether a rule, if any, is meant for a kind of score."""
    return rule is None or rule_named(rule).serves(kind)
