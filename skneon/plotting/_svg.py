# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Figures as SVG that reads on light and on dark pages."""

import re
from io import StringIO
from typing import Any

from skneon._validation import import_optional

# black is the page's ink and white its ground, in a page that says nothing: by what the
# reader's system prefers
STYLE = (
    "<style>.skneon-picture{--ground:#fff;color:#111;fill:currentColor}"
    "@media (prefers-color-scheme:dark)"
    "{.skneon-picture{--ground:#111;color:#ddd}}</style>"
)
INK, GROUND = re.compile("#000000"), re.compile("#ffffff")


def adaptive_svg(figure: Any) -> str:
    """A figure as SVG without a background, whose black and white follow dark mode.

    Parameters
    ----------
    figure : matplotlib Figure

    Returns
    -------
    svg : str
        Letters are drawn as shapes, so that no font is needed.
    """
    matplotlib = import_optional("matplotlib", "plot")
    file = StringIO()
    # names of shapes differ from picture to picture, which may share a page
    with matplotlib.rc_context({"svg.hashsalt": None, "svg.fonttype": "path"}):
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    svg = file.getvalue()
    head, body = re.split("(?<=>)", svg[svg.index("<svg") :], maxsplit=1)
    head = head.replace("<svg", '<svg class="skneon-picture"')
    body = GROUND.sub("var(--ground)", INK.sub("currentColor", body))
    return f"{head}{STYLE}{body}"
