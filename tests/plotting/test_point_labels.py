# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Labels of points in a map."""

import numpy as np
from helpers import pictures

from skneon.plotting import ScoreMapDisplay

draw = ScoreMapDisplay.from_explanation


def test_largest_scores_are_labelled(plane):
    explanation = pictures.explanation(index=np.arange(100, 140))
    display = draw(explanation, 10 * plane, k=3)
    largest = np.argsort(-explanation.score)[:3]
    assert list(display.labels) == largest.tolist()
    for row, text in display.labels.items():
        # the names differ in their numbers alone
        number = explanation[row].top(1)[0][0].feature.split("_")[-2]
        name, feature = text.split(": ")
        assert name == str(100 + row) and f"_{number}_" in feature
    for label in display.annotations_:
        assert label.get_text() in display.labels.values()
    assert draw(explanation, plane, k=0).annotations_ == []


def test_labels_keep_clear_of_each_other():
    explanation = pictures.explanation()
    display = draw(explanation, np.zeros((40, 2)), k=40)
    assert 3 <= len(display.annotations_) < 40
    display.figure_.canvas.draw()
    boxes = [pictures._box(label) for label in display.annotations_]
    frame = display.ax_.get_window_extent()
    for i, box in enumerate(boxes):
        assert frame.x0 - 2 <= box.x0 and box.x1 <= frame.x1 + 2
        assert not any(pictures._overlap(box, other) for other in boxes[:i])
