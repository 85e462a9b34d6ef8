# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What separates columns, and decimals, is detected or asked for."""

import pytest

from skneon import prepare
from skneon._tables._guess import Guesses
from skneon._tables._layout import layout
from skneon._tables._numbers import Numbers
from skneon._tables._words import Options, TableError


def lines(text):
    return text.splitlines(keepends=True)


def find_delimiter(lines, name):
    return layout(lines, Options(), name).delimiter


def find_decimal(lines, delimiter, name):
    columns = zip(*(line.strip().split(delimiter) for line in lines[1:]), strict=True)
    guesses = Guesses(Options(), name)
    for number, cells in enumerate(columns):
        guesses.saw(str(number), cells)
    found = guesses.guess().values()
    return next((kind.decimal for kind in found if isinstance(kind, Numbers)), ".")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter):
    text = lines("a,b\n1,2\n3,4\n".replace(",", delimiter))
    assert find_delimiter(text, "x") == delimiter


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a;b\n1,5;2,5\n2,5;3\n", ";"),
        ('a;"b, or c"\n1,5;2\n', ";"),
        ("name,size (a|b)\nx,1\n", ","),
        ("a,b;c\n1,2\n", ","),
        ('a,b\n"x;y;z",2\n', ","),
        ('a,b\n"line\n;one",2\n', ","),
        ("a\n1\n2\n", ","),
        # broken tables are told by the reader
        ("a;b\n1;2;3\n", ";"),
    ],
)
def test_the_header_and_all_records_decide(text, delimiter):
    assert find_delimiter(lines(text), "x") == delimiter


@pytest.mark.parametrize("text", ["a,b;c\n1,2;3\n", "a,b;c\n1\n2\n"])
def test_what_is_ambiguous_is_asked_for(text):
    with pytest.raises(TableError, match=r"commas or semicolons.*--delimiter ';'"):
        find_delimiter(lines(text), "x")


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("a;b\n1,5;2,5\n", ","),
        ("a;b\n1,534;2,5\n", ","),
        ("a;b\n0,534;1\n", ","),
        ("a;b\n-1,5e3;x.y\n", ","),
        ("a;b\n1.5;2\n", "."),
        ("a;b\n1;2\n", "."),
        ("a;b\nx, y;2\n", "."),
    ],
)
def test_decimals(text, decimal):
    assert find_decimal(lines(text), ";", "x") == decimal


def test_decimals_that_are_asked_for():
    with pytest.raises(
        TableError, match=r"with commas \(1,5\) and with points \(2.5\)"
    ):
        find_decimal(lines("a;b\n1,5;2.5\n"), ";", "x")
    with pytest.raises(TableError, match="marks thousands"):
        find_decimal(lines("a;b\n1,500;2\n"), ";", "x")


def test_names_are_as_many_as_the_columns(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("".join(f"{i % 7}.5,{i % 11},{i}\n" for i in range(60)))
    with pytest.raises(ValueError, match="2 names for rows of 3 cells"):
        prepare(path, header=False, names=["a", "b"])
