# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A model that judges rows of a table, and the rows that it finds most unusual."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from skneon._frames import some_rows
from skneon._labels import Labels
from skneon._tables._words import pd
from skneon.explanation._explanation import Explanation
from skneon.metrics import conservation_error, flipping_score
from skneon.network.numerics._types import Array
from skneon.neuralization import neuralize
from skneon.neuralization._own_rows import knows_its_rows, own_rows
from skneon.neuralization._pipeline import NeuralizedPipeline
from skneon.neuralization._rows_needed import OtherRows, RowsNeeded
from skneon.neuralization._suspects import SUSPECTS, a_suspect
from skneon.neuralization._training_scores import in_folds, training_scores
from skneon.neuralization.models._kernel_density import NeuralizedKernelDensity

# rows that faithfulness is measured on, random orders, and cells of the coalitions of
# all of them, which take some seconds
ROWS, ORDERS, WORK = 100, 3, 1e10
# up to which scores of the same rows may differ by rounding
SAME = 1e-6
# parts of a random order's flipping score: what is clear, and what is as good as none
CLEAR, TIED = 0.1, 0.01


class Judge:
    """A neuralized model; a density leaves each of its own rows out.

    ``own`` are the numbers of the training rows, in rising order, where the rows to
    judge may be among them.
    """

    def __init__(self, network: Any, own: Array | None = None) -> None:
        self.network = network
        self.is_fit = own is not None
        self.own = own if knows_its_rows(network) else None
        self.in_folds = self.is_fit and in_folds(network)
        self.suspect = -1 if self.own is None else a_suspect(network)

    @classmethod
    def of_model(cls, model: Any, X: Any) -> "Judge":
        """A fitted model, and the rows X, which may be its training rows."""
        network, name = _network_of(model, X), type(model).__name__
        if not hasattr(network, "explain"):
            raise TypeError(f"{name} is a transformer: there is nothing to explain.")
        # bad rows are refused before anything is computed
        rows, _ = network.rows(X)
        known = _with_training_rows(network, model, X, rows)
        return cls(known or network, np.arange(rows.shape[0]) if known else None)

    def asked(self, numbers: Array) -> dict[str, Array]:
        """Which training row each row is left out as; others go without suspects.

        And the cluster it is in, where all are training rows: others are in whichever
        they are nearest to.
        """
        if self.own is None:
            return {}
        last = getattr(self.network, "last", self.network)
        clusters = None if last.training is None else last.training.clusters
        names = None if clusters is None else np.asarray(last.target_of(clusters))
        return own_rows(numbers, self.own, names, self.suspect)

    def score(self, rows: Any, numbers: Array) -> Array:
        """Score of rows of these numbers, shape (n,)."""
        score: Array = self.network.forward(rows, **self.asked(numbers))
        return score

    def judged(self, rows: Any, numbers: Array) -> Array:
        """The score by which they are judged: of models without them, or their own."""
        known = training_scores(self.network) if self.in_folds else None
        return self.score(rows, numbers) if known is None else known[numbers]

    def explain(self, rows: Any, numbers: Array, labels: Array) -> Explanation:
        """Explanation of rows of these numbers, with labels."""
        found = self.network.explain(rows, **self.asked(numbers))
        # rows of the fit have no p-values among themselves
        known: dict[str, Any] = {"p_value": None} if self.is_fit else {}
        if self.in_folds and found.training_score is not None:
            known["held_out_score"] = found.training_score[numbers]
        labelled: Explanation = replace(found, index=labels, **known)
        return labelled

    def study(self, X: Any, sample: Array, k: int) -> tuple[Array, Explanation, Array]:
        """The sample, then those of the k largest scores: numbers, and explanation.

        And the scores of all rows.
        """
        numbers, n, labels = sample, X.shape[0], Labels.of(X).index
        score = self.judged(X, np.arange(n)) if len(sample) < n else None
        if score is not None:
            numbers = with_largest(sample, score, k)
        names = numbers if labels is None else labels[numbers]
        found = self.explain(some_rows(X, numbers), numbers, names)
        return numbers, found, found.judged_score if score is None else score

    def faithfulness(
        self, what: str, rows: Any, numbers: Array, seed: int
    ) -> dict[str, Any]:
        """Error of the sum, and flipping scores beside those of random orders.

        Of some rows. Scores are None where there is one column, no score, or too much
        to compute.
        """
        d, width = self.network.n_columns, self.network.network.units.width
        affordable = int(WORK / ((ORDERS + 1) * (d + 1) * d * max(width, 1)))
        drawn = chosen(len(numbers), min(ROWS, max(affordable, 1)), seed)
        rows, asked = some_rows(rows, drawn), self.asked(numbers[drawn])
        told = self.network.explain(rows, **asked)
        error = conservation_error(self.network, rows, **asked)
        measured = {"what": what, "n": len(drawn), "error": error, "own": None}
        usable = np.isfinite(told.score) & (told.score != 0)
        if d < 2 or not affordable or not usable.any():
            return measured
        rng = np.random.default_rng(seed)
        orders = [told, *(rng.permuted(told.relevance, axis=1) for _ in range(ORDERS))]
        own, *others = (flipping_score(self.network, rows, o, **asked) for o in orders)
        random = float(np.mean(others))
        return measured | {"own": own, "random": random, "pace": pace(own, random)}


