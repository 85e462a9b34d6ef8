# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What an explanation consists of, and the forms it can be given."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from numbers import Number
from operator import index as as_integer
from typing import Any, NamedTuple

import numpy as np

from skneon.explanation._concatenated import concatenated, target_kind
from skneon.explanation._frame import long_frame, wide_frame
from skneon.explanation._freeze import freeze
from skneon.explanation._groups import group_members
from skneon.explanation._html import html_table
from skneon.explanation._json import read_json, write_json
from skneon.explanation._scale import Scaled
from skneon.explanation._shap import shap_explanation
from skneon.network.numerics._types import Array

ROW_FIELDS = (
    "relevance", "score", "target", "data", "reference", "rival", "standard_error",
    "index", "p_value",
)  # fmt: skip


TINY = np.finfo(float).tiny


class Contribution(NamedTuple):
    """One feature's part in the explanation of one row; see `Explanation.top`.

    Value and reference are floats, or categories.
    """

    feature: str
    relevance: float
    share: float
    value: object
    reference: object


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Scaled):
    r"""Relevances of n rows and d features, with what is needed to read them.

    By definition ``relevance.sum(axis=1) + residual == score``.

    Parameters
    ----------
    relevance : ndarray of shape (n, d)
        Contribution of each feature to the score, in the units of the score.
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
    reference : ndarray of shape (n, d)
        What the row is compared with, in the units of `data`: the weighted mean of the
        neighbours, the centroid of the strongest rival, or for Gaussians what the
        other columns let expect; ``meta["reference"]`` says which. NaN where there is
        none, or where no way leads back through the preprocessing.
    rival : ndarray of shape (n,), or None
        The strongest rival of the cluster, -1 where there is none; None among names.
    standard_error : ndarray of shape (n, d), or None
        Of `relevance`, where it is estimated from random features, or from orders of
        columns and that is asked for.
    index : ndarray of shape (n,), or None
        Row labels, where the rows came as a DataFrame; tuples where its index has
        several levels.
    index_names : tuple of hashable, or None
        Names of the levels of the row labels, None for a level without one; None where
        there are no labels, or one level without a name.
    meta : dict
        How the explanation was made: model, rule, parameters, version, and as
        "reference" what the `reference` is, such as "weighted mean of support points",
        "centroid of the strongest rival" or "conditional mean".
    p_value : ndarray of shape (n,), or None
        For outlier scores of new rows: how unusual they are, see `skneon.p_values`.
        None where `training_score` is, and where rows are training rows.
    training_score : ndarray of shape (N,), or None
        Outlier scores of the training rows, each left out of its own model where that
        can be; None where they are not at hand, and of weighted rows for new ones.

    Attributes
    ----------
    residual : ndarray of shape (n,)
        Part of the score that the rule dissipates (0 for conservative rules) or, for
        random features, that their noise misses.

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
    >>> bool(np.allclose(explanation.relevance.sum(axis=1), explanation.score))
    True
    """

    relevance: Array
    score: Array
    target: str | Array
    feature_names: tuple[str, ...]
    data: Array
    reference: Array
    rival: Array | None = None
    standard_error: Array | None = None
    index: Array | None = None
    index_names: tuple[Hashable, ...] | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    p_value: Array | None = None
    training_score: Array | None = None

    def __post_init__(self) -> None:
        for name in ROW_FIELDS:
            value = getattr(self, name)
            if isinstance(value, np.ndarray) and len(value) != len(self.score):
                raise ValueError(
                    f"{name} has {len(value)} rows, score {len(self.score)}."
                )
        freeze(self, (*ROW_FIELDS, "training_score"))

    def __setstate__(self, state: dict[str, Any]) -> None:
        # arrays of a copy or from a pickle can be written to
        vars(self).update(state)
        freeze(self, (*ROW_FIELDS, "training_score"))

    @property
    def residual(self) -> Array:
        """Score minus the sum of the relevances, shape (n,)."""
        residual: Array = self.score - self.relevance.sum(axis=1)
        return residual

    @property
    def share(self) -> Array:
        """Relevance over score, shape (n, d); 0 where the score is 0 or infinite.

        Scores below the normal floating point numbers count as 0.
        """
        usable = np.isfinite(self.score) & (np.abs(self.score) > TINY)
        score = np.where(usable, self.score, 1.0)[:, None]
        return np.where(usable[:, None], self.relevance / score, 0.0)

    def __len__(self) -> int:
        return len(self.score)

    def __repr__(self) -> str:
        n, d = self.relevance.shape
        target = target_kind(self)
        rows = "1 row" if n == 1 else f"{n} rows"
        features = "1 feature" if d == 1 else f"{d} features"
        return f"<Explanation of {target}: {rows}, {features}>"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False and dtype not in (None, self.relevance.dtype):
            raise ValueError(f"A conversion to {dtype} needs a copy: pass copy=None.")
        convert = np.array if copy else np.asarray
        return convert(self.relevance, dtype=dtype)

    def __getitem__(self, rows: Any) -> "Explanation":
        """The explanation of some rows: a number, slice, mask or array of numbers."""
        if isinstance(rows, tuple):
            raise TypeError(f"Only rows can be chosen, got {rows!r}.")
        if not isinstance(rows, slice) and np.ndim(rows) == 0:
            row = as_integer(rows)
            if not -len(self) <= row < len(self):
                raise IndexError(f"Row {row} is out of range for {len(self)} rows.")
            rows = slice(row, row + 1 or None)
        changes: dict[str, Any] = {
            name: getattr(self, name)[rows]
            for name in ROW_FIELDS
            if isinstance(getattr(self, name), np.ndarray)
        }
        return replace(self, **changes)

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

    def top(self, k: int = 3) -> list[list[Contribution]]:
        """The k features of largest absolute relevance, row by row.

        Parameters
        ----------
        k : int, default=3

        Returns
        -------
        contributions : list (one entry a row) of list of Contribution
            Named tuples (feature, relevance, share, value, reference).

        Raises
        ------
        ValueError
            Where k is below 1.
        """
        if as_integer(k) < 1:
            raise ValueError(f"k must be at least 1, got {k}.")
        order = np.argsort(-np.abs(self.relevance), axis=1, kind="stable")[:, :k]
        share = self.share
        return [
            [
                Contribution(
                    self.feature_names[i],
                    float(self.relevance[row, i]),
                    float(share[row, i]),
                    _cell(self.data[row, i]),
                    _cell(self.reference[row, i]),
                )
                for i in features
            ]
            for row, features in enumerate(order)
        ]

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
            `data` and `reference` of a group of several features are NaN, and there
            is no `standard_error` (the features' errors are correlated).

        Raises
        ------
        ValueError
            For names that are unknown, ambiguous or in more than one group, and for
            empty groups.
        """
        members = group_members(groups, self.feature_names)

        def one(values: Array, columns: Sequence[int]) -> Array:
            lone = len(columns) == 1
            return values[:, columns[0]] if lone else np.full(len(self), np.nan)

        columns = list(members.values())
        stack = np.column_stack
        return replace(
            self,
            relevance=stack([self.relevance[:, c].sum(axis=1) for c in columns]),
            feature_names=tuple(members),
            data=stack([one(self.data, c) for c in columns]),
            reference=stack([one(self.reference, c) for c in columns]),
            standard_error=None,
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
            row, feature, relevance, share, value and typical (the `reference`). Where
            labels have several levels, each is a column in the place of row. Value and
            typical are numbers where all cells are, else texts.

        Returns
        -------
        frame : pandas.DataFrame

        Raises
        ------
        ImportError
            Without pandas: ``pip install "skneon[pandas]"``.
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
        >>> list(explanation.to_frame("long"))
        ['row', 'feature', 'relevance', 'share', 'value', 'typical']
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


def _cell(value: Any) -> Any:
    """A number as a float, anything else as it is."""
    number = isinstance(value, Number | np.bool_)
    return float(value) if number else value
