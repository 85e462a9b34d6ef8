# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A diagram of a network as HTML: without scripts or resources, for light and dark."""

import re
from html import escape

from skneon.network._diagram import Diagram, Line, Step, Values

# text has the page's own colour, and grounds let it through: one that is dark without
# saying so to the browser stays readable
STYLE = """
.skneon-network{--forward:#1f5f99;--back:#a8321f;--ground:rgba(127,127,127,.10);
color:inherit;max-width:46em;font-size:90%;line-height:1.45}
@media (prefers-color-scheme:dark){
.skneon-network{--forward:#6db3ef;--back:#f08a76;--ground:rgba(127,127,127,.18)}}
.skneon-network ol{list-style:none;margin:.3em 0;padding:0}
.skneon-network li{margin:0;padding:0}
.skneon-network .values{display:flex;align-items:baseline;gap:.6em}
.skneon-network .values b{min-width:4.5em;text-align:right;color:var(--forward)}
.skneon-network .step{margin:.15em 0 .15em 5.1em;padding:.3em .7em;
border-left:3px solid var(--forward);background:var(--ground);border-radius:0 4px 4px 0}
.skneon-network .back{margin:.15em 0 .15em 5.1em;padding:.3em .7em;
border-left:3px solid var(--back);background:var(--ground);border-radius:0 4px 4px 0}
.skneon-network .eq{font-family:Cambria Math,STIX Two Math,DejaVu Serif,serif;
overflow-wrap:anywhere;white-space:pre-wrap;padding-left:1em;text-indent:-1em}
.skneon-network sub{line-height:0;font-size:75%}
.skneon-network p{margin:.3em 0}
.skneon-network .note{opacity:.75}
""".replace("\n", "")
SUBSCRIPT = re.compile(r"_([A-Za-z0-9|]+)")


def diagram_html(diagram: Diagram) -> str:
    """The layers from top to bottom, then how relevance goes back, as HTML.

    Parameters
    ----------
    diagram : Diagram

    Returns
    -------
    html : str
        All names are escaped.
    """
    title = f"<p><strong>{escape(diagram.title)}</strong></p>" if diagram.title else ""
    forward = "".join(f"<li>{_part(part)}</li>" for part in diagram.forward)
    lines = "".join(_line(line) for line in diagram.backward)
    back = ""
    if diagram.rule:
        words = f"↑ Relevance goes back {escape(diagram.rule)}"
        back = f'<div class="back"><div>{words}</div>{lines}</div>'
    return (
        f'<div class="skneon-network"><style>{STYLE}</style>{title}'
        f"<ol>{forward}</ol>{back}</div>"
    )


def _part(part: Values | Step) -> str:
    if isinstance(part, Values):
        width = "?" if part.width is None else f"{part.width:,}"
        name, colon, more = part.name.partition(":")
        text = f"{_symbols(name)}{colon}{escape(more)}"
        return f'<div class="values"><b>{width}</b><span>{text}</span></div>'
    words = f' <span class="note">{escape(part.words)}</span>' if part.words else ""
    lines = "".join(_line(line) for line in part.lines)
    branches = "".join(f"<div>{escape(branch)}</div>" for branch in part.branches)
    return (
        f'<div class="step"><div>↓ <strong>{escape(part.name)}</strong>{words}</div>'
        f"{lines}{branches}</div>"
    )


def _line(line: Line) -> str:
    name = f"{escape(line.of)}: " if line.of else ""
    return f'<div class="eq">{name}{_symbols(line.text)}</div>'


def _symbols(equation: str) -> str:
    """An equation, escaped, with its indices set below."""
    return SUBSCRIPT.sub(r"<sub>\1</sub>", escape(equation))
