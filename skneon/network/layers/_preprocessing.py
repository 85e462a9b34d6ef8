# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers in front of a model: preprocessing steps that columns can be traced through.

Each has ``transform(X)``, the step's own; ``wire(inputs)``, how its outputs come from
the explained columns if its inputs do so by `inputs`; ``trace(X, Y)``, its outputs with
the single-parent columns y behind them (see `Inputs`); ``restore(R)``, typical values
of the outputs in terms of the inputs; and ``check``, which tries on some rows whether
the layer says the truth, or None.
"""

import numpy as np
from scipy import sparse

from skneon.network.layers._inputs import Inputs, pseudo_inverse


class Untraceable(TypeError):
    """A step through which columns cannot be traced.

    Parameters
    ----------
    reason : str
        What the step does, and a way out.
    path : tuple of str
        Names of the step and of those that it is in, outermost first.
    """

    def __init__(self, reason, path=()):
        super().__init__(reason, path)
        self.reason = reason
        self.path = path

    def inside(self, name):
        """The same for a step within another."""
        return Untraceable(self.reason, (name, *self.path))

    def __str__(self):
        step = "__".join(self.path)
        return f"Columns cannot be traced through step {step!r}: {self.reason}"


class ColumnWise:
    r"""A step that makes each of its outputs of one input: y_j = phi_j(x_{parent(j)}).

    Relevance is handed straight down, R_i = sum of R_j over the children j of i.

    Parameters
    ----------
    transform : callable
        Takes rows to rows, as the fitted step does.
    parents : array-like of int, shape (p,)
        The input of each output.
    restore : callable, or None
        Takes values of the outputs, shape (n, p), to those of the inputs; NaN or None
        where that is unknown. None: nothing is known.
    affine : tuple (scale, shift) of ndarrays of shape (p,), or None
        Where phi_j(x) = scale_j x + shift_j. Behind a linear step only affine ones
        can stand.
    check : callable, or None
        Takes some rows, and raises `Untraceable` where they show that an output has
        other parents.
    """

    def __init__(self, transform, parents, restore=None, affine=None, check=None):
        self.transform = transform
        self.check = check
        self.parents = np.asarray(parents, dtype=int)
        self.affine = affine
        self._restore = restore

    def wire(self, inputs):
        """Inputs behind this step."""
        outside = (self.parents < 0) | (self.parents >= inputs.n_outputs)
        if outside.any():
            raise Untraceable(
                f"its layer has the parent {self.parents[outside][0]}; the inputs are "
                f"numbered 0 to {inputs.n_outputs - 1}. Mend the parents of its "
                "ColumnWise layer."
            )
        chosen = inputs.select(self.parents)
        if inputs.matrix is None:
            if self._hands_on():
                return chosen
            outputs = range(len(self.parents))
            return chosen.renamed([(id(self), j) for j in outputs])
        if self.affine is None:
            raise Untraceable(
                "it is not affine, and stands behind a linear step that mixes columns. "
                "Put it before that step."
            )
        scale, shift = self.affine
        return chosen.then(chosen.matrix * scale, chosen.offset * scale + shift)

    def _hands_on(self):
        """Whether the outputs have the very values of the inputs."""
        if self.affine is None:
            return False
        scale, shift = self.affine
        return bool(np.all(scale == 1) and np.all(shift == 0))

    def trace(self, X, Y):
        """Outputs, and the columns behind them; None where these are the outputs."""
        return self.transform(X), Y

    def restore(self, R, n_inputs):
        """Values of the outputs as values of the inputs, shape (n, n_inputs)."""
        return unknown(len(R), n_inputs) if self._restore is None else self._restore(R)


class LinearMap:
    """A linear step, z = (x - center) V: PCA, truncated SVD, random projections.

    It is folded into the units behind it; see `Inputs`.

    Parameters
    ----------
    transform : callable
        Takes rows to rows, as the fitted step does.
    matrix : ndarray of shape (d, p)
        V.
    center : ndarray of shape (d,), or None
        None: the origin.
    """

    def __init__(self, transform, matrix, center=None):
        self.transform = transform
        self.matrix = matrix
        self.check = None
        self.center = np.zeros(len(matrix)) if center is None else center

    def wire(self, inputs):
        """Inputs behind this step."""
        if inputs.matrix is None:
            offset = -self.center @ self.matrix
            return inputs.mixed(self.matrix, offset, self.center)
        offset = (inputs.offset - self.center) @ self.matrix
        return inputs.then(inputs.matrix @ self.matrix, offset)

    def trace(self, X, Y):
        """Outputs, and the columns behind them."""
        return self.transform(X), numbers(X) if Y is None else Y

    def restore(self, R, n_inputs):
        """The preimages nearest to the center, shape (n, n_inputs)."""
        return R.astype(float) @ pseudo_inverse(self.matrix) + self.center


class Branches:
    """Steps side by side: a ColumnTransformer or FeatureUnion.

    Parameters
    ----------
    transform : callable
        Takes rows to rows, as the fitted whole does.
    branches : list of tuple (columns, layers)
        In the order of their outputs. Columns are an int array; a scalar for those
        whose step takes a single column as a vector.
    names : ndarray of str, or None
        Names of the inputs, where these are known.
    """

    def __init__(self, transform, branches, names=None):
        self.transform = transform
        self.branches = branches
        self.names = names
        checked = any(layer.check for _, layers in branches for layer in layers)
        self.check = self._check if checked else None

    def _check(self, X):
        for columns, layers in self.branches:
            check(layers, self._take(X, columns))

    def wire(self, inputs):
        """Inputs behind this step."""
        parts, self._widths = [], []
        for columns, layers in self.branches:
            parts.append(wire(layers, inputs.select(np.atleast_1d(columns))))
            self._widths.append(parts[-1].n_outputs)
        inputs, self._places = Inputs.side_by_side(parts)
        return inputs

    def trace(self, X, Y):
        """Outputs, and the columns behind them."""
        out = self.transform(X)
        if Y is not None or self._places is None:
            return out, Y
        parts = [trace(layers, self._take(X, c)) for c, layers in self.branches]
        behind = [numbers(Z) if part is None else part for Z, part in parts]
        return out, np.column_stack(behind)[:, self._places]

    def _take(self, X, columns):
        if self.names is not None and hasattr(X, "columns"):
            chosen = self.names[columns]
            return X[chosen if np.ndim(columns) == 0 else list(chosen)]
        return X.iloc[:, columns] if hasattr(X, "iloc") else X[:, columns]

    def restore(self, R, n_inputs):
        """The branches' values of the inputs; where several know one, the first's."""
        out = unknown(len(R), n_inputs)
        start = 0
        for (columns, layers), width in zip(self.branches, self._widths, strict=True):
            columns = np.atleast_1d(columns)
            part = restore(layers, R[:, start : start + width], len(columns))
            start += width
            for column, values in zip(columns, part.T, strict=True):
                if is_missing(out[:, column]).all():
                    out[:, column] = values
        return out


def wire(layers, inputs):
    """Inputs behind several steps."""
    for layer in layers:
        layer.n_inputs = inputs.n_outputs
        try:
            inputs = layer.wire(inputs)
        except Untraceable as error:
            raise error.inside(layer.name) from None
        layer.n_outputs = inputs.n_outputs
    return inputs


def check(layers, X):
    """Try on some rows whether several steps are what their layers say."""
    if not any(layer.check for layer in layers):
        return
    for layer in layers:
        try:
            if layer.check:
                layer.check(X)
        except Untraceable as error:
            raise error.inside(layer.name) from None
        X = layer.transform(X)


def trace(layers, X, Y=None):
    """Outputs of several steps, and the columns behind them."""
    for layer in layers:
        X, Y = layer.trace(X, Y)
    return X, Y


def restore(layers, R, n_inputs):
    """Values of the outputs of several steps as values of their inputs."""
    for layer in reversed(layers):
        R = layer.restore(R, layer.n_inputs)
    return R


def dense(X):
    """Rows as a float array of two axes, whether sparse, a frame or a column."""
    X = X.toarray() if sparse.issparse(X) else np.asarray(X)
    return X.reshape(len(X), -1)


def numbers(X):
    """Rows as `dense` gives them, of numbers whatever their type was."""
    return dense(X).astype(float)


def unknown(n, d):
    """Values of which nothing is known."""
    return np.full((n, d), np.nan, dtype=object)


def is_missing(values):
    """Whether values are None, NaN or pandas' NA; ndarray of bool."""
    return np.frompyfunc(_is_missing, 1, 1)(values).astype(bool)


def _is_missing(value):
    if isinstance(value, str):
        return False
    # NA is neither equal nor unequal to itself
    return value is None or type(value).__name__ == "NAType" or value != value
