# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The network of PyOD's SUOD: standardized scores of its members, combined."""

from functools import partial
from typing import Any

import numpy as np

from skneon.network import (
    ByMembers,
    Chain,
    Inputs,
    LinearMap,
    Max,
    Members,
    Network,
    Sum,
)
from skneon.network.layers._members import taken
from skneon.network.numerics._types import Array
from skneon.neuralization._by_name import named
from skneon.neuralization._neuralized import NeuralizedModel
from skneon.neuralization.models.pyod._detector import (
    NeuralizedDetector,
    check_fitted,
    without_names,
)
from skneon.neuralization.models.pyod._ensembles import (
    EnsembleOptions,
    combined,
    counting_ones,
    member_door,
)
from skneon.neuralization.models.pyod._of_columns import tied


@named("pyod.models.suod.SUOD")
def neuralize_suod(model: Any, **options: Any) -> NeuralizedDetector:
    r"""The network of PyOD's `SUOD`: its members, each standardized.

    (Zhao et al. 2021.) With :math:`m_k` and :math:`s_k`, mean and standard deviation
    of member k's scores of the training rows, and ``combination="average"``

    .. math:: o = \frac1K \sum_k \frac{o_k - m_k}{s_k}, \qquad
              R_i = \frac1K \sum_k \frac{R_i^{(k)}}{s_k}

    by linearity. The constant :math:`-\frac1K \sum_k m_k / s_k` is no column's: it is
    in the residual. With ``"maximization"`` the largest standardized member of a row is
    its score, and hands down all that it has, :math:`R_i^{(k)} / s_k`.

    A member behind a random projection is explained as behind a linear step of a
    Pipeline. Members must be explained in PyOD's own score, and be themselves: one that
    a regressor stands in for is refused.
    """
    check_fitted(model)
    chosen = EnsembleOptions.of(model, without_names(model, options))
    doors, columns = [], []
    for k in range(len(model.model_.base_estimators)):
        door, own = _member(model, k)
        doors.append(door)
        columns.append(own)
    d = len(model.model_.jl_transformers_[0])
    units = Members([door.network for door in doors], columns, d, counting_ones(doors))
    a = 1 / np.array(model.score_scalar_.scale_, dtype=float)
    c = -a * np.array(model.score_scalar_.mean_, dtype=float)
    mean = model.combination == "average"
    pooling = Sum(c.mean(), a / len(a)) if mean else Max(a, c)
    network = Network(units, pooling, ByMembers(), n_jobs=chosen.n_jobs)
    rounded = partial(tied, size=float(np.abs(c).max()))
    return combined(model, network, doors, chosen, options.get("X_train"), rounded)


def _member(model: Any, number: int) -> tuple[NeuralizedModel, Array]:
    """The door of a member, and what it takes of rows, see `taken`.

    Raises
    ------
    ValueError
        For a member that a regressor stands in for, or that is not explained behind
        its projection.
    """
    inside = model.model_
    member = inside.base_estimators[number]
    matrix = np.array(inside.jl_transformers_[number], dtype=float)
    # so suod marks members that are not projected
    projected = not np.array_equal(matrix, np.ones((len(matrix), len(matrix))))
    called = f"model.model_.base_estimators[{number}], X"
    who = f"Member {number} of the {type(model).__name__}, {type(member).__name__}"
    if inside.approx_flags[number] == 1:
        regressor = type(inside.approximators[number]).__name__
        alone = "" if projected else f", or take the member alone, explain({called})"
        raise ValueError(
            f"{who}, is approximated: rows get the scores of {regressor}, which are "
            f"not explained. Fit it with approx_flag_global=False{alone}."
        )
    if not projected:
        return member_door(model, number, member, called), np.arange(len(matrix))
    called += f" @ model.model_.jl_transformers_[{number}]"
    door = member_door(model, number, member, called)
    try:
        _check_behind(door, matrix)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{who}, is not explained behind its random projection: {error} Fit it "
            "with rp_flag_global=False."
        ) from None
    return door, matrix


def _check_behind(door: NeuralizedModel, matrix: Array) -> None:
    """Refuse a projection as a linear step of a Pipeline is refused.

    Raises
    ------
    TypeError, ValueError
    """
    step = LinearMap(partial(taken, columns=matrix), matrix)
    chain = Chain.wire([("random projection", step)], Inputs.identity(len(matrix)))
    chain.check_digits(door.network.behind(chain).units.moved())
