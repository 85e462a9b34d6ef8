# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The laws of engines: our own, a third party's, and engines that break them."""

from dataclasses import replace

import numpy as np
import pytest

from skneon.network import (
    ExactInlier,
    IntegratedSoftArgmin,
    Layerwise,
    Midpoint,
    RandomFeatures,
)
from skneon.network.engines._engine_for import ENGINES
from skneon.testing import SPECIMENS, check_engine, parametrize_with_checks


def own_checks():
    # the reference has no other rules than the engines, on more networks
    few = [IntegratedSoftArgmin(), Midpoint(), ExactInlier(), RandomFeatures()]
    for engine in [*ENGINES, Layerwise]:
        rules = few if engine is Layerwise else None
        yield from (
            pytest.param(check, id=f"{engine.__name__}: {check}")
            for check in check_engine(engine, rules=rules)
        )


@pytest.mark.parametrize("check", [*own_checks()])
def test_law(check):
    check()


def test_engines_serve_what_they_are_for():
    served = {
        engine.__name__: {check.on for check in check_engine(engine)} - {""}
        for engine in ENGINES
    }
    assert "distances-by-a-tree, soft-argmin, absent" in served["Pruned"]
    assert "distances-in-float32, integrated, all" in served["Tiled"]
    assert "kernels-behind-a-map, exact-inlier, all" in served["Tiled"]
    assert "several-centroids, w-square, rival" in served["Contrasts"]
    # what has more layers is for the reference alone
    assert not any("middle" in on for names in served.values() for on in names)


class Plain:
    """A third party's engine: evidence and midpoint relevances in plain loops."""

    order = None
    rows_at_a_time = 2

    def __init__(self, network, X, query):
        self.network, self.X, self.query = network, X, query

    @classmethod
    def of(cls, network, X, query, explain):
        asked = query.cluster is not None and query.rival is None
        kinds = type(network.units).__name__, type(network.rule)
        plain = network.units.inputs.matrix is None and network.units.inputs.one_to_one
        if kinds != ("CentroidPairs", Midpoint) or network.middle or not plain:
            return None
        single = network.units.sole is not None
        return cls(network, X, query) if asked and single else None

    def score(self, rows, scratch=None, out=None):
        return {"score": self.explain(rows)["score"]}

    def explain(self, rows, scratch=None, out=None):
        parts = [
            self._row(x, c)
            for x, c in zip(self.X[rows], self.query.cluster[rows], strict=True)
        ]
        names = ("relevance", "score", "reference", "rival", "cluster")
        return {
            name: np.array(part)
            for name, part in zip(names, zip(*parts, strict=True), strict=True)
        }

    def _row(self, x, c):
        mu, beta = self.network.units.centroids, self.network.rule.beta
        rivals = [k for k in range(len(mu)) if k != c]
        # factored, so that far rows lose no digits
        shares = np.array([(mu[c] - mu[k]) * (2 * x - mu[k] - mu[c]) for k in rivals])
        h = shares.sum(axis=1)
        f = h.min()
        p = np.exp(-beta * (h - f))
        p /= p.sum()
        ratio = np.clip([f / h_k if h_k else 1.0 for h_k in h], -1, 1)
        strongest = rivals[int(h.argmin())]
        return (p * ratio) @ shares, f, mu[strongest], strongest, c


@parametrize_with_checks(check_engine(Plain))
def test_an_engine_of_a_third_party(check):
    check()


class LosesDigits(Layerwise):
    """Gives the last row to seven digits."""

    def explain(self, rows, scratch=None, out=None):
        results = super().explain(rows, scratch, out)
        if rows.stop >= len(self.X):
            R = results["relevance"]
            R[-1] = R[-1].astype(np.float32)
        return results


class Writes(Layerwise):
    """Writes to the rows."""

    def explain(self, rows, scratch=None, out=None):
        results = super().explain(rows, scratch, out)
        self.X[rows] += 1.0
        return results


class Shuffled(Layerwise):
    """Says another order than that in which its slices count."""

    @property
    def order(self):
        return np.arange(len(self.X))[::-1]


class Repeats(Layerwise):
    """Does not say where each row is."""

    @property
    def order(self):
        return np.zeros(len(self.X), dtype=int)


class Sleeps(Layerwise):
    """Would never come to an end."""

    def __init__(self, network, X, query):
        super().__init__(network, X, query)
        self.rows_at_a_time = 0


class Whole(Layerwise):
    """Heeds no slice but that of all rows."""

    def explain(self, rows, scratch=None, out=None):
        results = super().explain(slice(0, len(self.X)), scratch, out)
        size = rows.stop - rows.start
        return {k: None if v is None else v[:size] for k, v in results.items()}


class Guesses(Layerwise):
    """Rounds scores alone."""

    def score(self, rows, scratch=None, out=None):
        return {"score": np.round(super().score(rows)["score"], 3)}


class Idle(Layerwise):
    """Serves nothing."""

    @classmethod
    def of(cls, network, X, query, explain):
        return None


@pytest.mark.parametrize(
    ("engine", "law", "message"),
    [
        (LosesDigits, "explains_like_layerwise", "all rows at once: row 22 of 23 has"),
        (Writes, "rows_stay", "has written to the rows"),
        (Shuffled, "explains_like_layerwise", "the score of row 0 is"),
        (Repeats, "order", "order of 23 rows is array"),
        (Sleeps, "order", "rows_at_a_time is 0"),
        (Whole, "slices", "slices of 1 rows: the score of row 1 is"),
        (Guesses, "scores_like_layerwise", "scores alone: the score of row 0 is"),
        (Idle, "serves", "Idle.of gives None for each network"),
    ],
)
def test_an_engine_that_breaks_a_law(engine, law, message):
    checks = check_engine(
        engine, rules=[IntegratedSoftArgmin()], networks=["distances"]
    )
    check = next(check for check in checks if check.law == law)
    rows = getattr(check.run.args[0], "X", np.zeros(1)).copy()
    with pytest.raises(AssertionError, match=message):
        check()
    if engine is Writes:
        check.run.args[0].X[...] = rows


class Distinct(Layerwise):
    """Computes rows that are equal once; serves no others."""

    @classmethod
    def of(cls, network, X, query, explain):
        repeated = 2 * len(np.unique(X, axis=0)) <= len(X)
        plain = query.cluster is None and query.absent is None
        return cls(network, X, query) if repeated and plain else None


def test_an_engine_for_rows_that_repeat():
    rules = ["midpoint"]
    served = {check.on for check in check_engine(Distinct, rules=rules)}
    assert served == {"", "centroids-of-repeated-rows, midpoint, all"}
    rows = np.repeat(SPECIMENS["kernels"].rows[:2], 4, axis=0)
    own = replace(SPECIMENS["kernels"], name="own rows", table=rows)
    checks = [*check_engine(Distinct, rules=["exact-inlier"], networks=[own])]
    assert {check.on for check in checks} == {"", "own rows, exact-inlier, all"}
    for check in checks:
        check()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"networks": ["nowhere"]}, ValueError, "'nowhere', which is none of"),
        ({"networks": "centroids"}, TypeError, "must be a list of names, got 'cent"),
        ({"networks": [3]}, TypeError, "networks holds 3: it takes names"),
        ({"rules": "midpoint"}, TypeError, "must be a list of rules or names, got"),
        ({"rules": [Midpoint]}, TypeError, r"got the class Midpoint: pass Midpoint"),
        ({"engine": 3}, TypeError, "takes a class with the methods of `Engine`"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        [*check_engine(**{"engine": Layerwise, **arguments})]
