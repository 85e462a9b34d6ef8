# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The network of PyOD's LODA: histograms of random projections."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from skneon._validation import check_magnitude
from skneon.network import ColumnScores, Network, Rule, Sum
from skneon.network.numerics._types import Array
from skneon.neuralization._by_name import named
from skneon.neuralization.models.pyod._detector import (
    NeuralizedDetector,
    check_fitted,
    without_names,
)
from skneon.neuralization.models.pyod._of_columns import ColumnOptions, in_sample

# of the size of a projection: what its rounding may be
ROUNDED = 1e-12


@dataclass(frozen=True, eq=False)
class CutScore:
    """The score of the bin that a projection falls into.

    Parameters
    ----------
    borders : ndarray of shape (B - 1,)
        Bins have their right borders, up to rounding.
    scores : ndarray of shape (B,)
    """

    borders: Array
    scores: Array

    def __call__(self, x: Array) -> Array:
        """Scores of values, (n,)."""
        # the least of the training rows is a border itself
        moved = ROUNDED * np.abs(self.borders).max(initial=0.0)
        return np.asarray(self.scores[np.searchsorted(self.borders + moved, x)])


@named("pyod.models.loda.LODA")
def neuralize_loda(model: Any, **options: Any) -> NeuralizedDetector:
    r"""The network of PyOD's `LODA`: minus log densities of random projections.

    .. math:: o(x) = -\frac1K \sum_k a_k \log p_k(w_k^\top x), \qquad
              R_i = -\frac1K \sum_k a_k \log p_k(w_k^\top x)
              \frac{w_{ki}^2}{\|w_k\|^2} ,

    (Pevný 2016) with PyOD's weights :math:`a_k = 1/K`, by the histograms as it looks
    them up, and the rule w-square, as random features are shared. A column that no
    projection has gets 0. Training rows are among those of the histograms.
    """
    check_fitted(model)
    chosen = ColumnOptions.of(model, without_names(model, options))
    weights = np.array(model.weights, dtype=float) / model.n_random_cuts
    functions = []
    for a, p, limits in zip(weights, model.histograms_, model.limits_, strict=True):
        check_magnitude(limits)
        borders = np.array(limits[: len(p) - 1], dtype=float)
        functions.append(CutScore(borders, -a * np.log(p)))
    units = ColumnScores(functions, directions=np.array(model.projections_.T))
    network = Network(units, Sum(), Rule())
    meta = {"n_projections": len(functions)}
    return in_sample(model, network, meta, chosen, options)
