# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which rows of a table are those that the last step of a Pipeline keeps."""

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.feature_selection import SelectorMixin
from sklearn.metrics import pairwise_distances_argmin_min

from skneon._frames import as_floats
from skneon.network.numerics._table_cells import dense, is_missing
from skneon.network.numerics._types import Array, Table
from skneon.neuralization._neuralized import NeuralizedModel

# rounding of columns, relative to their largest value
EXACT = 1e-9
# rows whose neighbours are looked for
LOOKED_AT = 1000
# how much farther than most a row may be that is, or is not, nearest to the kept one
NEAREST, NOISE = 1000.0, 3.0
# with fewer rows, being nearest may be chance
FEW = 10


def kept_numbers(
    network: NeuralizedModel,
    Z: Table,
    X_train: Table,
    transformers: Sequence[tuple[str, Any]],
    samplers: Sequence[str] = (),
    mixed: bool = False,
) -> Array | None:
    """Numbers of the rows of X_train that the last step keeps, in its order.

    They are the same rows where all values are the same, but for rounding. Some steps
    give other values in a fit than afterwards: randomized solvers, cross-fitting
    encoders. Behind these each row must be nearest to the kept row of its number,
    unless other columns, which are the same, tell the rows apart.
    Samplers in front choose rows, which are looked for one by one.

    Parameters
    ----------
    network : NeuralizedModel
        That of the last step, which keeps its rows.
    Z : table of shape (n, p)
        What becomes of X_train in front of the last step.
    X_train : table of shape (n, d)
    transformers : sequence of tuple (name, fitted transformer)
        The steps that lead from X_train to Z.
    samplers : sequence of str
        Names of steps that choose or make rows.
    mixed : bool, default=False
        Whether a step mixes columns linearly.

    Returns
    -------
    numbers : ndarray of int, shape (N,), or None
        None where they are all rows, in their order.

    Raises
    ------
    ValueError
        Where they are not the rows of the fit; it names the row, and the step that was
        fitted to others, if there is one.
    """
    kept, _ = network.rows(None)
    single = _is_single(kept) or getattr(Z, "dtype", None) == np.float32
    Z = network.validated(Z)
    name = type(network.model).__name__
    if samplers:
        return _chosen(kept, Z, name, samplers, mixed)
    if kept.shape != Z.shape:
        raise ValueError(
            f"{_mismatch(name)}: {Z.shape[0]} rows, and it keeps {kept.shape[0]}."
            f"{_REMEDY}"
        )
    rows, columns = _gaps(kept, Z, mixed)
    if not len(rows):
        return None
    steps = list(_replayed(transformers, X_train))
    noisy = single or any(noise for _, noise, _ in steps)
    # a column that a step gives noise has it in most rows
    often = np.bincount(columns, minlength=kept.shape[1]) > 0.1 * kept.shape[0]
    other = np.unique(rows[~often[columns]] if noisy else rows)
    if noisy and not len(other) and not _tell_apart(kept[:, np.flatnonzero(~often)]):
        other = _other_rows(kept, Z)
    if len(other) == 0:
        return None
    row = other[0]
    strange = [step for step, _, fits in steps if not fits]
    also = f" Step {strange[0]!r} was fitted to other rows." if strange else ""
    raise ValueError(
        f"{_mismatch(name)}: row {row} is another than the training row {row} that it "
        f"keeps.{also}{_REMEDY}"
    )


_REMEDY = " Pass exactly the rows used in fit, in the same order."


def _mismatch(name: str) -> str:
    return f"X_train does not match the training data of the Pipeline's {name}"


def _gaps(kept: Table, Z: Table, mixed: bool) -> tuple[Array, Array]:
    """Which cells differ, but for rounding: their rows and columns."""
    # column by column: a large one must not hide what differs in a small one, but
    # linear steps round what is next to nothing beside the largest
    scale = _flat(abs(kept).max(axis=0))
    slack = EXACT * scale + (1e-13 * scale.max(initial=0.0) if mixed else 0.0)
    difference = sparse.coo_array(abs(kept - Z))
    rows, columns = difference.row, difference.col
    gap = difference.data > slack[columns]
    return rows[gap], columns[gap]


def _tell_apart(kept: Table) -> bool:
    """Whether nearly all rows differ in some columns."""
    n, d = kept.shape
    return bool(d > 0 and len(np.unique(dense(kept), axis=0)) >= 0.9 * n)


def _is_single(rows: Table) -> bool:
    """Whether rows hold numbers of float32, and not such as are in it by chance."""
    values = rows.data if sparse.issparse(rows) else rows
    if values.dtype == np.float32:
        return True
    with np.errstate(over="ignore"):
        exact = np.array_equal(values.astype(np.float32), values)
    return exact and not np.array_equal(np.rint(1024 * values), 1024 * values)


