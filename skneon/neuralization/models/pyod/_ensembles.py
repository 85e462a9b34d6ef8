# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of PyOD's ensembles, whose members are explained themselves."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skneon.network import (
    ByMembers,
    Max,
    Mean,
    Members,
    Network,
    Query,
    SupportWeights,
)
from skneon.network.numerics._types import Array
from skneon.neuralization._by_name import REFUSED, named
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel, TrainingRows
from skneon.neuralization._options import Options
from skneon.neuralization.models._given_rows import rows_as_given
from skneon.neuralization.models.pyod._detector import (
    NeuralizedDetector,
    check_fitted,
    without_names,
)
from skneon.neuralization.models.pyod._of_columns import ALONE, counted, tied

# scores of members that are PyOD's own
LINEAR = ("decision_function", ALONE)

REFUSED["pyod.models.lscp.LSCP"] = (
    "it draws neighbourhoods at every call, so that its score is no function of the "
    "row. Explain the detectors that it chooses from, explain(model.detector_list[0], "
    "X), or a FeatureBagging of them."
)
REFUSED["pyod.models.suod.SUOD"] = (
    "it replaces detectors by random forests that approximate them, and puts others "
    "behind random projections. Fit its base_estimators to the rows and explain them: "
    "the mean of their standardized scores has the mean of their relevances, each "
    "divided by the standard deviation of the detector's decision_scores_."
)


@dataclass(frozen=True, kw_only=True)
class EnsembleOptions(Options):
    """Options of ensembles, as in `neuralize`."""

    X_train: Any = None


class NeuralizedEnsemble(NeuralizedModel):
    """An ensemble and the networks of its members, side by side.

    The doors of the members answer what is asked of each: which neighbours it finds.

    Parameters
    ----------
    model, network, target, meta, training
        As in `NeuralizedModel`; the units are `Members`.
    doors : list of NeuralizedModel
    """

    takes_training_rows = True

    def __init__(self, *parts: Any, doors: list[NeuralizedModel]) -> None:
        super().__init__(*parts)
        self.doors = doors

    @property
    def support_weights(self) -> SupportWeights:
        """Equal ones of the training rows, which know who is absent."""
        assert self.training is not None
        n = self.training.rows.shape[0]
        return SupportWeights(np.full(n, 1 / n))

    def rows(self, X: Any, **asked: Any) -> tuple[Any, Query]:
        """Clean rows and their query."""
        data, query = super().rows(X, **asked)
        own = X is None and not asked

        def part(door: NeuralizedModel, columns: Array, counts: bool) -> Query:
            if own and counts:
                return door.rows(None)[1]
            return door.rows(data[:, columns], **(asked if counts else {}))[1]

        return data, replace(query, members=self._asked(part))

    def training_rows(self, numbers: Array) -> tuple[Any, Query]:
        """Some of the rows that X=None stands for, and their query as with X=None."""
        data, query = super().training_rows(numbers)

        def part(door: NeuralizedModel, columns: Array, counts: bool) -> Query:
            if counts:
                return door.training_rows(numbers)[1]
            return door.rows(data[:, columns])[1]

        return data, replace(query, members=self._asked(part))

    def _asked(
        self, part: Callable[[NeuralizedModel, Array, bool], Query]
    ) -> tuple[Query, ...]:
        units = self.network.units
        assert isinstance(units, Members)
        return tuple(map(part, self.doors, units.columns, units.counting))


@named("pyod.models.feature_bagging.FeatureBagging")
def neuralize_feature_bagging(model: Any, **options: Any) -> NeuralizedDetector:
    r"""The network of PyOD's `FeatureBagging`: its members, each of some columns.

    (Lazarevic, Kumar 2005.) With ``combination="average"`` the score is the mean of the
    members' scores, and relevances are the means of theirs,

    .. math:: R_i = \frac1K \sum_k R_i^{(k)} ;

    with ``"max"`` the largest member of a row is its score, and hands down all of it.
    Members must be explained in PyOD's own score. With ``X_train``, the rows of the
    fit, members that leave out training rows do so, as in ``decision_scores_``.
    """
    check_fitted(model)
    chosen = EnsembleOptions.of(model, without_names(model, options))
    doors = [_member(model, k, member) for k, member in enumerate(model.estimators_)]
    columns = [np.array(columns) for columns in model.estimators_features_]
    d = int(model.n_features_)
    units = Members([door.network for door in doors], columns, d, _counting(doors))
    largest = model.combination != "average"
    pooling = Max() if largest else Mean(symbol="o")
    network = Network(units, pooling, ByMembers(), n_jobs=chosen.n_jobs)
    part = counted(model, d)
    training = rows_as_given(part, chosen.X_train)
    if training is not None:
        n = _checked_number(model, training)
        absent = np.arange(n) if any(units.counting) else None
        training = replace(training, absent=absent)
    meta = {"n_members": len(doors), "combination": model.combination}
    inside = NeuralizedEnsemble(part, network, "outlier", meta, training, doors=doors)
    given, scores = options.get("X_train"), model.decision_scores_
    return NeuralizedDetector(model, inside, given, explained=tied, scores=scores)


def _member(model: Any, number: int, member: Any) -> NeuralizedModel:
    """The door of a member whose score may be added to others'.

    Raises
    ------
    TypeError
        For a member that is not known.
    ValueError
        For one that is explained in another score than PyOD's.
    """
    name = type(model).__name__
    part = f"model.estimators_[{number}], X[:, model.estimators_features_[{number}]]"
    try:
        door = neuralize(member)
    except TypeError as error:
        raise TypeError(
            f"Member {number} of the {name} is not explained: {error}"
        ) from None
    score = getattr(door, "meta", {}).get("score")
    if score not in LINEAR:
        kind = type(member).__name__
        raise ValueError(
            f"Member {number} of the {name} is {kind}, which is explained in another "
            f"score than the one that is combined ({score}): take members one by one, "
            f"explain({part})."
        )
    return door


def _counting(doors: list[NeuralizedModel]) -> list[bool]:
    """Which members leave out training rows by their numbers in the fit."""
    found = []
    for door in doors:
        absent = None if door.training is None else door.training.absent
        found.append(
            absent is not None and np.array_equal(absent, np.arange(len(absent)))
        )
    return found


def _checked_number(model: Any, training: TrainingRows) -> int:
    """Number of training rows; refuse another than that of the rows of the fit."""
    n, kept = int(training.rows.shape[0]), len(model.decision_scores_)
    if n != kept:
        raise ValueError(
            f"X_train has {n} rows, and the {type(model).__name__} was fitted to "
            f"{kept}: pass exactly the rows used in fit, in the same order."
        )
    return n
