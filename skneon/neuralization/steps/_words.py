# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Steps that make words, or other named features, of texts: what is explained then."""

from collections.abc import Sequence
from typing import Any

from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
)
from sklearn.pipeline import FeatureUnion, Pipeline

from skneon._frames import column_names
from skneon.network.numerics._types import Array

VECTORIZERS = (CountVectorizer, HashingVectorizer, DictVectorizer, FeatureHasher)


def makes_words(step: Any) -> bool:
    """Whether a step takes texts or dicts, no columns, and makes features of them."""
    if isinstance(step, FeatureUnion):
        parts = [part for _, part in step.transformer_list if not _is_idle(part)]
        return bool(parts) and all(map(makes_words, parts))
    if isinstance(step, Pipeline):
        parts = [part for _, part in step.steps if not _is_idle(part)]
        return (
            bool(parts) and makes_words(parts[0]) and all(map(weighs_words, parts[1:]))
        )
    return isinstance(step, VECTORIZERS)


def _is_idle(step: Any) -> bool:
    """Whether a step is "passthrough", "drop" or None."""
    return step is None or isinstance(step, str)


def weighs_words(step: Any) -> bool:
    """Whether a step leaves words what they are, and changes their weights."""
    return isinstance(step, TfidfTransformer)


def in_front(transformers: Sequence[tuple[str, Any]]) -> int:
    """How many of the first steps make the features that are explained."""
    if not transformers or not makes_words(transformers[0][1]):
        return 0
    n = 1
    while n < len(transformers) and weighs_words(transformers[n][1]):
        n += 1
    return n


def check_texts(X: Any) -> None:
    """Refuse what is no sequence of texts, or dicts, and those with missing ones.

    Raises
    ------
    ValueError
        For a table: of a frame, vectorizers would take the names of the columns.
    """
    names = column_names(X)
    if names is not None:
        first = names[0] if names else "name"
        raise ValueError(
            "The Pipeline starts with texts, or dicts, one for each row, but X is a "
            f"table with the columns {names[:5]}: pass the column, as in X[{first!r}]."
        )
    if getattr(X, "ndim", 1) != 1:
        raise ValueError(
            "The Pipeline starts with texts, or dicts, one for each row, but X has the "
            f"shape {X.shape}: pass the column, as in X[:, 0]."
        )
    for i, text in enumerate(X) if hasattr(X, "__len__") else ():
        if text is None or isinstance(text, float) or type(text).__name__ == "NAType":
            raise ValueError(
                f"The text in row {i} is {text!r} (rows count from 0): fill in a text, "
                "such as '', or leave the row out."
            )


def words_of(step: Any) -> Array | None:
    """Names of the features that a step makes; None where it knows none."""
    try:
        names: Array = step.get_feature_names_out()
    except AttributeError:
        # those that hash keep no words
        return None
    return names
