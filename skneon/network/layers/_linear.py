# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that are linear: one point against another."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import issparse

from skneon.network.layers._inputs import Inputs
from skneon.network.layers._units import Units
from skneon.network.rules._shapley import marginal_background, pooled_shapley


@dataclass(frozen=True)
class Pairs:
    r"""Linear units h_t = |z - s_t|^2 - |z - o_t|^2, an own point o_t, a rival s_t.

    With a base point b near the rows they are :math:`w_t^\top (z - b) + c_t`, which no
    common offset of the data can round off, and their signed shares
    :math:`(z_i - s_{ti})^2 - (z_i - o_{ti})^2`, through inputs z = y A + b,

    .. math:: (y - \hat b) \circ \alpha_t + (z - b) A^\top \circ \beta_t + \kappa_t .

    Attributes
    ----------
    base : ndarray of shape (p,)
    base_preimage : ndarray of shape (m,)
    w : ndarray of shape (T, p)
        2 (o_t - s_t).
    alpha, beta, kappa : ndarray of shape (T, m)
    competes : ndarray of bool, shape (T,)
    """

    base: np.ndarray
    base_preimage: np.ndarray
    w: np.ndarray
    alpha: np.ndarray
    beta: np.ndarray
    kappa: np.ndarray
    competes: np.ndarray

    @classmethod
    def of(cls, base, own, rivals, competes, inputs):
        """The units of own points and rivals, (T, p) or broadcast to it."""
        own, rivals = np.broadcast_arrays(own, rivals)
        points = np.concatenate([base[None], own, rivals])
        preimages, T = inputs.pull(points), len(own)
        q, p = base - points, preimages[0] - preimages
        q_own, q_rival = q[1 : T + 1], q[T + 1 :]
        p_own, p_rival = p[1 : T + 1], p[T + 1 :]
        return cls(
            base=base,
            base_preimage=preimages[0],
            w=2 * (own - rivals),
            alpha=inputs.back(q_rival - q_own),
            beta=p_rival - p_own,
            kappa=p_rival * inputs.back(q_rival) - p_own * inputs.back(q_own),
            competes=competes,
        )

    def activations(self, Z):
        """h, shape (n, T); +inf where a unit does not compete."""
        constant = self.kappa.sum(axis=1)
        if issparse(Z):
            H = Z @ self.w.T + (constant - self.w @ self.base)
        else:
            H = (Z - self.base) @ self.w.T + constant
        H[:, ~self.competes] = np.inf
        return H

    def shares(self, X, inputs):
        """Signed shares of every h_t before gathering, shape (T, n, m)."""
        terms = self._terms(X, inputs)
        return sum(x * slope[:, None] for x, slope in terms) + self.kappa[:, None]

    def weighted_shares(self, X, factor, inputs):
        """sum_t factor_nt times the shares, shape (n, m)."""
        terms = self._terms(X, inputs)
        return sum(x * (factor @ slope) for x, slope in terms) + factor @ self.kappa

    def _terms(self, X, inputs):
        """What the shares are linear in, and the slopes."""
        offset = X - self.base_preimage
        if inputs.matrix is None:
            return [(offset, self.w)]
        back = inputs.back(inputs.project(X) - self.base)
        return [(offset, self.alpha), (back, self.beta)]


