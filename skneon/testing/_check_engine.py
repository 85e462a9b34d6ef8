# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The checks of one engine."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from skneon.network import Layerwise, Network, Propagation, Query, Rule, rule_named
from skneon.network.numerics._tiles import Scratch
from skneon.network.numerics._types import Array
from skneon.network.rules._registry import RULES
from skneon.testing._check import Check
from skneon.testing._check_rule import fits
from skneon.testing._compare import (
    assert_finite,
    assert_relevances,
    assert_same,
    assert_scores,
)
from skneon.testing._laws import hostile
from skneon.testing._specimen import Specimen
from skneon.testing._specimens_named import specimens_named


@dataclass(frozen=True)
class Run:
    """An engine, and a network that it is to run on some rows."""

    engine: Any
    network: Network
    X: Array
    query: Query
    rtol: float

    def start(self, explain: bool = True, X: Array | None = None) -> Any:
        """The engine on rows; None where it does not serve."""
        X = self.X if X is None else X
        if hasattr(self.engine, "of"):
            return self.engine.of(self.network, X, self.query, explain)
        return self.engine(self.network, X, self.query)

    def all_rows(self, engine: Any, explain: bool = True) -> dict[str, Any]:
        """Results of all rows, in the order in which they came."""
        run = engine.explain if explain else engine.score
        return _sorted(run(slice(0, len(self.X))), engine)

    def reference(self, X: Array | None = None) -> dict[str, Any]:
        """What `Layerwise` gives."""
        X = self.X if X is None else X
        results: dict[str, Any] = Layerwise(self.network, X, self.query).explain(
            slice(0, len(X))
        )
        return results


def _sorted(results: dict[str, Any], engine: Any) -> dict[str, Any]:
    if engine.order is None:
        return results
    back = np.argsort(engine.order)
    return {k: None if v is None else v[back] for k, v in results.items()}


def explains_like_layerwise(run: Run) -> None:
    """Scores, relevances, references and rivals are those of `Layerwise`."""
    got = Propagation(**run.all_rows(run.start()))
    assert_same(got, Propagation(**run.reference()), run.rtol, "all rows at once")


def scores_like_layerwise(run: Run) -> None:
    """Scores by themselves are those of `Layerwise`."""
    engine = run.start(explain=False)
    if engine is None:
        return
    X = run.X
    expected = Layerwise(run.network, X, run.query).score(slice(0, len(X)))["score"]
    got = run.all_rows(engine, explain=False)["score"]
    assert_scores(got, expected, run.rtol, "scores alone")


def slices(run: Run) -> None:
    """Any slices of the rows give what all rows at once give.

    With a `Scratch` that is used again, and with arrays to write the results to.
    """
    engine = run.start()
    whole = engine.explain(slice(0, len(run.X)))
    for size in (1, 4, len(run.X)):
        scratch = Scratch()
        out: dict[str, Any] = {
            k: None if v is None else np.full_like(v, -7) for k, v in whole.items()
        }
        for start in range(0, len(run.X), size):
            rows = slice(start, min(start + size, len(run.X)))
            places = {k: v[rows] for k, v in out.items() if v is not None}
            part = engine.explain(rows, scratch, places)
            for name, values in part.items():
                # written already, or to be written by whoever asked
                if values is not None and not np.may_share_memory(values, places[name]):
                    places[name][...] = values
        what = f"slices of {size} rows"
        assert_same(Propagation(**out), Propagation(**whole), run.rtol, what)


def order(run: Run) -> None:
    """`order` is None or holds each row once; `rows_at_a_time` is at least 1."""
    engine, n = run.start(), len(run.X)
    if engine.order is not None and not np.array_equal(
        np.sort(engine.order), np.arange(n)
    ):
        raise AssertionError(f"order of {n} rows is {engine.order!r}.")
    size = engine.rows_at_a_time
    if isinstance(size, bool) or int(size) != size or size < 1:
        raise AssertionError(f"rows_at_a_time is {size!r}.")


