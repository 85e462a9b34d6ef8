# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The shared checks."""

import numpy as np
import pytest
import scipy.sparse

from skneon._validation import check_magnitude, import_optional, unchanged_on_failure


def test_check_magnitude():
    check_magnitude(np.array([[1e140, -1e140]]))
    for X in (np.array([[0.0, 1e141]]), scipy.sparse.csr_array([[0.0, -1e141]])):
        with pytest.raises(ValueError, match="magnitude 1e\\+141"):
            check_magnitude(X)


def test_unchanged_on_failure():
    class Thing:
        pass

    thing = Thing()
    thing.kept = 1
    with pytest.raises(KeyError), unchanged_on_failure(thing):
        thing.kept, thing.new = 2, 3
        raise KeyError
    assert vars(thing) == {"kept": 1}
    with unchanged_on_failure(thing):
        thing.kept = 2
    assert vars(thing) == {"kept": 2}


def test_import_optional():
    assert import_optional("json", "x") is __import__("json")
    with pytest.raises(ImportError, match=r'needs no_such.*pip install "skneon\[x\]"'):
        import_optional("no_such", "x")
