# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Pictures that read on light and on dark pages."""

from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import pictures
from matplotlib.colors import to_rgb

from skneon import plotting
from skneon.plotting import _axes, _beeswarm, _score_map, _summary

COLOURS = {
    *(_axes.FOR, _axes.AGAINST, _axes.REST, _axes.OTHERS, _summary.INSIDE),
    *(_beeswarm.MARK, *_beeswarm.SHADES, *_score_map.SHADES, *_score_map.CLUSTERS),
}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def displays(plane):
    one = pictures.explanation()
    many = pictures.explanation(n_clusters=3, names=pictures.HOSTILE[:6])
    yield plotting.RelevanceDisplay.from_explanation(one)
    yield plotting.SummaryDisplay.from_explanation(many)
    yield plotting.BeeswarmDisplay.from_explanation(one, row=3)
    yield plotting.HeatmapDisplay.from_explanation(one)
    yield plotting.ClusterProfileDisplay.from_explanation(many)
    yield plotting.ScoreMapDisplay.from_explanation(one, plane)


def test_black_and_white_are_the_pages(plane, tmp_path):
    for number, display in enumerate(displays(plane)):
        path = tmp_path / f"{number}.svg"
        svg = display.to_svg(path)
        assert path.read_text(encoding="utf-8") == svg
        root = ElementTree.fromstring(svg)
        assert root.tag.endswith("svg") and root.get("class") == "skneon-picture"
        assert "#000000" not in svg and "#ffffff" not in svg
        assert "currentColor" in svg and "prefers-color-scheme:dark" in svg
        assert not {e.tag.rpartition("}")[2] for e in root.iter()} & {"script", "text"}
        # nothing covers the page
        ground = next(e for e in root.iter() if e.get("id") == "patch_1")
        assert "fill: none" in ElementTree.tostring(ground, "unicode")


def luminance(colour):
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("ground", ["#ffffff", "#111111"])
def test_colours_read_on_both_grounds(ground):
    # the contrast of the Web Content Accessibility Guidelines
    for colour in COLOURS:
        low, high = sorted([luminance(ground), luminance(colour)])
        assert (high + 0.05) / (low + 0.05) > 2, colour


def test_dark_styles_are_heeded(plane):
    with plt.style.context("dark_background"):
        for display in displays(plane):
            colours = [line.get_color() for line in display.ax_.get_lines()]
            assert "black" not in colours and "#000000" not in colours
            for text in display.ax_.texts:
                box = text.get_bbox_patch()
                assert box is None or box.get_facecolor()[:3] == (0, 0, 0)
