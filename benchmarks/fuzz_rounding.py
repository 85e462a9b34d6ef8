# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What rounding alone may do to a score, and to the sum of its relevances."""

import numpy as np

from skneon.network import SoftArgmin

# of a sum of terms of size 1: 1e-12 of them, and of float32
DOUBLE, SINGLE = 1e-12, 1e-3
# of a number of size 1 that is rounded as it is computed
EPS = 32 * np.finfo(float).eps
# exponents gamma h below it have few digits, and divisions by them are none
LEAST = 1e-299


def rounding(network, X, query):
    """Absolute error that is no fault, of each row; (n,).

    Squared distances are sums of terms, each rounded; behind a linear step the rows
    z = y A + b are rounded before they are compared. How the score depends on the
    squared distances is taken from its layers.
    """
    units, pooling = network.units, network.pooling
    points = points_of(units)
    if points is None:
        return np.full(len(X), DOUBLE)
    inputs, unit = units.inputs, SINGLE if network.dtype == np.float32 else DOUBLE
    X, points = X.astype(float), points.astype(float)
    Z = inputs.project(X)
    reach = np.abs(Z[:, None] - points).max(axis=1) + np.ptp(points, axis=0)
    if inputs.matrix is None:
        error = unit * np.sum(reach * steepness(units, reach), axis=1)
    else:
        lost = EPS if unit == DOUBLE else SINGLE
        terms = terms_in_y(inputs, X, points)
        in_z = lost * (terms @ np.abs(inputs.matrix) + np.abs(inputs.offset))
        # a row on a point is no nearer to it than z is rounded
        reach = reach + in_z
        slope = steepness(units, reach)
        in_y = lost * terms * (slope @ np.abs(inputs.matrix).T)
        error = unit * np.sum(reach * slope, axis=1)
        error += np.sum(in_z * slope, axis=1) + np.sum(in_y, axis=1)
    gamma = getattr(pooling, "gamma", getattr(units, "gamma", 1.0))
    lost = error_of_shares(network, X, query, error)
    error = error_of_score(network, Z, points, error) + LEAST / gamma
    return error + lost + EPS * largest_constant(pooling)


def largest_constant(pooling):
    """Size of the logarithms that a score adds and subtracts, as of mixtures."""
    logs = getattr(getattr(pooling, "support_weights", None), "log_weights", None)
    return 0.0 if logs is None else np.abs(logs[np.isfinite(logs)]).max(initial=0.0)


def points_of(units):
    """Points that units compare rows with, (K, p); None for other units."""
    for name in ("support", "centroids", "centers", "means"):
        if hasattr(units, name):
            return getattr(units, name)
    return None


def steepness(units, reach):
    """By how much a squared distance changes with z at the most, (n, p)."""
    if hasattr(units, "multiples"):
        # ward linkage counts it 2 n / (n - 1) times
        return 8 * reach
    if not hasattr(units, "factors"):
        return 2 * reach
    slopes = [_through(np.abs(L), reach) for L in units.factors]
    return 2 * np.max(slopes, axis=0)


def _through(L, reach):
    return (reach @ L) @ L.T if L.ndim == 2 else reach * L**2


def terms_in_y(inputs, X, points):
    """Sizes of what cancels in differences of rows and preimages, (n, m)."""
    preimages = np.abs(inputs.pull(points)).max(axis=0)
    return np.abs(X) + np.abs(inputs.center) + preimages


def error_of_score(network, Z, points, error):
    """Error of the score by that of squared distances, (n,)."""
    units, pooling = network.units, network.pooling
    kind = type(units).__name__
    if kind == "GaussianKernel":
        return np.minimum(units.gamma * error, 1.0) + DOUBLE
    means, plain = kind == "NeighborsMean", getattr(units, "plain", False)
    rooted = kind in ("Distance", "ReachedDistance") or (means and not units.squared)
    squares = np.sum((Z[:, None] - points) ** 2, axis=2).min(axis=1)
    if rooted or plain:
        # of a root, where the square is known to an error; a mean of points is one
        root = np.zeros(len(Z)) if means else np.sqrt(squares)
        error = np.minimum(error / np.maximum(root, 1e-300), np.sqrt(error))
        return error * np.max(getattr(pooling, "density", 1.0))
    return error


def error_of_shares(network, X, query, error):
    """What shares are lost where they are divided by what may be rounding, (n,).

    Shares of a squared distance T are numbers of its size that are known to an error.
    Of a row on a point T is nothing but rounding, or 0 where the point's part goes to
    nobody; and products gamma T next to underflow have no digits.
    """
    if not isinstance(network.rule, SoftArgmin):
        return 0.0
    H = network.units.forward(X, query)
    R = network.rule.to_units(network, H, query).R
    T = network.units.sums(H).astype(float)
    lost = np.minimum(error[:, None] / np.maximum(T, 1e-300), 1.0)
    lost[T * min(getattr(network.pooling, "gamma", 1.0), 1.0) < LEAST] = 1.0
    return np.sum(np.abs(R) * lost, axis=1)
