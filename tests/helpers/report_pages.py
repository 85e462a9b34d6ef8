# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables of all sorts to report on, and the pages read back."""

from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pandas

HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}",
    "{% raw %}", "javascript:alert(1)", "'\"`", "nul\0esc\x1b[31m", "\u202eright\u200f",
    "x" * 5000, "=1+1", "@SUM(A1)", "</style><b>", "</script><i>", "]]>", "-->",
    "&lt;u&gt;", "\u2028", "${1}", "%s", "שלום",
)  # fmt: skip
VOID = {"meta", "link", "img", "br", "wbr"}


class Page(HTMLParser):
    """Elements, texts and tables of a page; refuses elements that do not nest."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.attributes, self.texts = [], [], [], []
        self.tables, self.headings, self.ids = {}, [], set()
        self._table = None
        self.feed(html)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        self.attributes.append((tag, attrs))
        if "id" in attrs:
            assert attrs["id"] not in self.ids
            self.ids.add(attrs["id"])
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("h1", "h2", "h3"):
            self.headings.append(int(tag[1]))
        if tag == "table":
            self._table = self.tables[attrs.get("id", "bars")] = []
        if tag == "tr":
            self._table.append([])
        if tag in ("th", "td"):
            self._table[-1].append({"text": "", "sort": attrs.get("data-sort")})

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag == "table":
            self._table = None

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            return
        self.texts.append(data)
        cell = {"th", "td"} & set(self.open)
        if cell and "small" not in self.open:
            self._table[-1][-1]["text"] += data

    @property
    def text(self):
        """All that is to be read, on one line."""
        return " ".join(" ".join(self.texts).replace("\xa0", " ").split())


def clean(html, n_pictures=None):
    """The page, once it is found to hold nothing but what a report holds."""
    page = Page(html)
    assert page.tags.count("script") == 1
    assert set(page.tags) <= {
        "html", "head", "meta", "title", "link", "style", "body", "header", "h1", "h2",
        "h3", "p", "nav", "ul", "li", "a", "main", "section", "span", "div", "table",
        "caption", "thead", "tbody", "tr", "th", "td", "small", "article", "figure",
        "figcaption", "dl", "dt", "dd", "pre", "code", "script", "wbr", "details",
        "summary", "time", "strong", "svg", "path", "rect", "line", "text",
    }  # fmt: skip
    assert n_pictures is None or page.tags.count("figure") == n_pictures
    for tag, attributes in page.attributes:
        if tag == "svg" and "aria-hidden" not in attributes:
            assert attributes["role"] == "img" and attributes["aria-label"]
    for tag, attributes in page.attributes:
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        if "href" in attributes:
            href = attributes["href"]
            table = href.startswith("data:text/csv;") and "download" in attributes
            inside = href[0] == "#" and href[1:] in page.ids
            assert href == "data:," or table or inside
    levels = page.headings
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert "\0" not in html and len(html.encode()) < 3e6
    return page


def hostile_frame():
    """A table whose names and cells try to be more than text."""
    rng = np.random.default_rng(0)
    n = len(HOSTILE)
    frame = pandas.DataFrame(rng.normal(size=(4 * n, n)), columns=list(HOSTILE))
    frame["text"] = [text + " cell" for text in HOSTILE] * 4
    frame["other"] = list(HOSTILE[::-1]) * 4
    # half a character cannot be written in UTF-8
    half = pandas.Series(["\ud800", "whole"] * (2 * n), index=frame.index, dtype=object)
    frame["half"] = half
    return frame.set_axis([f"{text} {i}" for i in range(4) for text in HOSTILE])


def mixed_frame(n=60):
    """Numbers, texts, dates, durations, booleans, missing values and odd columns."""
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame(
        {
            "size": rng.normal(size=n),
            "whole": rng.integers(0, 9, n),
            "nullable": pandas.array([1, None, 3] * (n // 3), dtype="Int64"),
            "colour": np.array(["red", "green", None] * (n // 3), dtype=object),
            "kind": pandas.Categorical(["a", "b", "c", "a"] * (n // 4)),
            "yes": rng.random(n) > 0.5,
            "maybe": pandas.array([True, None, False] * (n // 3), dtype="boolean"),
            "when": pandas.Timestamp("2020-01-01")
            + pandas.to_timedelta(rng.integers(0, 999, n), unit="D"),
            "zone": pandas.date_range("2020-03-01 12:00", periods=n, tz="UTC"),
            "took": pandas.to_timedelta(rng.integers(1, 999, n), unit="min"),
            "constant": 1.0,
            "same": "x",
            "empty": np.nan,
            "none": pandas.Series([None] * n, dtype=object),
            "name": [f"row {i}" for i in range(n)],
            "lists": [[1, 2]] * (n // 2) + [[3]] * (n // 2),
            "complex": rng.normal(size=n) + 1j,
        }
    )
    if n >= 3:
        frame.loc[2, ["size", "when", "took"]] = [np.nan, pandas.NaT, pandas.NaT]
    return frame
