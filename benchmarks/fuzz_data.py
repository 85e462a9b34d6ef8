# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hostile tables: ties, duplicates, constants, offsets and scales without measure."""

import numpy as np

KINDS = (
    "normal", "integers", "two rows", "few rows", "constant", "blobs", "skewed",
    "near duplicates", "one row", "zeros",
)  # fmt: skip
OFFSETS = (0.0, 0.0, 0.0, 1.0, -1e4, 1e8)
SCALES = (1.0, 1.0, 1.0, 1e-8, 1e8, 1e-140, 1e139)


def table(rng):
    """Training rows (N, d), float64 or float32, and how they were made."""
    d = int(rng.choice([1, 2, 3, 5]))
    n = int(rng.choice([1, 2, 3, 8, 25]))
    kind = str(rng.choice(KINDS))
    X = _rows(rng, kind, n, d)
    if rng.random() < 0.2:
        X[:, rng.integers(d)] = X[0, 0]
    if rng.random() < 0.15:
        X *= 10.0 ** rng.integers(-8, 9, size=d)
    offset, scale = float(rng.choice(OFFSETS)), float(rng.choice(SCALES))
    X = (X + offset) * scale
    single = bool(rng.random() < 0.15) and np.abs(X).max(initial=0.0) < 1e30
    X = X.astype(np.float32) if single else X
    made = f"{kind}, {n} x {d}, + {offset:g}, * {scale:g}"
    return X, made + (", float32" if single else "")


def _rows(rng, kind, n, d):
    if kind == "integers":
        return rng.integers(-1, 2, size=(n, d)).astype(float)
    if kind == "two rows":
        return rng.normal(size=(2, d))[rng.integers(2, size=n)]
    if kind == "few rows":
        return rng.normal(size=(5, d))[rng.integers(5, size=n)]
    if kind == "constant":
        return np.full((n, d), 0.1)
    if kind == "blobs":
        return rng.normal(scale=0.01, size=(n, d)) + 50 * rng.integers(3, size=(n, 1))
    if kind == "skewed":
        return rng.lognormal(sigma=4, size=(n, d))
    if kind == "near duplicates":
        return np.ones((n, d)) + rng.normal(size=(n, d)) * 10.0 ** rng.integers(-17, -6)
    if kind == "one row":
        return rng.normal(size=(1, d))
    if kind == "zeros":
        return rng.normal(size=(n, d)) * (rng.random((n, d)) < 0.3)
    return rng.normal(size=(n, d))


def queries(rng, X):
    """Rows to explain, (n, d), float64: on training rows, between them, far away."""
    n = int(rng.choice([1, 2, 6]))
    own = X[rng.integers(len(X), size=n)].astype(float)
    other = X[rng.integers(len(X), size=n)].astype(float)
    spread = np.ptp(X.astype(float), axis=0) + 1e-300
    kind = rng.choice(["own", "between", "near", "far", "zero"])
    if kind == "between":
        own = own / 2 + other / 2
    elif kind == "near":
        own = own + spread * rng.normal(size=own.shape) * 10.0 ** rng.integers(-12, 1)
    elif kind == "far":
        far = 10.0 ** rng.choice([1, 3, 6, 12])
        own = np.clip(own + far * spread * rng.normal(size=own.shape), -9e139, 9e139)
    elif kind == "zero":
        own[0] = 0.0
    if X.dtype == np.float32:
        own = np.clip(own, -1e12, 1e12).astype(np.float32)
    return own


def weights(rng, n):
    """Sample weights, some of them 0 or next to nothing; None for equal ones."""
    if rng.random() < 0.6:
        return None
    values = 10.0 ** rng.uniform(-12, 2, size=n) * (rng.random(n) < 0.7)
    values[rng.integers(n)] = 1.0
    return values