def rows_stay(run: Run) -> None:
    """Rows and query are not written to."""
    before = run.X.copy()
    run.all_rows(run.start())
    run.all_rows(run.start(explain=False) or run.start(), explain=False)
    if not np.array_equal(run.X, before):
        raise AssertionError("the engine has written to the rows.")


def hostile_rows(run: Run) -> None:
    """Hard rows are finite, and agree with `Layerwise` to 1e-6."""
    rows = hostile(run.X, run.network)
    X = np.array([*rows.values()])[: len(run.X)].astype(run.X.dtype)
    query = run.query[np.arange(len(X))]
    run = Run(run.engine, run.network, X, query, run.rtol)
    engine = run.start()
    if engine is None:
        return
    got = Propagation(**run.all_rows(engine))
    expected = Propagation(**run.reference())
    assert_finite(got)
    for n, name in enumerate(list(rows)[: len(X)]):
        what, one = f"row at {name}", slice(n, n + 1)
        assert_scores(got.score[one], expected.score[one], run.rtol, what)
        rtol = max(1e-6, run.rtol)
        assert_relevances(got.relevance[one], expected.relevance[one], rtol, what)


LAWS = {
    "explains_like_layerwise": explains_like_layerwise,
    "scores_like_layerwise": scores_like_layerwise,
    "slices": slices,
    "order": order,
    "rows_stay": rows_stay,
    "hostile_rows": hostile_rows,
}


def check_engine(
    engine: Any,
    *,
    rules: Iterable[str | Rule] | None = None,
    networks: Iterable[str | Specimen] | None = None,
) -> Iterator[Check]:
    """Yield the checks of an engine, on every small network that it serves.

    Parameters
    ----------
    engine : type
        A class as `Engine` says: with a class method ``of(network, X, query, explain)``
        that gives None for what it does not serve; without one it serves all.
    rules : iterable of str or Rule, default=None
        None: all rules that have a name, with their default settings.
    networks : iterable of str or Specimen, default=None
        Names of the `SPECIMENS` on which it is checked, or specimens of your own, for
        an engine that serves other layers or rows; None: all that it serves.

    Yields
    ------
    check : Check
        Without arguments; raises AssertionError. One fails where the engine serves
        none of the networks.

    Raises
    ------
    TypeError
        For what is no class, rule or list of networks.
    ValueError
        For a name that no rule or specimen has.

    Examples
    --------
    >>> from skneon.network import Layerwise, Midpoint
    >>> from skneon.testing import check_engine
    >>> checks = check_engine(Layerwise, rules=[Midpoint()], networks=["centroids"])
    >>> for check in checks:
    ...     check()
    """
    methods = ("of", "explain")
    if not isinstance(engine, type) or not any(hasattr(engine, m) for m in methods):
        raise TypeError(
            f"check_engine takes a class with the methods of `Engine`, got {engine!r}."
        )
    specimens = specimens_named(networks)
    if isinstance(rules, str):
        raise TypeError(f"rules must be a list of rules or names, got {rules!r}.")
    if rules is None:
        rules = [Rule(), *(kind() for kind in RULES.values())]
    runs = [*_runs(engine, [*map(rule_named, rules)], specimens)]
    serving = partial(serves, [on for on, _ in runs], engine)
    yield Check("serves", serving, "", serves.__doc__ or "")
    for on, run in runs:
        for law, function in LAWS.items():
            yield Check(law, partial(function, run), on, function.__doc__ or "")


def serves(names: list[str], engine: Any) -> None:
    """It serves at least one of the networks."""
    if not names:
        raise AssertionError(
            f"{engine.__name__}.of gives None for each network that it is checked on."
        )


def _runs(
    engine: Any, rules: list[Rule], specimens: list[Specimen]
) -> Iterator[tuple[str, Run]]:
    """What the engine serves, by name: network, rule, question."""
    for specimen in specimens:
        for rule in rules:
            if not fits(rule, specimen):
                continue
            for what, query in specimen.queries():
                network = specimen.network(rule)
                run = Run(engine, network, specimen.rows, query, specimen.rtol)
                if run.start() is not None:
                    yield f"{specimen.name}, {rule.name}, {what}", run
