# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations to draw, and what must hold of every picture."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from skneon import Explanation, plotting

HOSTILE = (
    "<script>alert(1)</script>", "$x$", "_hidden", "two\nlines", "$", "tab\there",
    r"\frac{1}{0}", "%s {0}", "", "a" * 300,
)  # fmt: skip
SIZES = [None, (80, 60), (80, 100)]


def explanation(n=40, d=6, names=None, n_clusters=None, seed=0, **fields):
    """Random relevances that sum to the score, and long names unless others."""
    rng = np.random.default_rng(seed)
    relevance = rng.normal(0.5, 1, size=(n, d)) * rng.gamma(1, size=(n, 1))
    if names is None:
        names = [f"a_rather_long_name_of_feature_{i}_(cm)" for i in range(d)]
    target, rival = "outlier", None
    if n_clusters is not None:
        target = np.arange(n) % n_clusters
        rival = (target + 1) % n_clusters
    content = {
        "relevance": relevance,
        "score": relevance.sum(axis=1),
        "target": target,
        "feature_names": tuple(names),
        "data": rng.normal(size=(n, d)) * 1e4,
        "compared_with": rng.normal(size=(n, d)),
        "rival": rival,
    }
    return Explanation(**content | fields)


def axes(size):
    """Axes of a figure of a size in millimetres; None: the Display makes one."""
    if size is None:
        return None
    width, height = np.array(size) / 25.4
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def check(display):
    """Draw it: no two tick labels touch, and all texts are inside the figure."""
    figure = display.figure_
    assert figure is display.ax_.figure
    figure.canvas.draw()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            labels = [t for t in axis.get_ticklabels() if t.get_text()]
            low, high = axis.get_view_interval()
            at = axis.get_ticklocs()
            if len(labels) == len(at):
                seen = (at >= min(low, high)) & (at <= max(low, high))
                labels = [t for t, s in zip(labels, seen, strict=True) if s]
            boxes = [_box(label) for label in labels]
            for i, box in enumerate(boxes):
                _assert_inside(figure, box, labels[i])
                for j in range(i):
                    assert not _overlap(box, boxes[j]), (labels[i], labels[j])
        for text in (ax.title, ax.xaxis.label, ax.yaxis.label, *ax.texts):
            if text.get_text():
                _assert_inside(figure, _box(text), text)
    for text in display.ax_.get_yticklabels():
        assert text.get_size() >= 4.9


def _box(text):
    # of annotations, the text without its line
    text.get_window_extent()
    return matplotlib.text.Text.get_window_extent(text)


def _overlap(one, other):
    return (
        min(one.x1, other.x1) - max(one.x0, other.x0) > 0.5
        and min(one.y1, other.y1) - max(one.y0, other.y0) > 0.5
    )


def _assert_inside(figure, box, text):
    frame = figure.bbox
    assert box.x0 >= frame.x0 - 0.5 and box.x1 <= frame.x1 + 0.5, text
    assert box.y0 >= frame.y0 - 0.5 and box.y1 <= frame.y1 + 0.5, text


NAMES = sorted(plotting.__all__)


def draw(name, explanation, **kwargs):
    """Draw an explanation of clusters by the Display of a name."""
    display = getattr(plotting, name)
    if name == "ScoreMapDisplay":
        plane = np.random.default_rng(1).normal(size=(len(explanation), 2))
        return display.from_explanation(explanation, plane, **kwargs)
    return display.from_explanation(explanation, **kwargs)
