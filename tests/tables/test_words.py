# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Names in messages, and libraries that may lack."""

import inspect
import sys

import numpy as np
import pytest

from skneon import prepare
from skneon._tables._words import Lazy, Options, listed, printable
from skneon.explanation._text import count


def test_names_in_messages():
    assert listed("abc") == "a, b, c" and listed("abcd", 2) == "a, b, ... (4 in all)"
    assert count(1, "row") == "1 row" and count(0, "row") == "0 rows"
    assert printable("a\x1b[1mb") == "a?[1mb"


def test_libraries_are_imported_when_they_are_used(monkeypatch):
    assert Lazy("numpy").ones is np.ones
    monkeypatch.setitem(sys.modules, "pyarrow.json", None)
    lazy = Lazy("pyarrow.json", "other")
    with pytest.raises(ImportError, match=r'pip install "skneon\[other\]"'):
        _ = lazy.read_json


def test_options_are_the_parameters_of_prepare():
    parameters = inspect.signature(prepare).parameters
    defaults = {
        n: p.default for n, p in parameters.items() if n not in ("table", "like")
    }
    assert defaults == vars(Options())
