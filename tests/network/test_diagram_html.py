# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Diagrams as HTML."""

from html.parser import HTMLParser

from skneon.network._diagram import Diagram, Line, Step, Values
from skneon.network._diagram_html import diagram_html

BAD = "<img src=x onerror=alert(1)>&"
PARTS = (Values(4, "columns x"), Step(BAD, BAD, (Line(BAD, BAD),), (BAD,)))
HTML = diagram_html(Diagram(BAD, PARTS, BAD, (Line("R_ki = Σ_k|j h_k²"),)))


class Tags(HTMLParser):
    """Open and closed tags, and the text between them."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text = [], set(), ""

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_all_is_escaped_and_closed():
    tags = Tags()
    tags.feed(HTML)
    assert tags.open == []
    assert tags.seen == {
        "div", "style", "p", "strong", "ol", "li", "b", "span", "sub",
    }  # fmt: skip
    assert tags.text.count(BAD) == 7


def test_it_needs_nothing_and_follows_the_page():
    assert "http" not in HTML and "url(" not in HTML and "@import" not in HTML
    assert "prefers-color-scheme:dark" in HTML
    assert "color:inherit" in HTML


def test_indices_are_set_below():
    assert "R<sub>ki</sub> = Σ<sub>k|j</sub> h<sub>k</sub>²" in HTML
