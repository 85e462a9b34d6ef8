# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Numbers at the ends of bars."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import pictures

from skneon.plotting._axes import finish
from skneon.plotting._bar_numbers import lane_room, write_numbers


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("values", [[9.0, 3.5, 0.0], [9.0, -8.0, 123456.0], [0.0, 0.0]])
def test_numbers_are_inside_and_beside_their_bars(values):
    values = np.array(values)
    ax = pictures.axes((120, 80))
    ax.barh(range(len(values)), values)
    finish(ax, rows=["a"] * len(values))
    numbers = write_numbers(ax, values)
    assert len(numbers) == len(values)
    ax.figure.canvas.draw()
    frame = ax.get_window_extent()
    for value, number in zip(values, numbers, strict=True):
        box = number.get_window_extent()
        assert frame.x0 - 1 <= box.x0 and box.x1 <= frame.x1 + 1
        end = ax.transData.transform((value, 0))[0]
        assert box.x0 > end if value >= 0 else box.x1 < end


def test_no_numbers_where_there_is_no_room():
    ax = pictures.axes((40, 20))
    ax.barh(range(30), np.ones(30))
    finish(ax, rows=["a"] * 30)
    assert write_numbers(ax, np.ones(30)) == []


def test_lanes_have_room_for_all_numbers_or_none():
    ax = pictures.axes((160, 80))
    finish(ax, rows=["a"] * 3)
    texts = [["1.00", "\N{MINUS SIGN}2.00", "3.00"], ["12.3", "0.5", "0.2"]]
    size, room = lane_room(ax, texts)
    assert size >= 5 and 0 < room < 0.52
    assert lane_room(ax, [["1"]])[1] < room
    assert lane_room(ax, texts * 30) == (0, 0)
