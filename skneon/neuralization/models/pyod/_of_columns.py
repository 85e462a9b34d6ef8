# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of PyOD's detectors that are sums of functions of columns."""

from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skneon._validation import check_magnitude
from skneon.network import ColumnScores, Network, Query, Rule, Sum, TailScores
from skneon.network.numerics._types import Array
from skneon.neuralization._by_name import named
from skneon.neuralization._neuralized import NeuralizedModel, TrainingRows
from skneon.neuralization._options import Options
from skneon.neuralization.models._given_rows import compared_with, rows_as_given
from skneon.neuralization.models.pyod._detector import (
    NeuralizedDetector,
    check_fitted,
    without_names,
)

# what is explained
ALONE = "decision_function of each row alone"
# training rows by which scores that a detector keeps are checked
CHECKED = 3
# of a score: more than its parts are rounded by, in whatever order they are summed
ROUNDED = 1e-12


def tied(scores: Array) -> Array:
    """Scores of PyOD, as much higher as they may be rounded.

    Rows of the same bins have the same score: as such they are to count, among the
    training rows and beside the threshold.
    """
    return np.asarray(scores + ROUNDED * np.abs(scores))


@dataclass(frozen=True, kw_only=True)
class ColumnOptions(Options):
    """Options of additive scores, as in `neuralize`."""

    X_train: Any = None


class NeuralizedColumns(NeuralizedModel):
    """An additive score and its network."""

    takes_training_rows = True

    @property
    def support_weights(self) -> Any:
        """Those of the units, which count rows; there are none in a sum."""
        units: Any = self.network.units
        return units.support_weights


@named("pyod.models.ecod.ECOD")
def neuralize_ecod(model: Any, **options: Any) -> NeuralizedDetector:
    """The network of PyOD's `ECOD`: tail scores of the columns, summed.

    PyOD scores a row together with all others that it is asked about at a time. Here
    the score of a row is that of ``decision_function`` of this row alone: among the
    rows of the fit and itself, see `skneon.network.TailScores`. A training row is
    scored among the others and itself once, which gives ``decision_scores_``.
    """
    return _by_tails(model, False, options)


@named("pyod.models.copod.COPOD")
def neuralize_copod(model: Any, **options: Any) -> NeuralizedDetector:
    """The network of PyOD's `COPOD`: as that of `ECOD`, with the mean of both tails."""
    return _by_tails(model, True, options)


def _by_tails(model: Any, mean: bool, options: dict[str, Any]) -> NeuralizedDetector:
    check_fitted(model)
    chosen = ColumnOptions.of(model, without_names(model, options))
    rows = np.array(model.X_train, dtype=float)
    check_magnitude(rows)
    units = TailScores(rows, mean)
    network = Network(units, Sum(), Rule(), n_jobs=chosen.n_jobs)
    training = TrainingRows(rows, absent=np.arange(len(rows)))
    kept = np.array(model.decision_scores_)
    if _known(network, training, kept):
        training = replace(training, scores=kept)
    part = counted(model, rows.shape[1])
    training = compared_with(training, part, chosen.X_train)
    inside = NeuralizedColumns(part, network, "outlier", {}, training)
    given = options.get("X_train")
    return NeuralizedDetector(model, inside, given, score=ALONE, explained=tied)


def _known(network: Network, training: TrainingRows, scores: Array) -> bool:
    """Whether a detector's scores are those of its training rows.

    A detector of PyOD that is fitted a second time scores the new rows among the old.
    """
    some = np.arange(min(CHECKED, len(training.rows)))
    own = network.activate(training.rows[some], Query(absent=some))
    return np.allclose(own, scores[some], rtol=1e-9, atol=1e-9)


@dataclass(frozen=True, eq=False)
class BinScore:
    """Minus log2 of the density of a histogram's bin, as HBOS has it.

    Parameters
    ----------
    edges : ndarray of shape (B + 1,)
    scores : ndarray of shape (B,)
        Of the bins, which have their right edges.
    margin : float
        Widths of the outer bins beyond the edges, up to which these are taken; further
        out is as bad as the worst bin.
    """

    edges: Array
    scores: Array
    margin: float

    def __call__(self, x: Array) -> Array:
        """Scores of values, (n,)."""
        edges, scores = self.edges, self.scores
        inside = np.searchsorted(edges, x, side="left") - 1
        found = scores[np.clip(inside, 0, len(scores) - 1)]
        low, high = edges[1] - edges[0], edges[-1] - edges[-2]
        out = (edges[0] - x > low * self.margin) | (x - edges[-1] > high * self.margin)
        return np.asarray(np.where(out, scores.max(), found))

    @property
    def best(self) -> float:
        """The middle of the densest bin."""
        k = int(self.scores.argmin())
        return float(self.edges[k] + self.edges[k + 1]) / 2


@named("pyod.models.hbos.HBOS")
def neuralize_hbos(model: Any, **options: Any) -> NeuralizedDetector:
    r"""The network of PyOD's `HBOS`: minus log densities of the columns, summed.

    .. math:: o(x) = -\sum_i \log_2(\text{hist}_i(x_i) + \alpha)

    (Goldstein, Dengel 2012), by histograms of equal widths, however many bins. A value
    beyond them by up to ``tol`` widths is in the outer bin, and further out in the
    worst one. Training rows are among those of the histograms.
    """
    check_fitted(model)
    chosen = ColumnOptions.of(model, without_names(model, options))
    # with n_bins="auto" lists, else one column of an array each
    arrays = not isinstance(model.hist_, list)
    densities = model.hist_.T if arrays else model.hist_
    edges = model.bin_edges_.T if arrays else model.bin_edges_
    functions = [
        BinScore(np.array(e), -np.log2(h + model.alpha), float(model.tol))
        for e, h in zip(edges, densities, strict=True)
    ]
    for function in functions:
        check_magnitude(function.edges)
    units = ColumnScores(functions, [function.best for function in functions])
    units.reference_name = "middle of the densest bin"
    n_bins = [len(function.scores) for function in functions]
    meta = {"n_bins": n_bins[0] if arrays else n_bins}
    return in_sample(model, Network(units, Sum(), Rule()), meta, chosen, options)


def in_sample(
    model: Any,
    network: Network,
    meta: dict[str, Any],
    chosen: ColumnOptions,
    options: dict[str, Any],
) -> NeuralizedDetector:
    """The door of a detector that has its training rows in its histograms."""
    network.n_jobs = chosen.n_jobs
    units = network.units
    part = counted(model, units.inputs.n_columns)
    training = rows_as_given(part, chosen.X_train)
    inside = NeuralizedColumns(part, network, "outlier", meta, training)
    given, scores = options.get("X_train"), model.decision_scores_
    return NeuralizedDetector(model, inside, given, explained=tied, scores=scores)


def counted(model: Any, n_columns: int) -> Any:
    """A copy of a detector that knows the number of its columns, as PyOD does not."""
    part = copy(model)
    part.n_features_in_ = n_columns
    return part
