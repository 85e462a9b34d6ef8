# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Diagrams as plain text."""

from skneon.network._diagram import Diagram, Line, Step, Values
from skneon.network._diagram_text import diagram_text

LONG = "R_k = a,  " + ",  ".join(f"p_{i} = π_{i} exp(−γ h_{i})" for i in range(9))


def test_shapes_are_in_a_column_and_lines_are_short():
    step = Step("name", "words " * 30, (Line(LONG),), ("3 → scaler → 3",))
    parts = (Values(1234567, "columns x"), step, Values(None, "units h"))
    lines = diagram_text(Diagram("title", parts, "by rule", (Line(LONG, "of"),)))
    lines = lines.split("\n")
    assert lines[:3] == ["title", "", "1,234,567  columns x".rjust(19)]
    assert "       ?  units h" in lines
    assert max(map(len, lines)) <= 80
    assert all(line == line.rstrip() for line in lines)
    assert "          │    3 → scaler → 3" in lines
    text = " ".join("".join(lines).replace("│", " ").split())
    assert text.count("p_8 = π_8 exp(−γ h_8)") == 2


def test_without_title_and_rule():
    text = diagram_text(Diagram("", (Values(2, "columns x"),), "", ()))
    assert text == "       2  columns x"
