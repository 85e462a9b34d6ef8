# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The words of an explanation: names, cells and scores as readers see them."""

import re
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from skneon.explanation._fields import Fields


# what rows are compared with, in short
COMPARED: dict[Any, str] = {
    "weighted mean of support points": "nearest rows",
    "mean": "mean",
}


def count(number: int, noun: str) -> str:
    """A number of things, in words."""
    several = noun.removesuffix("y") + "ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else several}"


def percent(part: float) -> str:
    """A part of a whole as per cent, with a sign as text has it."""
    text = f"{part:.0%}".removesuffix("%")
    text = "0" if text == "-0" else text.replace("-", "\N{MINUS SIGN}")
    return f"{text}\N{NO-BREAK SPACE}%"


def one_line(name: object) -> str:
    """A name as one line of printable characters."""
    text = "".join(c if c.isprintable() else " " for c in str(name))
    return " ".join(text.split())


def shorten(text: str, length: int) -> str:
    """A text of at most `length` characters, with an ellipsis in its later half.

    Long names often differ at their ends, as in "mean radius (cm)".
    """
    if len(text) <= length:
        return text
    tail = (length - 1) // 3
    head = length - 1 - tail
    return f"{text[:head].rstrip()}\N{HORIZONTAL ELLIPSIS}{text[len(text) - tail :]}"


def is_missing(value: Any) -> bool:
    """Whether a cell is None, NaN or another value that differs from itself."""
    try:
        return value is None or not bool(value == value)
    except TypeError:
        # pandas.NA compares to no truth value
        return True
    except ValueError:
        # an array compares to many
        return False


def number_text(value: Any) -> str:
    """Four digits, but at least all before the decimal point, up to 999999."""
    value = float(value)
    text = f"{value:.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.4g}"
    return text.replace("-", "\N{MINUS SIGN}", 1) if text[0] == "-" else text


def cell_text(value: Any) -> str:
    """A value as readers see it: numbers of four digits, texts on one line."""
    if is_missing(value):
        return "missing"
    number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    return number_text(value) if number else one_line(value)


def score_name(target: Any) -> str:
    """What the score of a target is called."""
    if not isinstance(target, str):
        return "evidence"
    return (
        f"{target}ness"
        if target in ("outlier", "inlier")
        else one_line(target).replace("_", " ")
    )


def row_name(explanation: "Fields", row: int) -> str:
    """Label of a row, or its number where rows have no labels."""
    return str(row) if explanation.index is None else label_text(explanation.index[row])


def label_text(label: Any) -> str:
    """A row label as readers see it: levels next to one another, days without times."""
    if isinstance(label, tuple):
        return ", ".join(map(label_text, label))
    if isinstance(label, np.datetime64):
        return re.sub(r"\.0+$", "", str(label)).removesuffix("T00:00:00")
    return one_line(label)


def rival_name(explanation: "Fields", row: int) -> str | None:
    """Name of the strongest rival of the row's cluster; None where there is none."""
    if explanation.rival is None:
        return None
    rival = explanation.rival[row]
    numbers = explanation.rival.dtype.kind in "iu"
    return None if rival is None or (numbers and rival < 0) else one_line(rival)


def is_conditional(explanation: "Fields") -> bool:
    """Whether rows are compared with what their other columns let expect."""
    return str(explanation.meta.get("compared_with", "")).startswith("conditional")


def note_text(explanation: "Fields", row: int, feature: int) -> str:
    """What the value of a feature compares to; "" where nothing is known.

    The centres of the own cluster and of the rival; what the other columns let expect;
    what is typical of the column, and where in it the value stands; or else what the
    row is compared with.
    """
    compared = explanation.compared_with[row, feature]
    if not isinstance(explanation.target, str):
        own = None if explanation.own is None else explanation.own[row, feature]
        pairs = {"own": own, "rival": compared}
        known = [f"{w} {cell_text(v)}" for w, v in pairs.items() if not is_missing(v)]
        return ", ".join(known)
    if is_conditional(explanation) and not is_missing(compared):
        return f"expected {cell_text(compared)}"
    typical = None if explanation.typical is None else explanation.typical[feature]
    if not is_missing(typical):
        number = isinstance(typical, Real) and not isinstance(typical, bool | np.bool_)
        # dates and durations are texts here, but have an order
        ordered = number or _has_order(explanation, feature)
        word = f"{'median' if ordered else 'mostly'} {cell_text(typical)}"
        return ", ".join(filter(None, [word, standing_text(explanation, row, feature)]))
    word = COMPARED.get(explanation.meta.get("compared_with"), "compared with")
    return "" if is_missing(compared) else f"{word} {cell_text(compared)}"


def _has_order(explanation: "Fields", feature: int) -> bool:
    """Whether the values of a feature are known to have percentiles."""
    found = explanation.percentile
    return found is not None and not np.isnan(found[:, feature]).all()


def standing_text(explanation: "Fields", row: int, feature: int) -> str:
    """Where a value stands in its column; "" between the first and the last tenth."""
    if explanation.percentile is None:
        return ""
    percentile = float(explanation.percentile[row, feature])
    n = 0 if explanation.ordinary is None else explanation.ordinary.n_rows
    return percentile_text(percentile, n)


def percentile_text(percentile: float, n: int) -> str:
    """A percentile among n rows as readers see it; "" between 10 and 90, and for NaN.

    Examples
    --------
    >>> percentile_text(100 * 439.5 / 440, 440), percentile_text(97.0, 440)
    ('largest of 440', 'top 3 %')
    """
    if not n or 10 < percentile < 90 or percentile != percentile:
        return ""
    if percentile in (0, 100):
        return f"{'above' if percentile else 'below'} all {n}"
    if not 100 / n <= percentile <= 100 - 100 / n:
        return f"{'largest' if percentile > 50 else 'smallest'} of {n}"
    end, part = ("top", 100 - percentile) if percentile > 50 else ("lowest", percentile)
    return f"{end} {part:.2g} %"


def value_text(explanation: "Fields", row: int, feature: int) -> str:
    """The value of a feature; "" for groups of features, which have none."""
    value = explanation.data[row, feature]
    compared = explanation.compared_with[row, feature]
    return "" if is_missing(value) and is_missing(compared) else cell_text(value)


def row_title(explanation: "Fields", row: int) -> str:
    """What is explained in a row, and its score."""
    score = number_text(explanation.score[row])
    title = f"row {row_name(explanation, row)}: {score_name(explanation.target)}"
    if isinstance(explanation.target, str):
        return f"{title} {score}"
    rival = rival_name(explanation, row)
    over = "" if rival is None else f", rival {rival}"
    return f"{title} {score} for cluster {one_line(explanation.target[row])}{over}"
