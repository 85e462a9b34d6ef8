# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Shapley values by brute force."""

from itertools import permutations

import numpy as np


def by_permutations(value, d):
    """Shapley values from their definition: marginals averaged over all orders."""
    phi = np.zeros(d)
    orders = list(permutations(range(d)))
    for order in orders:
        before = 0.0
        for position, i in enumerate(order):
            after = float(value(list(order[: position + 1])))
            phi[i] += after - before
            before = after
    return phi / len(orders)
