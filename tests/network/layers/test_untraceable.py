# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The error of a step that columns cannot be traced through."""

import pickle

from skneon.network import Untraceable


def test_the_path_grows_outwards():
    error = Untraceable("it mixes columns").inside("bent").inside("inner")
    error = error.inside("outer")
    assert error.path == ("outer", "inner", "bent")
    assert str(error) == (
        "Columns cannot be traced through step 'outer__inner__bent': it mixes columns"
    )
    assert isinstance(error, TypeError)


def test_it_can_be_pickled():
    error = Untraceable("it mixes columns", ("outer", "inner"))
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert (again.reason, again.path) == (error.reason, error.path)