def _network_of(model: Any, X: Any) -> Any:
    """The network of a model, which may consist of the rows X that it was fitted to."""
    try:
        return neuralize(model)
    except RowsNeeded:
        pass
    try:
        return neuralize(model, X_train=X)
    except OtherRows as error:
        raise ValueError(
            f"{type(model).__name__} does not keep the rows of its fit, of which its "
            f"network consists: X must be these rows, in their order. It is not: "
            f"{error.why}. For other rows pass an explanation, report(explain(model, "
            "X, X_train=rows), X), where rows are those of the fit."
        ) from error


def _of_clusters(network: Any, model: Any, X: Any) -> Any:
    """The network of a clustering that leaves its rows X out, or None."""
    last = getattr(network, "last", network)
    if not hasattr(last, "n_clusters") or not last.takes_training_rows:
        return None
    try:
        known = neuralize(model, X_train=X)
    except (TypeError, ValueError):
        return None
    return known if knows_its_rows(known) else None


def _with_training_rows(network: Any, model: Any, X: Any, rows: Any) -> Any:
    """The network of a model that was fitted to the rows X, in their order, or None."""
    if not knows_its_rows(network):
        found = _of_clusters(network, model, X)
        return _with_scores_of(network, model, X) if found is None else found
    last = getattr(network, "last", network)
    is_density = isinstance(last, NeuralizedKernelDensity)
    together: dict[str, Any] = {"groups": SUSPECTS} if is_density else {}
    if isinstance(network, NeuralizedPipeline):
        try:
            return neuralize(model, X_train=X, **together)
        except (TypeError, ValueError):
            return None
    if not np.array_equal(network.training.rows, rows):
        return None
    return neuralize(model, **together) if together else network


def _with_scores_of(network: Any, model: Any, X: Any) -> Any:
    """The network of a model that has the scores of its rows, if X are these."""
    last = getattr(network, "last", network)
    kept = last.fit_scores
    if kept is None:
        # some models show to which rows they were fitted
        shows = getattr(last, "was_fitted_to", None)
        is_fit = shows is not None and shows(network.model_rows(X))
        return neuralize(model, X_train=X) if is_fit else None
    if len(kept) != X.shape[0]:
        return None
    if np.allclose(network.forward(X), kept, rtol=SAME):
        return network
    if not last.takes_training_rows:
        return None
    # parts of it may know who is absent
    known = neuralize(model, X_train=X)
    return known if np.allclose(known.forward(None), kept, rtol=SAME) else None


def pace(own: float, random: float) -> str:
    """How the score falls without the leading columns, beside random ones.

    By flipping scores, of which the lower one is of the faster fall.
    """
    gained, one = random - own, abs(random)
    if gained > CLEAR * one:
        return "clearly faster than"
    if abs(gained) <= TIED * one:
        return "about as fast as"
    return "only slightly faster than" if gained > 0 else "more slowly than"


def suspects_note(facts: Mapping[str, Any]) -> list[str]:
    """What there is to say of rows that are judged without one another."""
    n = facts.get("n_suspects", 0)
    if n < 2:
        return []
    return [
        f"{n:,} rows that stand out, or would without their next rows, are judged by "
        "all rows but these: so outliers do not hide one another."
    ]


def chosen(n: int, limit: int, random_state: int) -> Array:
    """Numbers of up to `limit` of n rows, in order."""
    if n <= limit:
        return np.arange(n)
    drawn: Array = check_random_state(random_state).choice(n, limit, replace=False)
    return np.sort(drawn)


def largest(score: Array, k: int) -> Array:
    """Places of the k largest scores, the largest first, then the earlier."""
    return np.argsort(-score, kind="stable")[:k]


def with_largest(sample: Array, score: Array, k: int) -> Array:
    """Numbers of a sample, then of the k largest scores that are not in it."""
    return np.concatenate([sample, np.setdiff1d(largest(score, k), sample)])


class Leading:
    """The rows of the largest scores so far, the earlier first where they are equal.

    ``rows`` are their scores, labels and features; ``scores`` those of all rows so far.
    """

    def __init__(self, k: int) -> None:
        self.k, self.rows, self.scores = k, tuple[Any, ...](), list[Array]()

    def add(self, score: Array, labels: Array, features: Any) -> None:
        """Compare with further rows."""
        self.scores.append(score)
        best = largest(score, self.k)
        added = score[best], labels[best], features.iloc[best]
        scores, names, rows = zip(*filter(None, (self.rows, added)), strict=True)
        score, labels = np.concatenate(scores), np.concatenate(names)
        best = largest(score, self.k)
        self.rows = score[best], labels[best], pd.concat(rows).iloc[best]
