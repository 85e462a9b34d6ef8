# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which rows of an explanation are unusual: beside the scores of the training rows."""

from collections.abc import Mapping
from typing import Any

from skneon._normal_tail import tail_shape
from skneon._p_values import flagged_by
from skneon._threshold import Threshold, is_beyond_reach, threshold
from skneon._warn import warn_user
from skneon.network.numerics._types import Array


class Scaled:
    """What `Explanation` knows by the scores of the training rows."""

    held_out_score: Array | None
    p_value: Array | None
    meta: Mapping[str, Any]
    score: Array
    training_score: Array | None

    @property
    def judged_score(self) -> Array:
        """The score that stands beside `training_score`, shape (n,).

        That which is explained, `score`, except for training rows of mixtures and
        support vector machines: these are judged by `held_out_score`.
        """
        return self.score if self.held_out_score is None else self.held_out_score

    @property
    def threshold(self) -> Threshold | None:
        """From which score on a training row is unusual: `skneon.threshold`.

        Of all training rows, also where the explanation is of some; for densities and
        neighbours with the tail that normal rows of as many columns have. None without
        `training_score`.
        """
        scores = self.training_score
        if scores is None:
            return None
        return threshold(scores, shape=tail_shape(self.meta))

    def flagged(self, alpha: float | None = None, fdr: float | None = None) -> Array:
        """Which rows are unusual among the training rows.

        New rows are flagged by their `p_value`; training rows by `skneon.threshold` of
        their `judged_score`, since their own ranks say nothing.

        Parameters
        ----------
        alpha : float, default=None
            For new rows the chance that an ordinary row is flagged. For training rows
            the number of ordinary rows that may be, of all. None: .05.
        fdr : float, default=None
            For new rows, in the place of alpha: the share of ordinary rows among those
            that are flagged, by the procedure of Benjamini and Hochberg (1995) over all
            rows of this explanation. Rows are flagged only where it is at least
            n / (N + 1), over the number of rows that are as unusual: the least p-value
            is 1 / (N + 1).

        Returns
        -------
        flagged : ndarray of bool, shape (n,)

        Warns
        -----
        UserWarning
            Where the threshold is higher than any score of the model can be, as it may
            be of isolation forests, whose scores have a highest one.

        Raises
        ------
        ValueError
            Where there are no training scores, for both levels, and levels that are not
            between 0 and 1; for fdr with training rows.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skneon import NeonKDE, explain
        >>> X = load_iris().data
        >>> density = NeonKDE().fit(X[::2])
        >>> explain(density, X[1:3] + [[0.0], [5.0]]).flagged(alpha=0.05)
        array([False,  True])
        """
        if self.training_score is None:
            raise ValueError(
                "Nothing says which scores are ordinary: pass X_train=, the rows of "
                "the fit, to explain or neuralize. Where that was done, the rows have "
                "different weights, the scores are no scores of outliers, or the model "
                "cannot be fitted to nine tenths of the rows."
            )
        if self.p_value is not None:
            return flagged_by(self.p_value, alpha, fdr)
        if fdr is not None:
            raise ValueError(
                "These are training rows, which have no p-values among themselves: "
                "they are flagged by a threshold, with alpha in the place of fdr."
            )
        level = {} if alpha is None else {"alpha": alpha}
        limit = threshold(self.training_score, shape=tail_shape(self.meta), **level)
        if is_beyond_reach(limit, self.meta):
            value, most = f"{limit.value:.4g}", f"{self.meta['highest_score']:.4g}"
            warn_user(
                f"No row can be flagged: the threshold is {value}, and scores of this "
                f'model are at most {most}. Take score > meta["threshold"], where the '
                "model itself predicts outliers, or a larger alpha than "
                f"{limit.alpha:g}, with which the threshold falls."
            )
        return limit.flagged(self.judged_score)
