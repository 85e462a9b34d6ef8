# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the examples of a Markdown page, and compares what they print."""

import contextlib
import io
import re

# a block of Python, and the block of plain text that may follow it
BLOCK = re.compile(
    r"^```python\n(?P<code>.*?)^```\n(?:\n```\n(?P<printed>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)


def run(path):
    """Run the python blocks of a page in order.

    What a block prints must be the plain block right after it, or nothing.

    Returns
    -------
    names : dict
        What the blocks have defined.
    """
    text = path.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    assert len(blocks) == text.count("```python\n")
    assert blocks, f"{path.name} has no examples"
    names = {}
    for block in blocks:
        # tracebacks show the line of the page
        line = text.count("\n", 0, block.start("code"))
        code = compile("\n" * line + block["code"], str(path), "exec")
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(code, names)
        assert out.getvalue() == (block["printed"] or ""), block["code"]
    return names
