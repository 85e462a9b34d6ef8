# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The laws of a network and its rows, one per function."""

import pickle
import warnings
from copy import deepcopy
from typing import Any

import numpy as np
from sklearn import config_context
from sklearn.base import is_outlier_detector

from skneon.network.numerics._types import Array
from skneon.testing._compare import (
    assert_finite,
    assert_relevances,
    assert_same,
    assert_scores,
    assert_sums,
)
from skneon.testing._residual import stated_residual
from skneon.testing._subject import Subject

# a number of working memory, in MiB, that leaves one row at a time
LITTLE_MEMORY = 1e-6
# to what results of float32 are good
SINGLE = 1e-3


def finite(subject: Subject) -> None:
    """Relevances are finite, scores are no NaN, infinite scores share nothing."""
    assert_finite(subject.explain())


def passes_agree(subject: Subject) -> None:
    """The forward pass alone gives the score that is explained.

    Not for networks that explain what they estimate, as random features do.
    """
    assert_scores(
        subject.forward(), subject.explain().score, subject.rtol, "forward pass alone"
    )


def equivalence(subject: Subject, reference: Any) -> None:
    """The network computes what the model does: the scores that are given for it."""
    expected = reference(subject.X) if callable(reference) else reference
    assert_scores(subject.forward(), expected, subject.rtol, "against the reference")


def agrees_with_model(subject: Subject) -> None:
    """Scores order rows as the model's own, and clusters are those it predicts.

    "outlier" falls where ``score_samples`` grows, "inlier" grows. The cluster that is
    explained, where none is asked about, is that of ``predict``.
    """
    door = subject.network
    if door.target in ("outlier", "inlier") and hasattr(door.model, "score_samples"):
        own = np.asarray(door.model.score_samples(subject.X))
        score = np.asarray(subject.explain().score)
        order = np.argsort(own if door.target == "inlier" else -own, kind="stable")
        steps = np.diff(score[order])
        slack = 1e-6 * (np.abs(score[order][1:]) + np.abs(score[order][:-1]))
        tied = np.isclose(np.diff(own[order]), 0, atol=1e-9 * np.abs(own).max())
        bad = np.flatnonzero((steps < -slack) & ~tied)
        if len(bad):
            a, b = order[bad[0]], order[bad[0] + 1]
            raise AssertionError(
                f"score_samples orders rows {a} and {b} otherwise: {own[a]:.6g}, "
                f"{own[b]:.6g}, and the network's scores are {score[a]:.6g}, "
                f"{score[b]:.6g}."
            )
    elif predicts_clusters(subject):
        own, got = door.model.predict(subject.X), subject.explain().target
        bad = np.flatnonzero(np.asarray(own) != np.asarray(got))
        if len(bad):
            n = bad[0]
            raise AssertionError(
                f"the model gives row {n} the cluster {own[n]!r}, the network "
                f"{got[n]!r}."
            )


def predicts_clusters(subject: Subject) -> bool:
    """Whether the model's ``predict`` gives the cluster that is explained."""
    door = subject.network
    if "cluster" not in door.questions or "cluster" in subject.asked:
        return False
    return hasattr(door.model, "predict") and not is_outlier_detector(door.model)


def conservation(subject: Subject) -> None:
    """Relevances sum to the score less the residual that the rule states.

    `Rule.residual`: a constant of the score, which no column carries, and what a rule
    keeps back. Not for rules that state nothing, such as `Activation`.
    """
    result, rule = subject.explain(), subject.bare.rule
    stated = stated_residual(subject.bare, *subject.clean())
    if stated is not None and rule is not None:
        size = np.abs(result.relevance).sum(axis=1) + np.abs(result.score)
        terms = size[np.isfinite(size)].max(initial=0.0)
        by = type(rule).residual.__qualname__
        assert_sums(result, stated, subject.rtol, terms, by)


