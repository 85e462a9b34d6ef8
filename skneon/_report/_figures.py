# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The pictures of a report, as PNG in data URIs."""

import warnings
from base64 import b64encode
from io import BytesIO
from typing import Any

import numpy as np

from skneon._report._driven import Driven
from skneon._validation import import_optional
from skneon.explanation._explanation import Explanation
from skneon.plotting import ClusterProfileDisplay, ScoreMapDisplay, SummaryDisplay
from skneon.plotting._display import distinct

RESOLUTION, BARS, LANES = 130, 12, 20
Picture = dict[str, Any]


def pictures(
    main: Explanation,
    n_sample: int,
    clusters: Explanation | None,
    positions: Any,
    driven: Driven,
) -> dict[str, Picture]:
    """What drives rows, profiles of clusters, and maps, as far as there are any."""
    d, score = main.relevance.shape[1], main.score
    bars = min(d, BARS) + (d > BARS)
    size = 6.2, 1.4 + 0.36 * bars
    how: Picture = {"rows": driven.rows, "k": BARS, "title": driven.title}
    drawn = {"summary": picture(SummaryDisplay, driven.beside, size=size, **how)}
    if positions is not None:
        wide = score.max() > 10 * max(score.min(), np.finfo(float).tiny)
        log = wide and np.isfinite(score).all() and score.min() > 0
        norm = "log" if log and isinstance(main.target, str) else None
        drawn["scores"] = picture(ScoreMapDisplay, main, positions, norm=norm)
    if clusters is None:
        return drawn
    if positions is not None:
        how = {"color": "cluster", "k": 0}
        place = positions.iloc[:n_sample]
        drawn["clusters"] = picture(ScoreMapDisplay, clusters, place, **how)
    if (k := len(distinct(np.asarray(clusters.target)))) <= LANES:
        size = min(3 + 1.2 * k, 10), 1.6 + 0.32 * bars
        drawn["profile"] = picture(ClusterProfileDisplay, clusters, size=size, k=BARS)
    return drawn


def picture(
    display: Any, *what: Any, size: tuple[float, float] = (6.2, 4.6), title: str = "",
    **parameters: Any,
) -> Picture:  # fmt: skip
    """Draw a Display of a size in inches, whatever the caller's settings are."""
    style = import_optional("matplotlib.style", "report")
    figure = import_optional("matplotlib.figure", "report")
    file = BytesIO()
    with style.context("default"), warnings.catch_warnings():
        # names may have glyphs that no font has, and not fit
        warnings.simplefilter("ignore", UserWarning)
        drawn = figure.Figure(figsize=size, layout="constrained", dpi=RESOLUTION)
        ax = display.from_explanation(*what, ax=drawn.subplots(), **parameters).ax_
        if title:
            ax.set_title(title)
        drawn.savefig(file, format="png", dpi=RESOLUTION)
    uri = f"data:image/png;base64,{b64encode(file.getvalue()).decode('ascii')}"
    return {"uri": uri, "width": round(96 * size[0]), "height": round(96 * size[1])}
