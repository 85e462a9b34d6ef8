# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The words of an explanation: names, cells and scores as readers see them."""

import re
from collections.abc import Sequence
from itertools import combinations
from math import isclose
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from skneon.explanation._fields import Fields


# digits of numbers, and those that tell all floats apart
DIGITS, MOST_DIGITS = 4, 17
# numbers from which on cells have more of them
LARGE = 1e6
# units in the last place by which equal numbers may differ
ROUNDING = 256
# what rows are compared with, in short
COMPARED: dict[Any, str] = {
    "weighted mean of support points": "nearest rows",
    "mean": "mean",
    "nearest core row": "nearest core row",
    "mean threshold of the splits that isolated the row": "border",
}
# what is typical of numbers, and of categories
MEDIAN, MOSTLY = "median", "mostly"


def count(number: int, noun: str) -> str:
    """A number of things, in words."""
    several = noun.removesuffix("y") + "ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else several}"


def all_of(number: int, noun: str) -> str:
    """So many things, which are all of their kind: "the row", "the 9 rows"."""
    return f"the {noun}" if number == 1 else f"the {count(number, noun)}"


def percent(part: float) -> str:
    """A part of a whole as per cent, with a sign as text has it."""
    text = f"{part:.0%}".removesuffix("%")
    text = "0" if text == "-0" else text.replace("-", "\N{MINUS SIGN}")
    return f"{text}\N{NO-BREAK SPACE}%"


def two_digits(value: float) -> str:
    """Two digits, but at least all before the decimal point."""
    return f"{value:.0f}" if abs(value) >= 99.5 else f"{value:.2g}"


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


def number_text(value: Any, digits: int = DIGITS) -> str:
    """Four digits, but at least all before the decimal point, up to 999999.

    Where more digits are asked for, all before the decimal point are there up to 1e15.
    """
    value = float(value)
    whole = len(f"{abs(value):.0f}")
    if DIGITS < digits and abs(value) < 1e15:
        digits = max(digits, whole)
    is_whole = 1000 <= abs(value) < 1e6 and digits <= whole
    text = f"{value:.0f}" if is_whole else f"{value:.{digits}g}"
    return text.replace("-", "\N{MINUS SIGN}", 1) if text[0] == "-" else text


def cell_text(value: Any, digits: int = DIGITS) -> str:
    """A value as readers see it: numbers of four digits, texts on one line.

    Large numbers, such as times in seconds, have all digits before the decimal point.
    """
    if is_missing(value):
        return "missing"
    if not is_number(value):
        return one_line(value)
    is_large = abs(float(value)) >= LARGE
    return number_text(value, max(digits, DIGITS + 1) if is_large else digits)


def cell_texts(cells: Sequence[Any]) -> list[str]:
    """Values that stand beside one another, with the digits that tell them apart.

    Examples
    --------
    >>> cell_texts([52.5249, 52.52]), cell_texts([1764540000.0, 1764520000.0])
    (['52.525', '52.52'], ['1764540000', '1764520000'])
    """
    numbers = combinations(range(len(cells)), 2)
    pairs = [(i, j) for i, j in numbers if not is_alike(cells[i], cells[j])]
    for digits in range(DIGITS, MOST_DIGITS):
        texts = [cell_text(cell, digits) for cell in cells]
        if all(texts[i] != texts[j] for i, j in pairs):
            return texts
    return [cell_text(cell, MOST_DIGITS) for cell in cells]


def is_number(value: Any) -> bool:
    """Whether a cell is a real number; truth values are categories."""
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def is_alike(one: Any, other: Any, size: float = 0.0) -> bool:
    """Whether two cells hold the same value, texts or numbers.

    Numbers may differ by rounding, relative to the larger one or to numbers of this
    size: what was carried through steps and back is off by some units in the last
    place.
    """
    if not (is_number(one) and is_number(other)):
        return cell_text(one) == cell_text(other)
    if one == other:
        return True
    single = any(isinstance(cell, np.float32 | np.float16) for cell in (one, other))
    slack = ROUNDING * float(np.finfo(np.float32 if single else float).eps)
    return isclose(one, other, rel_tol=slack, abs_tol=slack * size)


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
    _, *texts = _side_by_side(explanation, row, feature)
    words = [word for word, _ in _beside(explanation, row, feature)]
    said = [f"{word} {text}" for word, text in zip(words, texts, strict=True)]
    if words and words[0] in (MEDIAN, MOSTLY):
        said += filter(None, [standing_text(explanation, row, feature)])
    return ", ".join(said)