def subsets(subject: Subject) -> None:
    """A row alone is explained as among others, and in whatever order they come.

    Not for a model that may drop what weighs little (``rtol`` above 0): what it drops
    depends on the rows that it is asked about together.
    """
    whole = subject.explain()
    order = np.random.default_rng(0).permutation(len(subject))
    for rows in (order, order[: (len(order) + 1) // 2], *order[:3, None]):
        part = subject.rows(rows).explain()
        what = f"rows {rows.tolist()} by themselves"
        assert_scores(part.score, whole.score[rows], subject.rtol, what)
        assert_relevances(part.relevance, whole.relevance[rows], subject.rtol, what)


def chunks(subject: Subject) -> None:
    """Little working memory changes nothing but the time."""
    expected = subject.explain()
    with config_context(working_memory=LITTLE_MEMORY):
        assert_same(subject.explain(), expected, subject.rtol, "with little memory")
        assert_scores(
            subject.forward(), _pooled(subject), subject.rtol, "with little memory"
        )


def _pooled(subject: Subject) -> Array:
    with config_context(working_memory=1024):
        return subject.forward()


def threads(subject: Subject) -> None:
    """Two threads give what one gives."""
    threaded, expected = subject.running(2), subject.explain()
    assert_same(threaded.explain(), expected, subject.rtol, "by two threads")
    assert_scores(threaded.forward(), subject.forward(), subject.rtol, "by two threads")


def copies(subject: Subject) -> None:
    """A copy, deep or from a pickle, explains the same.

    What is pickled must be importable: classes and functions of a module.
    """
    expected = subject.explain()
    for what, copy in (
        ("a pickled copy", pickle.loads(pickle.dumps(subject.network))),
        ("a deep copy", deepcopy(subject.network)),
    ):
        got = subject.about(subject.X, copy).explain()
        assert_same(got, expected, subject.rtol, what)


def float32(subject: Subject) -> None:
    """Rows of float32 are taken, and results are of the network's dtype.

    They are explained as the same numbers in float64, to the precision of float32, in
    which scikit-learn's transformers work. Not where columns hold anything but numbers.
    """
    numbers = subject.numbers
    assert numbers is not None
    single = numbers.astype(np.float32)
    got = subject.about(single).explain()
    expected = subject.about(single.astype(float)).explain()
    for name in ("relevance", "score"):
        dtype = getattr(got, name).dtype
        if dtype != subject.bare.dtype:
            raise AssertionError(
                f"{name} is of {dtype}, the network of {subject.bare.dtype}."
            )
    assert_scores(got.score, expected.score, SINGLE, "rows of float32")
    assert_relevances(got.relevance, expected.relevance, SINGLE, "rows of float32")


def hostile_rows(subject: Subject) -> None:
    """Rows far away, at one point, or near the limits of floats share finitely.

    Without a warning from this package; or they are refused by a ValueError or
    TypeError. Not where columns hold anything but numbers.
    """
    numbers = subject.numbers
    assert numbers is not None
    for name, row in hostile(numbers, subject.bare).items():
        one = subject.rows(np.array([0])).about(row[None])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", module=r"skneon\.(?!testing)")
            try:
                result = one.explain()
            except (ValueError, TypeError):
                # a bare network takes all rows: whoever calls it has validated them
                if subject.network is subject.bare:
                    raise
                continue
            except Warning as warning:
                raise AssertionError(f"row at {name}: warns {warning!r}.") from warning
        try:
            assert_finite(result)
        except AssertionError as error:
            raise AssertionError(f"row at {name}: {error}") from error


def hostile(X: Array, network: Any) -> dict[str, Array]:
    """Rows that are hard to explain, by their names; not negative for activations."""
    X = np.asarray(X, dtype=float)
    low, high = X.min(axis=0), X.max(axis=0)
    middle, spread = X.mean(axis=0), np.maximum(high - low, 1e-9)
    rows = {
        "the mean": middle,
        "the first row": X[0],
        "0": np.zeros_like(middle),
        "all smallest": low,
        "all largest": high,
        "1e6 spreads above": middle + 1e6 * spread,
        "1e6 spreads below": middle - 1e6 * spread,
        "one column far": np.where(np.arange(len(middle)) == 0, 1e8 * spread, middle),
        "1e-140": np.full_like(middle, 1e-140),
        "1e100": np.full_like(middle, 1e100),
    }
    if network.dtype == np.float32:
        rows = {name: row for name, row in rows.items() if np.abs(row).max() < 1e6}
    if network.rule is not None and network.rule.activations_only:
        rows = {name: np.abs(row) for name, row in rows.items()}
    return rows
