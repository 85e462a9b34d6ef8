# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""From the contents of a report to one HTML file that needs nothing else."""

import os
import tempfile
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from skneon._report._reasons import percent
from skneon._validation import import_optional

# nothing is loaded but the pictures in the page; the one script is known by its hash
POLICY = (
    "default-src 'none'; script-src 'sha256-{script}'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)


def render(contents: dict[str, Any]) -> str:
    """The page of these contents; every text among them is escaped."""
    jinja2 = import_optional("jinja2", "report")
    markup = import_optional("markupsafe", "report").Markup
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.filters["percent"] = percent
    # names break at underscores; join escapes the parts
    environment.filters["breakable"] = lambda text: markup("_<wbr>").join(
        text.split("_")
    )
    style, script = _template("report.css"), _template("report.js")
    own = {
        "style": markup(style),
        "script": markup(script),
        "policy": POLICY.format(script=_digest(script)),
    }
    template = environment.from_string(_template("report.html.j2"))
    page: str = template.render(contents | own)
    return page.lstrip() + "\n"


def _template(name: str) -> str:
    return files("skneon._report").joinpath("templates", name).read_text("utf-8")


def _digest(script: str) -> str:
    return b64encode(sha256(script.encode()).digest()).decode("ascii")


def plain_lines(text: str) -> str:
    """A text of several lines with spaces in the place of what cannot be printed."""
    lines = text.split("\n")
    return "\n".join(
        "".join(c if c.isprintable() else " " for c in line) for line in lines
    )


def write(html: str, path: str | os.PathLike[str]) -> None:
    """Write a page to a file, which is there as a whole or not at all."""
    path = Path(path)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:50]}-")
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(html)
        os.chmod(beside, _mode(path))
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def _mode(path: Path) -> int:
    """Permissions of a file, or those that a new one would have."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def in_a_frame(html: str) -> str:
    """The page as an element of another page, shut off from it."""
    return (
        f'<iframe srcdoc="{escape(html)}" sandbox="allow-scripts" title="Report" '
        'style="width:100%;height:40rem;border:0"></iframe>'
    )
