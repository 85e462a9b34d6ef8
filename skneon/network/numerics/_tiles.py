# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tiles of rows and support points that stay in cache, and sums over them."""

from itertools import pairwise
from math import prod

import numpy as np
from sklearn import get_config

# numbers in a tile, and the rows of one
TILE, ROWS = 2**19, 64
# numbers in a block of exponentials, for one thread and for one of several
BLOCK, SHARED_BLOCK = 2**17, 2**19
# bytes that a number of a tile takes in all arrays
TILE_BYTES = 32


class Scratch:
    """Arrays that are used again: what is fresh from the system is slow to fill.

    Parameters
    ----------
    block : int, default=2**17
        Numbers in a block of exponentials. Threads want longer ones than cache alone
        would have, since they take turns between one block and the next.
    """

    def __init__(self, block=BLOCK):
        self.block = block
        self._flat = {}

    def __call__(self, name, shape, dtype):
        """The array of that name, contents undefined."""
        size = prod(shape)
        flat = self._flat.get(name)
        if flat is None or len(flat) < size or flat.dtype != dtype:
            flat = self._flat[name] = np.empty(size, dtype=dtype)
        return flat[:size].reshape(shape)


def tile_size():
    """Numbers in a tile that fit cache and the ``working_memory``."""
    memory = get_config()["working_memory"] * 2**20
    return int(max(1, min(TILE, memory // TILE_BYTES)))


def support_tiles(n_support, n_rows):
    """Slices of the support points, of about equal length."""
    number = -(-n_support * max(n_rows, 1) // tile_size())
    number = max(1, min(number, n_support))
    bounds = np.linspace(0, n_support, number + 1).astype(int)
    return [slice(a, b) for a, b in pairwise(bounds)]


class Running:
    """Sums of terms with the factor exp(-stiffness t), relative to the least t so far.

    Parameters
    ----------
    stiffness : float, default=1
    """

    def __init__(self, stiffness=1.0):
        self.stiffness = stiffness
        self.sums = None

    def add(self, fall, *terms):
        """Add the sums over a tile.

        Parameters
        ----------
        fall : ndarray of shape (n,)
            By how much the least t fell at this tile.
        *terms : ndarray of shape (n, ...)
        """
        if self.sums is None:
            self.sums = list(terms)
            return
        decay = np.exp(-self.stiffness * fall)
        for i, term in enumerate(terms):
            self.sums[i] = (self.sums[i].T * decay).T + term