def _replayed(
    transformers: Sequence[tuple[str, Any]], X: Table
) -> Iterator[tuple[str, bool, bool]]:
    """What each step would do, were it fitted to X: (name, noise, fits).

    Noise is whether a fit itself gives other values than a transformation afterwards,
    or may: some steps need more than X. Whether the step fits X is whether it
    transforms it as the fresh one.
    """
    for name, step in transformers:
        own = step.transform(X)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                fresh = clone(step)
                fitted, again = fresh.fit_transform(X), fresh.transform(X)
        except Exception:
            yield name, not isinstance(step, SelectorMixin), True
        else:
            noise = not _alike(fitted, again)
            yield name, noise, noise or _alike(again, own)
        X = own


def _alike(A: Table, B: Table) -> bool:
    """Whether two tables are equal, numbers but for rounding."""
    A, B = as_floats(dense(A)), as_floats(dense(B))
    if A.shape != B.shape:
        return False
    if A.dtype.kind == B.dtype.kind == "f":
        scale = np.nanmax(np.abs(A), axis=0, initial=0.0)
        return bool(np.all((np.abs(A - B) <= EXACT * scale) | np.isnan(A + B)))
    return bool((is_missing(A) | (A == B)).all())


def _other_rows(kept: Table, Z: Table) -> Array:
    """Numbers of rows that are others, where all may differ by the noise of a step."""
    n = kept.shape[0]
    A, B = _scaled(kept, kept), _scaled(Z, kept)
    far = _lengths(A - B)
    some = np.unique(np.linspace(0, n - 1, min(n, LOOKED_AT)).astype(int))
    looked = np.union1d(some, np.argsort(-far, kind="stable")[:LOOKED_AT])
    closest, _ = pairwise_distances_argmin_min(A[looked], B)
    # plain differences keep the digits of small distances; equal rows are equally near
    least = _lengths(A[looked] - B[closest])
    nearest = far[looked] <= least * (1 + 1e-6)
    usual = np.isin(looked, some) & nearest
    if usual.sum() < len(some) / 2 or (n < FEW and not _apart(A, far)):
        return np.arange(n)
    most = np.quantile(far[looked[usual]], 0.9)
    limit = np.where(nearest, NEAREST, NOISE) * most
    return np.asarray(looked[far[looked] > limit])


def _apart(A: Table, far: Array) -> bool:
    """Whether rows are farther from one another than the given distances."""
    between = [_lengths(A - A[[row] * A.shape[0]]) for row in range(A.shape[0])]
    others = [lengths[lengths > 0] for lengths in between]
    return all(len(o) and 2 * f < o.min() for o, f in zip(others, far, strict=True))


def _chosen(
    kept: Table, Z: Table, name: str, samplers: Sequence[str], mixed: bool
) -> Array:
    """Numbers of the rows of Z that samplers chose, in the order of the kept ones."""
    kept, Z = dense(kept), dense(Z)
    _, equal = np.unique(Z, axis=0, return_inverse=True)
    # equal rows take turns
    groups: dict[int, list[int]] = {}
    for number, group in enumerate(equal.ravel().tolist()):
        groups.setdefault(group, []).append(number)
    nearest, _ = pairwise_distances_argmin_min(_scaled(kept, Z), _scaled(Z, Z))
    numbers, turns = [], dict.fromkeys(groups, 0)
    for group in equal.ravel()[nearest].tolist():
        numbers.append(groups[group][turns[group] % len(groups[group])])
        turns[group] += 1
    strange, _ = _gaps(kept, Z[numbers], mixed)
    if len(strange):
        raise ValueError(
            f"{_mismatch(name)}: training row {strange.min()} that it keeps is none of "
            f"the rows. Where step {samplers[-1]!r} makes rows, pass X in the place "
            "of X_train; else pass the rows used in fit."
        )
    return np.array(numbers)


def _scaled(rows: Table, kept: Table) -> Table:
    """Rows in units of the spread of the columns of the kept ones."""
    mean = _flat(kept.mean(axis=0))
    square = kept.multiply(kept) if sparse.issparse(kept) else kept**2
    variance = _flat(square.mean(axis=0)) - mean**2
    largest = _flat(abs(kept).max(axis=0))
    spread = np.sqrt(np.maximum(variance, 0.0))
    # constant columns have none
    spread = np.where(spread > 1e-7 * largest, spread, largest)
    return rows @ sparse.diags(1 / np.where(spread > 0, spread, 1.0))


def _lengths(rows: Table) -> Array:
    square = rows.multiply(rows) if sparse.issparse(rows) else rows**2
    return np.asarray(np.sqrt(_flat(square.sum(axis=1))))


def _flat(values: Any) -> Array:
    return dense(values).ravel()
