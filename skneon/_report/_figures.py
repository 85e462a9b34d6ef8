# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The pictures of a report, as PNG in data URIs."""

import warnings
from base64 import b64encode
from io import BytesIO
from typing import Any

from skneon._validation import import_optional
from skneon.explanation._explanation import Explanation

RESOLUTION = 130


def picture(
    display: Any, explanation: Explanation, *positions: Any, size: tuple[float, float],
    alt: str, caption: str, **parameters: Any,
) -> dict[str, Any]:  # fmt: skip
    """Draw a Display of a size in inches, whatever the caller's settings are."""
    style = import_optional("matplotlib.style", "report")
    figure = import_optional("matplotlib.figure", "report")
    file = BytesIO()
    with style.context("default"), warnings.catch_warnings():
        # names may have glyphs that no font has, and not fit
        warnings.simplefilter("ignore", UserWarning)
        drawn = figure.Figure(figsize=size, layout="constrained", dpi=RESOLUTION)
        ax = drawn.subplots()
        display.from_explanation(explanation, *positions, ax=ax, **parameters)
        drawn.savefig(file, format="png", dpi=RESOLUTION)
    code = b64encode(file.getvalue()).decode("ascii")
    width, height = (round(96 * side) for side in size)
    return {
        "uri": f"data:image/png;base64,{code}",
        "width": width,
        "height": height,
        "alt": alt,
        "caption": caption,
    }