class LinearPairs(Units):
    r"""Linear units, each of which contrasts a row's cluster with a rival.

    Rules, by `rule`:

    - "w-square" (chapter #4.1): :math:`R_i = \sum_k w_{ki}^2 / \|w_k\|^2 \, R_k`.
      All of one sign. A unit whose centroids coincide dissipates its R_k.
    - "midpoint" (Kauffmann et al., arXiv 1906.07633):
      :math:`R_i = \sum_k (x_i - m_{ki}) w_{ki} / h_k \, R_k`. Signed: the shares are
      :math:`(x_i - \mu_{ki})^2 - (x_i - \mu_{ci})^2`. The factor R_k / h_k is
      clipped to the unit's soft argmin weight p_k, that is f / h_k to [-1, 1]: a
      unit hands on no more than its own activation. Nothing is clipped for the
      cluster that x is assigned to, where 0 <= f <= h_k.
    - "shapley" (ours): the Shapley value of the min-pooling over the same signed
      shares, with the players' sets :math:`v(S) = \min_k \sum_{i \in S}
      [(x_i - \mu_{ki})^2 - (x_i - \mu_{ci})^2]`: what a feature adds to the evidence,
      averaged over the orders in which features can come in. Needs no R_k; see
      `pooled_shapley`.
    - "interventional" (Shapley values as the SHAP literature has them): features that
      are left out take the values of a background b instead,
      :math:`v(S) = E_b \min_k [\sum_{i \in S} H_{ki}(x) + \sum_{i \notin S}
      H_{ki}(b)]` with the signed shares H. The relevances sum to f less v(empty), the
      expected evidence of a background row.
    - "activation" (chapter A.3), for rows a >= 0 that are activations of another
      network: of :math:`R_k = p_k f` only :math:`p_k\, w_k^\top a` is shared, by
      :math:`a_i w_{ki}`, which makes :math:`R_i = a_i \sum_k p_k w_{ki}`; the rest
      dissipates.

    Subclasses define ``n_clusters``, ``nearest(X)``, ``owners(X, query)`` (the number
    of the pairs that a row asks about), ``pairs(owner)``, ``excluded(owners, query)``
    (the units that a chosen rival rules out, a mask), ``rivals`` and ``reference``.

    Parameters
    ----------
    d : int
    n_units : int
        The most units that a row has.
    rule : {"w-square", "midpoint", "shapley", "interventional", "activation"}
    n_subsets : int, default=16
        Accuracy of both Shapley rules: Sobol points for each node of the quadrature.
    training : ndarray of shape (n, d), or None
        For "interventional": rows that the background is drawn from.
    """

    accepts_sparse = True

    def __init__(self, d, n_units, rule, n_subsets=16, training=None):
        self.n_units = n_units
        self.rule = rule
        self.n_subsets = n_subsets
        self.training = training
        super().__init__(Inputs.identity(d))

    def _connect(self, inputs):
        super()._connect(inputs)
        if self.training is None:
            return
        if inputs.matrix is not None:
            raise ValueError(
                'rule="interventional" cannot look through a linear step such as PCA: '
                'take rule="shapley".'
            )
        self.background = marginal_background(self.training, inputs.parents)

    @property
    def width(self):
        """Numbers that a row takes: a unit each, or all features of each."""
        by_feature = self.n_units * len(self.inputs.parents)
        if self.rule == "interventional":
            return by_feature * len(self.background)
        return by_feature if self.rule == "shapley" else self.n_units

    @property
    def activations_only(self):
        """Whether rows must be activations of another network."""
        return self.rule == "activation"

    def clusters(self, X, query):
        """The cluster asked for, else the nearest; ndarray of int, shape (n,)."""
        return self.nearest(X) if query.cluster is None else query.cluster

    def _by_owner(self, X, query):
        """The pairs that are asked about, each with its rows."""
        owners = self.owners(X, query)
        order, starts = grouped(owners)
        for rows in np.split(order, starts[1:]):
            if len(rows):
                yield rows, self.pairs(owners[rows[0]])

    def forward(self, X, query):
        """Activations h, shape (n, n_units); +inf where a unit does not compete."""
        H = np.full((X.shape[0], self.n_units), np.inf)
        for rows, pairs in self._by_owner(X, query):
            activations = pairs.activations(self.inputs.project(X[rows]))
            H[rows, : activations.shape[1]] = activations
        if query.rival is not None:
            H[self.excluded(self.owners(X, query), query)] = np.inf
        return H

    def contributions(self, X, query):
        """Signed shares of every h_k, shape (n_units, n, n_columns)."""
        C = np.zeros((self.n_units, len(X), self.inputs.n_columns))
        for rows, pairs in self._by_owner(X, query):
            shares = self.inputs.gather(pairs.shares(X[rows], self.inputs))
            C[: len(shares), rows] = shares
        return C

    def relevance(self, X, H, R, weights, query):
        """R_i, shape (n, n_columns)."""
        if self.rule in ("shapley", "interventional"):
            return self._shapley_values(X, H, query)
        out = np.zeros_like(X)
        factor = midpoint_factor(H, R, weights) if self.rule == "midpoint" else None
        for rows, pairs in self._by_owner(X, query):
            units = slice(len(pairs.w))
            if self.rule == "midpoint":
                some = factor[rows, units]
                out[rows] = pairs.weighted_shares(X[rows], some, self.inputs)
            elif self.rule == "activation":
                slope = self.inputs.back(weights[rows, units] @ pairs.w)
                out[rows] = X[rows] * slope
            else:
                out[rows] = R[rows, units] @ square_shares(self.inputs.back(pairs.w))
        return self.inputs.gather(out)

    def _shapley_values(self, X, H, query):
        """Relevances by either Shapley rule, at once for rows with the same rivals."""
        out = np.zeros((len(X), self.inputs.n_columns))
        asked = np.column_stack([self.owners(X, query), np.isfinite(H)])
        questions, of = np.unique(asked, axis=0, return_inverse=True)
        for question, (owner, *competes) in enumerate(questions):
            rows = np.flatnonzero(of.ravel() == question)
            rivals = np.flatnonzero(competes)
            if len(rivals):  # a single cluster has none
                score = H[rows].min(axis=1)
                out[rows] = self._shapley_of(X[rows], owner, rivals, score)
        return out

    def _shapley_of(self, X, owner, rivals, score):
        C = self._shares(X, owner)[rivals]
        if self.rule == "shapley":
            return pooled_shapley(C, lambda T: T.min(axis=0), score, self.n_subsets)
        # a unit for each rival and background row, whose shares x's take the place of
        shares = self._shares(self.background, owner)[rivals][:, :, None]
        C = C[:, None] - shares
        offset = shares.sum(axis=3)[..., None]

        def pool(T):
            T = T.reshape(*offset.shape[:2], *T.shape[1:]) + offset
            return T.min(axis=0).mean(axis=0)

        expected = offset.min(axis=0).mean()
        C = C.reshape(-1, *C.shape[2:])
        return pooled_shapley(C, pool, score - expected, self.n_subsets)

    def _shares(self, X, owner):
        """Signed shares by explained column, shape (T, n, n_columns)."""
        return self.inputs.gather(self.pairs(owner).shares(X, self.inputs))


def grouped(owners):
    """Numbers of the rows, owner by owner, and where each one's start."""
    # keys of few bytes are sorted by radix
    keys = owners.astype(np.min_scalar_type(owners.max(initial=0)))
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    return order, [0, *starts] if len(owners) else []


def square_shares(w):
    """w_ki^2 / |w_k|^2, and 0 for a unit without direction. Shape (K, d)."""
    square = w**2
    norm = square.sum(axis=1, keepdims=True)
    return np.divide(square, norm, out=np.zeros_like(w), where=norm > 0)


def midpoint_factor(H, R, weights):
    """R_k / h_k clipped to [-p_k, p_k]; p_k where both are 0. Shape (n, K)."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factor = R / H
    # where both are 0 it is no number, which fmin passes over
    np.fmin(factor, weights, out=factor)
    if R.min(initial=0.0) < 0:
        np.maximum(factor, -weights, out=factor)
    return factor
