# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What an explanation consists of, and the forms it can be given."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from skneon.explanation._concatenated import concatenated
from skneon.explanation._fields import ROW_FIELDS
from skneon.explanation._frame import long_frame, wide_frame
from skneon.explanation._groups import group_members
from skneon.explanation._html import html_table
from skneon.explanation._json import read_json, write_json
from skneon.explanation._ranked import Ranked
from skneon.explanation._shap import shap_explanation
from skneon.explanation._tables import lone, summed
from skneon.network.numerics._types import Array


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Ranked):
    r"""Relevances of n rows and d features, with what is needed to read them.

    By definition ``relevance.sum(axis=1) + residual == score``.

    Parameters
    ----------
    relevance : ndarray of shape (n, d), or SparseRelevance
        Contribution of each feature to the score, in the units of the score. Of sparse
        rows that are explained by rule "midpoint" it is a `SparseRelevance`, `data` is
        in CSR format and `compared_with` a `SharedRows`.
    score : ndarray of shape (n,)
        What is explained: outlierness o(x) in squared units of the data, inlierness
        i(x) between 0 and 1, cluster evidence f_c(x) in squared units, or another
        model's score, in its units.
    target : str or ndarray of shape (n,)
        "outlier", "inlier" or the like, or the cluster whose evidence is explained, row
        by row: its number, or its name where the model has names.
    feature_names : tuple of str, length d
    data : ndarray of shape (n, d)
        The rows that were explained; of objects where columns hold categories.
    compared_with : ndarray of shape (n, d)
        What the row is compared with, in the units of `data`: the weighted mean of the
        neighbours, the centroid of the strongest rival, for Gaussians what the
        other columns let expect, or for isolation forests the thresholds of splits;
        ``meta["compared_with"]`` says which. NaN where there
        is none, or where no way leads back through the preprocessing.
    rival : ndarray of shape (n,), or None
        The strongest rival of the cluster, -1 where there is none; None among names.
    standard_error : ndarray of shape (n, d), or None
        Of `relevance`, where it is estimated from random features or from the trees of
        a forest, or from orders of columns and that is asked for.
    index : ndarray of shape (n,), or None
        Row labels, where the rows came as a DataFrame; tuples where its index has
        several levels.
    index_names : tuple of hashable, or None
        Names of the levels of the row labels, None for a level without one; None where
        there are no labels, or one level without a name.
    meta : dict that cannot be written to
        How the explanation was made: model, rule, parameters, version, and as
        "compared_with" what that is, such as "weighted mean of support points",
        "centroid of the strongest rival" or "conditional mean".
    centres : SharedRows or ndarray of shape (n, d), or None
        For clusters what `own` is taken from: points, and which is whose.
    ordinary : Ordinary or None
        What the training rows are like: typical values (d,), the relevance (d,) of an
        ordinary row. It is computed from them when first asked for, and kept. None
        where the training rows are not at hand: `beside` takes others.
    ranks : ndarray of shape (n, d, 2), or None
        The `standing` of each value, where it is known beforehand.
    p_value : ndarray of shape (n,), or None
        For outlier scores of new rows: how unusual they are, see `skneon.p_values`.
        None where `training_score` is, and where rows are training rows.
    training_score : ndarray of shape (N,), or None
        Outlier scores of the training rows, each left out of its own model where that
        can be, and of mixtures and `OneClassSVM` by models fitted without a tenth of
        the rows; None where they are not at hand, and of weighted rows for new ones.
    held_out_score : ndarray of shape (n,), or None
        Of training rows of these last the same scores, by which they are flagged:
        `score` is that of the model itself, which was fitted to them, outliers or not.
        None for all other rows.

    Attributes
    ----------
    judged_score : ndarray of shape (n,)
        What stands beside `training_score`: `held_out_score`, or else `score`.
    residual : ndarray of shape (n,)
        Part of the score that the rule dissipates (0 for conservative rules) or, for
        random features, that their noise misses.
    own : ndarray of shape (n, d), or None
        For clusters the centre of the row's own cluster, beside the rival's, in the
        units of `data`; NaN or None where there is none. Of sparse rows a `SharedRows`.
    typical : ndarray of shape (d,), or None
        Median of each column over the training rows, or most frequent category. Behind
        preprocessing these are the rows of ``X_train=``, or what the last step keeps
        carried back through the steps where each treats columns one by one.
    percentile : ndarray of shape (n, d), or None
        Where among the training rows each value stands, from 0 to 100.
    standing : ndarray of shape (n, d, 2), or None
        Which percentage of the training rows is below each value, and up to it.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon import NeonKDE
    >>> X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 5.0]])
    >>> explanation = NeonKDE(gamma=1.0).fit(X).explain()
    >>> explanation
    <Explanation of 'outlier': 4 rows, 2 features>
    >>> explanation[3].top(1)[0][0].feature
    'x1'
    >>> bool(np.all(explanation["x1"] == explanation.values[:, 1]))
    True
    >>> bool(np.allclose(explanation.relevance.sum(axis=1), explanation.score))
    True
    """

    @classmethod
    def concat(cls, explanations: Iterable["Explanation"]) -> "Explanation":
        """The rows of several explanations of one model, in the order given.

        Parameters
        ----------
        explanations : iterable of Explanation
            Of the same features, kind of target, rule and number of clusters.

        Returns
        -------
        explanation : Explanation
            With the `meta` of the first. Fields that one of them lacks are None, and
            so are the names of levels that differ.

        Raises
        ------
        TypeError
            For what is no explanation.
        ValueError
            Where there is none, and where one of these differs.
        """
        return concatenated(list(explanations), ROW_FIELDS)

    def aggregate(self, groups: Mapping[str, Sequence[str]]) -> "Explanation":
        """Sum the relevances of groups of features.

        Parameters
        ----------
        groups : dict of str to list of str
            Name of each group and the features in it. Features in no group stay as
            they are, behind the groups.

        Returns
        -------
        explanation : Explanation
            `data` and what it compares with are NaN for a group of several features,
            and there is no `standard_error` (the features' errors are correlated).

        Raises
        ------
        ValueError
            For names that are unknown, ambiguous or in more than one group, and for
            empty groups.
        """
        members = group_members(groups, self.feature_names)
        columns = list(members.values())
        centres, ranks = self.centres, self.standing
        return replace(
            self,
            relevance=summed(self.relevance, columns),
            feature_names=tuple(members),
            data=lone(self.data, columns),
            compared_with=lone(self.compared_with, columns),
            centres=None if centres is None else lone(centres, columns),
            ranks=None if ranks is None else lone(ranks, columns),
            standard_error=None,
            ordinary=None if self.ordinary is None else self.ordinary.grouped(columns),
        )

    def with_cells(self, function: Callable[[Array], Array]) -> "Explanation":
        """The same with cells as others show them, such as dates in place of numbers.

        Parameters
        ----------
        function : callable
            From cells of shape (m, d), in units of `data`, to what is shown. Of
            `data`, `compared_with`, `own` and the typical values.

        Returns
        -------
        explanation : Explanation
            Its percentiles are those of the numbers.
        """
        ordinary = self.ordinary
        return replace(
            self,
            data=function(self.data),
            compared_with=function(self.compared_with),
            centres=None if self.own is None else function(self.own),
            ordinary=None if ordinary is None else ordinary.shown(function),
            ranks=self.standing,
        )

    def to_frame(self, form: str = "wide") -> Any:
        """Relevances as a pandas DataFrame.

        Parameters
        ----------
        form : {"wide", "long"}, default="wide"
            Wide: a column per feature, then score and residual, and rows labelled as in
            the DataFrame that was explained, with the levels and names of its index
            (`NeonKDE` and `NeonKMeans` keep those of their training rows, but as texts
            where they are neither numbers nor dates). Where a feature is itself called
            "score" or "residual", the added column gets a trailing underscore.

            Long: a row per row and feature, as databases have them, with the columns
            row, feature, relevance, excess, share, rank, value, typical, percentile,
            own and compared_with. Rank 1 leads the row, as in `top`. Where labels have
            several levels, each is a column in the place of row. Values and what they
            compare with are numbers where all cells are, else texts; what is not known
            is missing. Of sparse rows: a row per cell that is stored, then one a row
            for all others, "(all others)".

        Returns
        -------
        frame : pandas.DataFrame

        Raises
        ------
        ImportError
            Without pandas: ``pip install "skneon[pandas]"``.
        MemoryError
            For a wide frame of sparse rows that ``working_memory`` has no room for.
        ValueError
            For another form.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skneon import NeonKDE
        >>> X = load_iris(as_frame=True).data.rename_axis("plant")
        >>> explanation = NeonKDE().fit(X).explain()
        >>> X.join(explanation.to_frame().add_suffix(" relevance")).shape
        (150, 10)
        >>> long = explanation.to_frame("long")
        >>> long.loc[long["rank"] == 1, ["row", "feature", "value", "typical"]].shape
        (150, 4)
        """
        forms = {"wide": wide_frame, "long": long_frame}
        if form not in forms:
            raise ValueError(f"form must be one of {list(forms)}, got {form!r}.")
        return forms[form](self)

    def to_shap(self) -> Any:
        """The relevances as a `shap.Explanation`, for the plots of shap.

        Its `values` are the relevances and its `base_values` zeros: nothing is
        expected before a feature has spoken. The values of a row therefore sum to the
        score less the residual, which has no place of its own there; f(x) in shap's
        plots is that sum.

        Where columns hold categories, `display_data` has them and `data` their numbers
        in sorted order, by which shap colours points; missing values are NaN.

        Returns
        -------
        explanation : shap.Explanation
            Of shape (n, d); row by row for waterfall and force plots.

        Raises
        ------
        ImportError
            Without shap: ``pip install "skneon[shap]"``.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skneon import NeonKDE
        >>> explanation = NeonKDE().fit(load_iris().data).explain()
        >>> explanation.to_shap().shape
        (150, 4)
        """
        return shap_explanation(self)

    def _repr_html_(self) -> str:
        """The rows of the largest scores, as notebooks show them."""
        return html_table(self)

    def to_json(self) -> str:
        """All fields as a JSON text; NaN and infinities become null, "inf", "-inf".

        `from_json` reads it back.
        """
        return write_json(self)

    @classmethod
    def from_json(cls, text: str) -> "Explanation":
        """Read what `to_json` wrote.

        Parameters
        ----------
        text : str

        Returns
        -------
        explanation : Explanation

        Raises
        ------
        ValueError
            For a text that is no explanation.
        """
        return cls(**read_json(text, names={f.name for f in fields(cls)}))
