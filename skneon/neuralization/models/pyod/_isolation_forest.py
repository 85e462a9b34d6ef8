# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The network of PyOD's isolation forest."""

from typing import Any

import numpy as np

from skneon.network.numerics._types import Array
from skneon.neuralization._by_name import named
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization.models._isolation_forest import ForestOptions
from skneon.neuralization.models.pyod._detector import (
    NeuralizedDetector,
    check_fitted,
    without_names,
)

SAVED = "c(psi) (1 + log2(decision_function - detector_.offset_)), splits saved"


@named("pyod.models.iforest.IForest")
def neuralize_iforest(model: Any, **options: Any) -> NeuralizedDetector:
    r"""The network of PyOD's `IForest`: splits saved, as for `IsolationForest`.

    PyOD's score is scikit-learn's ``offset_ - score_samples``, so that

    .. math:: o(x) = c(\psi) \, [1 + \log_2(\text{decision\_function}(x)
              - \text{offset\_})] .

    Rules and ``X_train`` are those of `IsolationForest`. Cells may not be missing:
    PyOD refuses them.
    """
    check_fitted(model)
    ForestOptions.of(model, options)
    forest = model.detector_
    inside = neuralize(forest, **without_names(model, options))
    offset, expected = float(forest.offset_), inside.meta["expected_depth"]

    def saved(scores: Array) -> Array:
        # beyond all that a forest gives lies a threshold that every row passes
        with np.errstate(divide="ignore"):
            logs = np.log2(np.maximum(scores - offset, 0.0))
        return np.asarray(expected * (1 + logs))

    return NeuralizedDetector(
        model,
        inside,
        options.get("X_train"),
        score=SAVED,
        explained=saved,
        scores=model.decision_scores_,
    )
