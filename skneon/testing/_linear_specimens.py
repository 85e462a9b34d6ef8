# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers of linear models: of columns, of kernels and of random features."""

import numpy as np

from skneon.network import (
    CosineFeatures,
    Inputs,
    KernelSum,
    LinearScore,
    Min,
    Sum,
)
from skneon.testing._change import Change
from skneon.testing._specimen import (
    CENTROIDS,
    GAMMA,
    MATRIX,
    OMEGA,
    PHASE,
    SUPPORT,
    WEIGHTS,
    Layers,
)

SLOPES = np.array([0.5, -1.25, 0.0, 2.0])
SIGNED = WEIGHTS * np.where(np.arange(len(WEIGHTS)) % 3, -1.0, 0.5)
LEVEL, CONSTANT = 0.25, 3.0


def linear(change: Change) -> Layers:
    """A linear score that moves with the data."""
    slopes = change.ordered(SLOPES) / change.scale
    return LinearScore(slopes, np.asarray(change(CENTROIDS[:1]))[0], LEVEL), Min()


def linear_behind_a_map(change: Change) -> Layers:
    """One of four combinations of the columns, of which two determine the others."""
    matrix = np.hstack([MATRIX, MATRIX[:, ::-1]])
    matrix = change.ordered(matrix.T).T / change.scale
    shift = np.zeros(len(matrix)) if change.shift is None else change.shift
    center = np.asarray(change(CENTROIDS[:1]))[0]
    inputs = Inputs.identity(len(matrix)).mixed(matrix, -shift @ matrix, center)
    return LinearScore(SLOPES, np.ones(4), LEVEL).through(inputs), Min()


def kernel_sum(change: Change) -> Layers:
    """Kernels that count for or against."""
    units = KernelSum(
        np.asarray(change(SUPPORT)), GAMMA / change.scale**2, SIGNED, CONSTANT
    )
    return units, Sum(CONSTANT, SIGNED)


def cosine_features(change: Change) -> Layers:
    """Random features that move with the data."""
    omega = change.ordered(OMEGA) / change.scale
    shift = np.zeros(omega.shape[1]) if change.shift is None else change.shift
    weights = np.linspace(-1.0, 2.0, len(omega))
    units = CosineFeatures(omega, PHASE - omega @ shift)
    return units, Sum(CONSTANT, weights, index="j")
