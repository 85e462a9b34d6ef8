# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Labels of all Displays: they fit, and are shown as they are."""

import matplotlib
import numpy as np
import pytest
from helpers import pictures
from helpers.pictures import NAMES, draw


@pytest.mark.parametrize("size", pictures.SIZES, ids=str)
@pytest.mark.parametrize("d", [1, 6, 13, 50])
@pytest.mark.parametrize("name", NAMES)
def test_labels_fit(name, d, size):
    explanation = pictures.explanation(d=d, n_clusters=6)
    pictures.check(draw(name, explanation, ax=pictures.axes(size)))


@pytest.mark.parametrize("size", pictures.SIZES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_hostile_names(name, size):
    names = pictures.HOSTILE
    clusters = np.array(names, dtype=object)[np.arange(40) % len(names)]
    explanation = pictures.explanation(
        d=len(names), names=names, target=clusters, index=clusters
    )
    pictures.check(draw(name, explanation, ax=pictures.axes(size)))


@pytest.mark.parametrize("name", NAMES)
def test_dollars_and_underscores_are_plain(name):
    explanation = pictures.explanation(d=2, names=("$a_1$", "_b"), n_clusters=2)
    display = draw(name, explanation)
    texts = display.figure_.findobj(
        lambda t: (
            isinstance(t, matplotlib.text.Text)
            and ("$a_1$" in t.get_text() or "_b" in t.get_text())
        )
    )
    assert all(not text.get_parse_math() for text in texts)
    found = " ".join(text.get_text() for text in texts)
    assert "$a_1$" in found and ("_b" in found or name == "ScoreMapDisplay")
