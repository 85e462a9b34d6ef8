# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Small histograms, and where in them a value is."""

import re

import numpy as np
import pandas as pd
import pytest

from skneon._report._spark import Spark


def heights(spark):
    return [float(v) for v in re.findall(r"v-([\d.]+)h", spark.path)]


def test_numbers_have_a_histogram():
    cells = pd.Series([0.0] * 10 + [1.0] * 5 + [np.nan, np.inf])
    spark = Spark(cells, False)
    assert heights(spark) == [20, 10]
    assert spark.mark(0.25) == "M15.0 0v20" and spark.mark(np.nan) == ""
    # what is beyond the sample is at its end
    assert spark.mark(7.0) == spark.mark(1.0) == "M60.0 0v20"


@pytest.mark.parametrize("least", [1.0, -1.0])
def test_log_scales_are_for_positive_numbers(least):
    spark = Spark(pd.Series([least, 10.0, 100.0]), True)
    assert spark.is_log == (least > 0)
    assert (spark.mark(10.0) == "M30.0 0v20") == (least > 0)


def test_categories_have_bars_the_most_frequent_first():
    spark = Spark(pd.Series([*"aabbbb", None], dtype=object), True)
    assert heights(spark) == [20, 10] and not spark.is_log
    assert spark.mark("b") == "M15.0 0v20" and spark.mark("a") == "M45.0 0v20"
    assert spark.mark("c") == spark.mark(None) == ""
    assert Spark(pd.Series([None, None], dtype=object), False).path == ""
