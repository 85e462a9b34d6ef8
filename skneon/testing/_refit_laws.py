# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Laws of a family of networks: what becomes of explanations as data change."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from skneon.network import Query
from skneon.network.numerics._types import Array
from skneon.testing._change import Change
from skneon.testing._compare import (
    assert_references,
    assert_relevances,
    assert_scores,
    references_of,
)
from skneon.testing._subject import Subject

Refit = Callable[[Change], Any]


def unchanged(subject: Subject, refit: Refit, rtol: float) -> None:
    """The model that is fitted again is the same: else the laws below say nothing."""
    _compare(subject, refit, Change(), rtol, "fitted again")


def permutation(subject: Subject, refit: Refit, rtol: float) -> None:
    """With columns in another order, relevances and references come in that order.

    Not for rules that draw a sample of columns or directions in their order:
    `Shapley` beyond 12 columns, `RandomFeatures` by a seed.
    """
    columns = np.random.default_rng(1).permutation(_n_columns(subject))
    for order in (columns, columns[::-1]):
        _compare(subject, refit, Change(columns=order), rtol, f"columns {order}")


def translation(subject: Subject, refit: Refit, rtol: float) -> None:
    """With all data moved by whole numbers, relevances stay; references move.

    Not for rules for activations, to which 0 means something; nor for models of angles
    or signs, or scaled by the size of the data.
    """
    rng = np.random.default_rng(2)
    shift = rng.integers(-64, 65, size=_n_columns(subject)).astype(float)
    _compare(subject, refit, Change(shift=shift), rtol, f"moved by {shift}")


def scaling(subject: Subject, refit: Refit, rtol: float) -> None:
    """With data times s, scores and relevances are times a power of s, references s.

    For a model whose own scales follow: gamma and beta are divided by s squared, a
    bandwidth times s. Not where a constant, such as a stabiliser, does not follow.
    """
    expected = subject.explain()
    for s in (0.5, 8.0):
        what = f"data times {s}"
        got = _changed(subject, refit, Change(scale=s)).explain()
        power = _power(np.asarray(got.score), np.asarray(expected.score), s)
        assert_scores(got.score, power * expected.score, rtol, what)
        assert_relevances(got.relevance, power * expected.relevance, rtol, what)
        _compare_references(subject, got, expected, Change(scale=s), rtol, what)


def _power(got: Array, expected: Array, s: float) -> float:
    """By what scores grow: s to the power 0, 1 or 2, whichever is nearest."""
    some = np.isfinite(expected) & (expected != 0)
    if not some.any():
        return 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = float(np.median(got[some] / expected[some]))
    return min((s**p for p in (0, 1, 2)), key=lambda power: abs(power - ratio))


def absent_rows(subject: Subject, refit: Refit, rtol: float, n: int) -> None:
    """Leave-one-out: without a training row it is the model fitted without it.

    Not for models that keep what they learned of it, as `LocalOutlierFactor` does the
    densities of the others.
    """
    for j in (0, n // 2, n - 1):
        rows = np.full(len(subject), j)
        of_layers = isinstance(subject.asked, Query)
        asked = {"absent" if of_layers else "leave_out": rows}
        got = subject.asking(**asked).explain()
        expected = subject.about(subject.X, refit(Change().without(j))).explain()
        what = f"without training row {j}"
        assert_scores(got.score, expected.score, rtol, what)
        assert_relevances(got.relevance, expected.relevance, rtol, what)
        _compare_references(subject, got, expected, Change(), rtol, what)


def _n_columns(subject: Subject) -> int:
    return int(np.shape(subject.X)[1])


def _changed(subject: Subject, refit: Refit, change: Change) -> Subject:
    return replace(subject, X=change(subject.X), network=refit(change))


def _compare(
    subject: Subject, refit: Refit, change: Change, rtol: float, what: str
) -> None:
    expected = subject.explain()
    got = _changed(subject, refit, change).explain()
    assert_scores(got.score, expected.score, rtol, what)
    assert_relevances(got.relevance, change.ordered(expected.relevance), rtol, what)
    _compare_references(subject, got, expected, change, rtol, what)


def _compare_references(
    subject: Subject, got: Any, expected: Any, change: Change, rtol: float, what: str
) -> None:
    """References follow the data, where they are numbers in the place of columns."""
    reference = np.asarray(references_of(expected))
    of_layers = subject.network is subject.bare
    # those of a bare network are points behind its linear steps
    behind_a_map = of_layers and subject.bare.units.inputs.matrix is not None
    if reference.dtype.kind == "f" and not behind_a_map:
        assert_references(references_of(got), change(reference), rtol, what)
