# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Comparisons whose messages say what differs, where and by how much."""

from typing import Any

import numpy as np

from skneon.network.numerics._types import Array

# rounding that is allowed for, relative to the largest row
ROUNDING = 1e-12


def assert_finite(result: Any) -> None:
    """All relevances are finite, and no score is NaN; infinite ones share nothing."""
    relevance, score = np.asarray(result.relevance), np.asarray(result.score)
    bad = np.flatnonzero(~np.isfinite(relevance).all(axis=1))
    if len(bad):
        raise AssertionError(
            f"row {bad[0]} has the relevances {relevance[bad[0]]}, which must be "
            f"finite; its score is {score[bad[0]]}."
        )
    bad = np.flatnonzero(np.isnan(score))
    if len(bad):
        raise AssertionError(f"row {bad[0]} has the score NaN.")
    bad = np.flatnonzero(np.isinf(score) & relevance.any(axis=1))
    if len(bad):
        raise AssertionError(
            f"row {bad[0]} has the infinite score {score[bad[0]]}, of which no column "
            f"can have a share, and the relevances {relevance[bad[0]]}."
        )


def assert_sums(
    result: Any, stated: Array, rtol: float, terms: Any = 0.0, by: str = "the rule"
) -> None:
    """Relevances sum to the score less the residual, (n,), that is stated by a rule.

    To `rtol` of their sizes, and to the rounding of terms of the given size.
    """
    relevance, score = np.asarray(result.relevance), np.asarray(result.score)
    some = np.isfinite(score)
    wanted = np.where(some, score, 0.0) - np.where(some, stated, 0.0)
    total = relevance.sum(axis=1, dtype=float)
    size = np.abs(relevance).sum(axis=1, dtype=float) + np.abs(wanted)
    size += np.where(some, np.abs(stated) + np.abs(np.where(some, score, 0)), 0.0)
    error = np.abs(total - wanted)
    bad = np.flatnonzero(~(error <= rtol * size + ROUNDING * terms + 1e-300))
    if len(bad):
        n = bad[np.argmax(np.nan_to_num(error[bad] / (size[bad] + 1e-300), nan=np.inf))]
        raise AssertionError(
            f"the relevances of row {n} sum to {total[n]:.12g}. The score "
            f"{score[n]:.12g} less the residual that {by} states, "
            f"{np.asarray(stated)[n]:.12g}, is {wanted[n]:.12g}. Either the rule loses "
            "relevance, or it keeps back what its method residual must state."
        )


def assert_scores(got: Any, expected: Any, rtol: float, what: str) -> None:
    """Scores agree to `rtol`, and to rounding of the largest."""
    got, expected = np.asarray(got), np.asarray(expected)
    if got.shape != expected.shape:
        raise AssertionError(
            f"{what}: scores have the shape {got.shape} in the place of "
            f"{expected.shape}."
        )
    finite = np.isfinite(expected)
    largest = np.abs(expected[finite]).max(initial=0.0)
    with np.errstate(invalid="ignore"):
        error = np.where(got == expected, 0.0, np.abs(got - expected))
    near = rtol * np.abs(np.where(finite, expected, 0.0)) + ROUNDING * largest
    bad = np.flatnonzero(~(error <= near + 1e-300))
    if len(bad):
        n = bad[0]
        raise AssertionError(
            f"{what}: the score of row {n} is {got[n]:.12g} in the place of "
            f"{expected[n]:.12g}."
        )


def assert_relevances(got: Any, expected: Any, rtol: float, what: str) -> None:
    """Relevances agree to `rtol` of their sum of absolute values, row by row."""
    got, expected = np.asarray(got), np.asarray(expected)
    if got.shape != expected.shape:
        raise AssertionError(
            f"{what}: relevances have the shape {got.shape} in the place of "
            f"{expected.shape}."
        )
    size = np.abs(expected).sum(axis=1, dtype=float)
    error = np.abs(got - expected).sum(axis=1, dtype=float)
    largest = size[np.isfinite(size)].max(initial=0.0)
    bad = np.flatnonzero(~(error <= rtol * size + ROUNDING * largest + 1e-300))
    if len(bad):
        n = bad[0]
        raise AssertionError(
            f"{what}: row {n} of {len(got)} has the relevances {got[n]} in the place "
            f"of {expected[n]}, which differ by {error[n]:.3g}."
        )


def assert_same(got: Any, expected: Any, rtol: float, what: str) -> None:
    """Explanations of the same rows agree: scores, relevances, rivals, references."""
    assert_scores(got.score, expected.score, rtol, what)
    assert_relevances(got.relevance, expected.relevance, rtol, what)
    if expected.rival is not None:
        _assert_equal(got.rival, expected.rival, f"{what}: the rival")
    for name in ("cluster", "target"):
        value = getattr(expected, name, None)
        if isinstance(value, np.ndarray):
            _assert_equal(getattr(got, name), value, f"{what}: the {name}")
    assert_references(references_of(got), references_of(expected), rtol, what)


def references_of(found: Any) -> Any:
    """What rows are compared with: of an explanation, or of a propagation."""
    explained = hasattr(found, "compared_with")
    return found.compared_with if explained else found.reference


def _assert_equal(got: Any, expected: Array, what: str) -> None:
    if got is None or np.shape(got) != expected.shape:
        raise AssertionError(f"{what} is {got!r} in the place of {expected!r}.")
    bad = np.flatnonzero(np.asarray(got) != expected)
    if len(bad):
        n = bad[0]
        raise AssertionError(
            f"{what} of row {n} is {got[n]!r} in the place of {expected[n]!r}."
        )


def assert_references(got: Any, expected: Any, rtol: float, what: str) -> None:
    """References agree to `rtol` of the largest; categories are not compared."""
    got, expected = np.asarray(got), np.asarray(expected)
    if expected.dtype == object or got.dtype == object:
        return
    size = np.abs(expected[np.isfinite(expected)]).max(initial=0.0)
    if not np.allclose(got, expected, rtol=rtol, atol=rtol * size, equal_nan=True):
        raise AssertionError(
            f"{what}: the references are {got!r} in the place of {expected!r}."
        )
