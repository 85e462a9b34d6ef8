# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a column is taken for, by the texts in it."""

import pytest
from helpers.odd_tables import N, read

from skneon._tables._guess import Guesses, Texts
from skneon._tables._numbers import Numbers
from skneon._tables._times import Times
from skneon._tables._words import Options


def guess(*texts, **options):
    """The kind of a column of texts."""
    guesses = Guesses(Options(**options), "X")
    guesses.saw("x", texts)
    return guesses.guess()["x"]


@pytest.mark.parametrize(
    ("texts", "kind"),
    [(["1.5", "2"], Numbers()), (["1,5", "-2"], Numbers(",")),
     (["$ 1,234.50", "$2"], Numbers(".", ",", "$")),
     (["1 kg", "2.5 kg"], Numbers(suffix="kg")),
     (["?", "n.a."], Numbers()), (["2024-02-30", "2024-02-28"], Texts(numbers=Times())),
     (["1.2.2020", "13.2.2020"], Times("%d.%m.%Y")), (["9:05 PM"], Times("H:M")),
     (["a", "b"], Texts()), (["9007199254740993"], Numbers(base=9007199254740993))],
)  # fmt: skip
def test_kinds(texts, kind):
    assert guess(*texts) == kind


def test_what_failed_is_not_guessed_again():
    guesses = Guesses(Options(), "X")
    guesses.saw("x", ["1", "2"])
    guesses.saw("x", ["3"], Numbers())
    assert guesses.guess()["x"] == Texts(numbers=Numbers())


@pytest.mark.parametrize("signs", [["+", "-"], ["-", "--", "+"], ["*", "**"]])
def test_signs_alone_are_what_the_column_holds(signs):
    kind, values, found = read(signs * (N // len(signs)))
    assert kind == "category" and set(values) == {*signs}
    assert any("all are signs" in note for note in found.notes)
    # a single one is a mark
    assert read(["-"] * N)[2].aside["x"] == "no values at all"


@pytest.mark.parametrize("bad", ["oops", "1.2.3", "4 5 6"])
def test_one_bad_cell_among_few_numbers_is_refused(bad):
    cells = [str(i % 4) for i in range(N - 1)]
    with pytest.raises(ValueError, match=f"'{bad}' in row {N - 1}"):
        read([*cells, bad])
    assert read([*cells, bad], missing=[bad])[0] == "number"