def _side_by_side(explanation: "Fields", row: int, feature: int) -> list[str]:
    """The value of a feature, and the cells that it compares to."""
    cells = [cell for _, cell in _beside(explanation, row, feature)]
    return cell_texts([explanation.data[row, feature], *cells])


def _beside(explanation: "Fields", row: int, feature: int) -> list[tuple[str, Any]]:
    """The cells that the value of a feature compares to, and what they are called."""
    compared = explanation.compared_with[row, feature]
    if not isinstance(explanation.target, str):
        own = None if explanation.own is None else explanation.own[row, feature]
        pairs = [("own", own), (_rival_word(explanation, row), compared)]
        return [(word, cell) for word, cell in pairs if not is_missing(cell)]
    if is_conditional(explanation) and not is_missing(compared):
        return [("expected", compared)]
    typical = None if explanation.typical is None else explanation.typical[feature]
    if not is_missing(typical):
        # dates and durations are texts here, but have an order
        ordered = is_number(typical) or _has_order(explanation, feature)
        return [(MEDIAN if ordered else MOSTLY, typical)]
    word = COMPARED.get(explanation.meta.get("compared_with"), "compared with")
    return [] if is_missing(compared) else [(word, compared)]


def _rival_word(explanation: "Fields", row: int) -> str:
    """What a row of a cluster is compared with: of noise the nearest row of one."""
    compared = str(explanation.meta.get("compared_with", ""))
    rivals = [] if explanation.rival is None else [explanation.rival[row]]
    if compared.startswith("nearest") and -1 in (explanation.target[row], *rivals):
        return compared.split(" of ")[0]
    return "rival"


def _has_order(explanation: "Fields", feature: int) -> bool:
    """Whether the values of a feature are known to have percentiles."""
    found = explanation.percentile
    return found is not None and not np.isnan(found[:, feature]).all()


def standing_text(explanation: "Fields", row: int, feature: int) -> str:
    """Where a value stands in its column; "" between the first and the last tenth."""
    if explanation.standing is None:
        return ""
    below, upto = explanation.standing[row, feature].tolist()
    n = 0 if explanation.ordinary is None else explanation.ordinary.n_rows
    return place_text(below, upto, n)


def place_text(below: float, upto: float, n: int) -> str:
    """Where a value stands among n rows, as readers see it.

    Parameters
    ----------
    below, upto : float
        Percentages of the rows that are below the value, and up to it; NaN: not known.
    n : int

    Returns
    -------
    text : str
        The part of the rows that are at least as extreme, those of the same value
        among them; "" between the first and the last tenth.

    Examples
    --------
    >>> place_text(100 * 439 / 440, 100, 440), place_text(100 * 438 / 440, 100, 440)
    ('largest of 440', 'top 0.45 %')
    """
    middle = (below + upto) / 2
    if not n or 10 < middle < 90 or middle != middle:
        return ""
    if upto == 0 or below == 100:
        return f"{'below' if upto == 0 else 'above'} all {n}"
    # cells that are missing have no place: this is up to the number of the same value
    is_alone = (upto - below) * n < 150
    if is_alone and (below == 0 or upto == 100):
        return f"{'smallest' if below == 0 else 'largest'} of {n}"
    end, part = ("top", 100 - below) if middle > 50 else ("lowest", upto)
    return f"{end} {two_digits(part)} %" if part < 10 + 1e-9 else ""


def value_text(explanation: "Fields", row: int, feature: int) -> str:
    """The value of a feature; "" for groups of features, which have none."""
    value = explanation.data[row, feature]
    compared = explanation.compared_with[row, feature]
    if is_missing(value) and is_missing(compared):
        return ""
    return _side_by_side(explanation, row, feature)[0]
