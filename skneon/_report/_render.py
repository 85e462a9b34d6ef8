# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The page of given contents: templates, style and script, all texts escaped."""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import numpy as np

from skneon._validation import import_optional
from skneon._version import __version__
from skneon.explanation import _text as words

# nothing is loaded; the one script is known by its hash
POLICY = (
    "default-src 'none'; script-src 'sha256-{}'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
LONGEST_NAME, LONGEST_CELL = 60, 80


def render(contents: Mapping[str, Any]) -> str:
    """The page of these contents; every text among them is escaped."""
    page: str = _page().render(contents)
    return page.lstrip() + "\n"


@cache
def _page() -> Any:
    """The template of the page, with the words and files that it uses."""
    jinja2 = import_optional("jinja2", "report")
    markup = import_optional("markupsafe", "report").Markup
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        loader=jinja2.PackageLoader("skneon._report"),
    )  # fmt: skip
    environment.tests["missing"] = words.is_missing
    environment.tests["conditional"] = words.is_conditional

    def name(text: object) -> Any:
        """A name as one line that may break at underscores; join escapes the parts."""
        line = words.shorten(words.one_line(text), LONGEST_NAME) or "(no name)"
        return markup("_<wbr>").join(line.split("_"))

    environment.filters |= {
        "name": name, "cell": short_cell,
        "line": words.one_line, "number": words.number_text, "thousands": "{:,}".format,
        "percent": words.percent, "repr": lambda value: repr(float(value)),
    }  # fmt: skip
    style, script = _template("report.css"), _template("report.js")
    environment.globals |= {
        "style": markup(style), "script": markup(script), "version": __version__,
        "policy": POLICY.format(b64encode(sha256(script.encode()).digest()).decode()),
        "inf": np.inf, "count": words.count, "all_of": words.all_of,
        "row_name": words.row_name,
    }  # fmt: skip
    return environment.get_template("report.html.j2")


def short_cell(cell: object) -> str:
    """A cell as readers see it, not too long."""
    return words.shorten(words.cell_text(cell), LONGEST_CELL)


def _template(name: str) -> str:
    return files("skneon._report").joinpath("templates", name).read_text("utf-8")
