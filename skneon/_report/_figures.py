# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The pictures of a report, as PNG in data URIs."""

import warnings
from base64 import b64encode
from io import BytesIO

from skneon._validation import import_optional

RESOLUTION = 130


def picture(display, explanation, *positions, size, alt, caption, **parameters):
    """Draw a Display, whatever the caller's settings and fonts are.

    Parameters
    ----------
    display : subclass of ExplanationDisplay
    explanation : Explanation
    *positions, **parameters
        As `from_explanation` takes them.
    size : tuple of two floats
        Width and height in inches.
    alt, caption : str

    Returns
    -------
    picture : dict
        uri, width, height, alt, caption.
    """
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
