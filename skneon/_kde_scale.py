# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How unusual rows are for a density: beside its training rows, without themselves."""

from abc import ABC, abstractmethod

import numpy as np

from skneon._p_values import flagged_by, p_values
from skneon._weighted import weighted_quantile
from skneon.network import Query
from skneon.network.numerics._types import Array, Table
from skneon.neuralization._neuralized import NeuralizedModel
from skneon.neuralization._training_scores import equal_weights


class TrainingScale(ABC):
    """What `NeonKDE` knows by the scores of its training rows."""

    contamination: float
    gamma_: float
    n_features_in_: int
    offset_: float
    outlierness_: Array | None
    support_points_: Array
    weights_: Array

    @abstractmethod
    def outlierness(self, X: Table = None) -> Array:
        """Outlierness of each row."""

    @abstractmethod
    def score_samples(self, X: Table = None) -> Array:
        """Log density of each row."""

    @abstractmethod
    def _scorer(self) -> NeuralizedModel:
        """The network of outlierness."""

    def _score_training_rows(self) -> None:
        """Set `outlierness_` and `offset_`."""
        # that of another fit is none of this network's
        self.outlierness_ = None
        if np.count_nonzero(self.weights_) > 1:
            self.outlierness_ = self._scorer().forward(None)
        self.offset_ = self._threshold(self._log_density(self._with_itself()))

    def _log_density(self, outlierness: Array) -> Array:
        normalizer = float(self.n_features_in_ / 2 * np.log(self.gamma_ / np.pi))
        return normalizer - self.gamma_ * outlierness

    def _threshold(self, scores: Array) -> float:
        return weighted_quantile(scores, self.contamination, self.weights_)

    def _with_itself(self) -> Array:
        """Outlierness of the training rows among all of them."""
        if self.outlierness_ is None:
            return self._scorer().network.activate(self.support_points_, Query())
        pi, gamma = self.weights_, self.gamma_
        with np.errstate(divide="ignore", over="ignore"):
            own, others = np.log(pi), np.log1p(-pi) - gamma * self.outlierness_
        return np.asarray(-np.logaddexp(own, others) / gamma)

    def decision_function(self, X: Table = None) -> Array:
        """Log density above the threshold: negative for outliers.

        Parameters
        ----------
        X : array-like of shape (n, n_features), default=None
            None: the training rows, each left out of its own model, which lowers its
            density: the threshold is then the `contamination` quantile of these scores
            rather than `offset_`.

        Returns
        -------
        decision : ndarray of shape (n,)
        """
        scores = self.score_samples(X)
        return scores - (self.offset_ if X is not None else self._threshold(scores))

    def predict(self, X: Table = None) -> Array:
        """Label each row 1 (inlier) or -1 (outlier).

        Parameters
        ----------
        X : array-like of shape (n, n_features), default=None (the training rows)

        Returns
        -------
        labels : ndarray of int, shape (n,)
        """
        return np.where(self.decision_function(X) < 0, -1, 1)

    def p_values(self, X: Table) -> Array:
        """How unusual new rows are among the training rows, see `skneon.p_values`.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
            New rows. Training rows have no p-values among themselves: see
            `skneon.threshold`.

        Returns
        -------
        p : ndarray of shape (n,)
            At least 1 / (n_samples + 1).

        Raises
        ------
        ValueError
            As all query methods; for None, fewer than two training rows, and training
            rows of different weights, of which nobody knows how many rows they stand
            for. Rows of weight 0 do not count.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skneon import NeonKDE
        >>> X = load_iris().data
        >>> density = NeonKDE().fit(X[::2])
        >>> density.p_values(X[1:3] + [[0.0], [5.0]]).round(3)
        array([0.276, 0.013])
        """
        if X is None:
            raise ValueError(
                "Training rows have no p-values among themselves: pass new rows as X, "
                "or take skneon.threshold(model.outlierness_)."
            )
        outlierness = self.outlierness(X)
        if self.outlierness_ is None or not equal_weights(self.weights_):
            raise ValueError(
                "p-values need at least two training rows, all of the same weight: "
                "fit without sample_weight."
            )
        return p_values(outlierness, self.outlierness_[self.weights_ > 0])

    def flagged(
        self, X: Table, alpha: float | None = None, fdr: float | None = None
    ) -> Array:
        """Which new rows are unusual among the training rows, by their `p_values`.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
        alpha : float, default=None
            The chance that an ordinary row is flagged. None: .05.
        fdr : float, default=None
            In the place of alpha: the share of ordinary rows among those that are
            flagged, by the procedure of Benjamini and Hochberg (1995) over X.

        Returns
        -------
        flagged : ndarray of bool, shape (n,)

        Raises
        ------
        ValueError
            As `p_values`; for both levels, and levels that are not between 0 and 1.
        """
        return flagged_by(self.p_values(X), alpha, fdr)
