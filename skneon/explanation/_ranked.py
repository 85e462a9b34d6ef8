# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What leads: columns of a row, columns of many rows, rows of the same reasons."""

from dataclasses import dataclass, replace
from typing import Any, Self

from skneon.explanation._contributions import Contribution, leading, telling
from skneon.explanation._fields import Fields
from skneon.explanation._ordinary import Ordinary
from skneon.explanation._profile import profile_frame
from skneon.explanation._ranking import excess
from skneon.explanation._reason_groups import ReasonGroup, reason_groups
from skneon.explanation._summary import summary_frame
from skneon.network.numerics._types import Array


@dataclass(frozen=True, eq=False, repr=False)
class Ranked(Fields):
    """What an `Explanation` says, by excess or by relevance."""

    def excess(self) -> Array:
        r"""Relevance less what the column has in an ordinary row, shape (n, d).

        Every ordinary row has a score, too, of which each column has its part. Excess
        says what is more than that,

        .. math:: E_i = R_i - \operatorname{median}_k R_i(u_k),

        over the explanations of training rows u_k, where the model leaves rows out
        each without itself. They are all training rows up to 200, and else 200 of them
        that are drawn at random (``numpy.random.default_rng(0)``, the same at every
        call); they are explained when excess is first asked for. The sum over the
        columns is the score less the residual and the sum of the medians,
        ``ordinary.relevance.sum()``.

        Returns
        -------
        excess : ndarray of shape (n, d)
            In units of the score; negative where a column has less than usual.

        Raises
        ------
        ValueError
            Where the training rows are not at hand, which says what to pass; and for
            the evidence of clusters, which all members of a cluster have.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.datasets import load_iris
        >>> from skneon import NeonKDE
        >>> reasons = NeonKDE().fit(load_iris().data).explain()
        >>> usual = reasons.ordinary.relevance.sum()
        >>> bool(np.allclose(reasons.excess().sum(axis=1), reasons.score - usual))
        True
        """
        return excess(self)

    def beside(self, ordinary: Fields) -> Self:
        """The same beside other ordinary rows, for typical values and excess.

        Parameters
        ----------
        ordinary : Explanation
            Of rows that count as ordinary, by the same model: ``explain(model, X)``.

        Returns
        -------
        explanation : Explanation

        Raises
        ------
        ValueError
            Where it has no rows, or other features.
        """
        if not len(ordinary) or ordinary.feature_names != self.feature_names:
            raise ValueError(
                "Ordinary rows must be explained in the same features, and be one at "
                f"least: got {len(ordinary)} rows of {ordinary.feature_names}."
            )
        rows = Ordinary.of_arrays(ordinary.data, ordinary.relevance)
        return replace(self, ordinary=rows, ranks=None)

    def top(self, k: int = 3, by: str | None = None) -> list[list[Contribution]]:
        """The k leading features, row by row.

        Parameters
        ----------
        k : int, default=3
        by : {"excess", "relevance"}, default=None
            What leads: the largest excess over an ordinary row, or the largest absolute
            relevance. None is "excess" for scores of outliers where the training rows
            are at hand, and else "relevance".

        Returns
        -------
        contributions : list (one entry a row) of list of Contribution
            Named tuples (feature, relevance, share, value, typical, percentile, excess,
            own, compared_with).

        Raises
        ------
        ValueError
            Where k is below 1, for another `by`, and for "excess" where there is none.
        """
        return leading(self, k, by)

    def reasons(self, k: int = 3, by: str | None = None) -> list[list[Contribution]]:
        """Up to k leading features that say something to people, row by row.

        Those are left out whose share, or whose excess as a share, rounds to 0 % or is
        no more than usual; and for scores that are no evidence of clusters those whose
        value reads as the typical one, except where it is unusual beside the others: if
        `compared_with` is what the other columns let expect.

        Parameters
        ----------
        k, by
            As in `top`.

        Returns
        -------
        contributions : list (one entry a row) of list of Contribution
            Empty for a row without anything unusual.

        Raises
        ------
        ValueError
            As `top`.
        """
        return telling(self, k, by)

    def summary(self, rows: Any = None, by: str | None = None) -> Any:
        """What drives some of the rows, beside all rows: a pandas DataFrame.

        Parameters
        ----------
        rows : float, mask of shape (n,), array of int, default=None
            A part of the rows, those of the largest scores; or which rows, such as
            those that are flagged. None: the 5 % of the largest scores, and all rows
            for clusters.
        by : {"excess", "relevance"}, default=None
            As in `top`.

        Returns
        -------
        summary : pandas.DataFrame
            A row per feature, those first that drive the chosen rows, with the columns
            excess and relevance (means over the chosen rows, of absolute relevance),
            leads (the part of these rows in which the feature is first), excess_of_all
            and relevance_of_all. Excess is NaN where there is none.

        Raises
        ------
        ValueError
            For rows that there are not, and as `top`.
        ImportError
            Without pandas: ``pip install "skneon[pandas]"``.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skneon import NeonKDE
        >>> reasons = NeonKDE().fit(load_iris(as_frame=True).data).explain()
        >>> reasons.summary(rows=0.1).index[0]
        'petal length (cm)'
        """
        return summary_frame(self, rows, by)

    def profile(self) -> Any:
        """What tells each cluster from its rivals, over its rows: a pandas DataFrame.

        Returns
        -------
        profile : pandas.DataFrame
            A row for each cluster and feature, by the size of the share, with the
            columns relevance and share (means over the rows that are explained for the
            cluster), spread (the standard deviation of the shares), rival (the
            strongest of most rows) and rows (how many there are). A share is the part
            of a relevance in the sum of their absolute values, and below 0 where it
            speaks against the cluster. Rows of infinite evidence, without a rival, do
            not count.

        Raises
        ------
        ValueError
            For an explanation without clusters, or without rows.
        ImportError
            Without pandas: ``pip install "skneon[pandas]"``.

        See Also
        --------
        skneon.plotting.ClusterProfileDisplay : Draws the shares.

        Examples
        --------
        >>> from sklearn.cluster import AgglomerativeClustering
        >>> from sklearn.datasets import load_iris
        >>> from skneon import explain
        >>> X = load_iris(as_frame=True).data
        >>> model = AgglomerativeClustering(3).fit(X)
        >>> reasons = explain(model, X_train=X)
        >>> reasons.profile().loc[1].index[0]
        'petal length (cm)'
        """
        return profile_frame(self)

    def groups(
        self,
        rows: Any = None,
        *,
        k: int = 2,
        n_groups: int = 10,
        by: str | None = None,
    ) -> list[ReasonGroup]:
        """Rows by their reasons: those with the same leading features together.

        Parameters
        ----------
        rows : float, mask of shape (n,), array of int, default=None
            As in `summary`.
        k : int, default=2
            Up to so many features lead a row: the first, and others that have at least
            half as much.
        n_groups : int, default=10
            Rare groups of several features join that of one of them, and the rarest one
            group without a common reason, until there are so many.
        by : {"excess", "relevance"}, default=None
            As in `top`.

        Returns
        -------
        groups : list of ReasonGroup
            Named tuples (features, rows, part, score), the largest group first.

        Raises
        ------
        ValueError
            Where k or n_groups is below 1, and as `summary`.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skneon import NeonKDE
        >>> reasons = NeonKDE().fit(load_iris(as_frame=True).data).explain()
        >>> for group in reasons.groups(rows=0.1, k=1, n_groups=2):
        ...     print(group.features, len(group.rows))
        ('petal length (cm)',) 11
        () 4
        """
        return reason_groups(self, rows, k, n_groups, by)
