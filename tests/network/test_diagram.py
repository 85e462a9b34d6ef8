# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Diagrams say what layers compute and what rules hand down, and nothing else."""

from inspect import isabstract

import numpy as np
import pytest
from helpers.pooling_equations import POOLINGS
from scipy.spatial.distance import cdist
from scipy.stats import rankdata

from skneon import network as public
from skneon.network import (
    CentroidPairs,
    GroupedMin,
    Midpoint,
    Min,
    Network,
    Pooling,
    Query,
    Rule,
    Units,
    WSquare,
    rule_named,
)
from skneon.network._diagram import LAYER, RULE, diagram_of, own_text
from skneon.network.layers._linear import LinearPairs
from skneon.network.rules._registry import RULES
from skneon.testing._specimens import SPECIMENS

NETWORKS = {name: specimen.network(None) for name, specimen in SPECIMENS.items()}
PUBLIC = [vars(public)[name] for name in public.__all__]
CLASSES = [kind for kind in PUBLIC if isinstance(kind, type)]


def squared(units, X):
    return cdist(units.inputs.project(X), units.support, "sqeuclidean")


def to_the_mean(units, X):
    nearest = np.argsort(squared(units, X), axis=1)[:, : units.search.n_neighbors]
    means = units.support[nearest].mean(axis=1)
    return np.sum((X - means) ** 2, axis=1, keepdims=True)


def metric(units, X):
    d = units.inputs.project(X)[:, None] - units.means
    return np.square(np.einsum("nki,kij->nkj", d, units.factors)).sum(axis=2)


def ward(units, X):
    sizes = units.tree.size if hasattr(units, "tree") else units.sizes
    return 2 * sizes / (sizes + 1) * squared(units, X)


def last_merge(units, X):
    """Of complete linkage."""
    sides = (units.points[units.tree.rows(node)] for node in units.tree.children[-1])
    return np.full((len(X), 1), cdist(*sides).max())


def cosines(units, X):
    def features(Z):
        return np.sqrt(2) * np.cos(Z @ units.omega.T + units.phase - center)

    center = units.points.center @ units.omega.T
    mean = units.support_weights.weights @ features(units.support)
    return features(X) * mean


# what the printed equations say, by other means than the layers'
def neighbors(units, X):
    """Affinities by sorting, where nothing ties."""
    k, U = units.n_neighbors, units.inputs.project(units.support)
    D, among = cdist(X, U, "sqeuclidean"), cdist(U, U, "sqeuclidean")
    np.fill_diagonal(among, np.inf)
    H = (np.sort(D, axis=1)[:, [k - 1]] >= D) * 1.0
    H += D < np.sort(among, axis=1)[:, k - 1]
    return H / H.sum(axis=1, keepdims=True)


UNITS = {
    "h_n = ([n among the k nearest of x] + [x among": lambda u, X, c: neighbors(u, X),
    "h_k = ‖x − u_k‖²": lambda u, X, c: squared(u, X),
    "h_k = ‖x − u_k‖²,  s = Σ_i 1/m = 1": lambda u, X, c: np.column_stack(
        [squared(u, X), np.ones(len(X))]
    ),
    "h = ‖x − z̄‖²,": lambda u, X, c: to_the_mean(u, X),
    "h = ‖x − z̄‖,": lambda u, X, c: np.sqrt(to_the_mean(u, X)),
    "h_k = ‖x − u_k‖": lambda u, X, c: np.sqrt(squared(u, X)),
    "h_k = 2 n_k / (n_k + 1) ‖x − μ_k‖²": lambda u, X, c: ward(u, X),
    "h² = max_ab ‖a − b‖² over rows a, b": lambda u, X, c: last_merge(u, X),
    "h_k = exp(−γ ‖x − u_k‖²),  γ": lambda u, X, c: np.exp(-u.gamma * squared(u, X)),
    "h_j = √2 cos(ω_jᵀx + b_j) μ_j,": lambda u, X, c: cosines(u, X),
    "h_k = ‖(x − μ_k) / σ‖": lambda u, X, c: cdist(
        X * u.factors[0], u.means * u.factors[0]
    ),
    "h_k = ‖L_kᵀ(x − μ_k)‖²": lambda u, X, c: metric(u, X),
    "h_k = s − wᵀ(x − m)": lambda u, X, c: (
        u.level - ((u.inputs.project(X) - u.point) @ u.slopes)[:, None]
    ),
    "h_j = cos(ω_jᵀx + b_j)": lambda u, X, c: np.cos(X @ u.omega.T + u.phase),
    "h_k = Σ_v g_v over the nodes v of the row's path": lambda u, X, c: saved(u, X),
    "h_k = o_k(x_i, i among the columns of member k)": lambda u, X, c: np.column_stack(
        [tails_of(u.networks[0].units, X), distances_of(u.networks[1].units, X)]
    ),
    "h_k = f_k(x_k)": lambda u, X, c: np.column_stack(
        [f(z) for f, z in zip(u.functions, u.inputs.project(X).T, strict=True)]
    ),
    "h_k = max(l_k, r_k, [s_k ≤ 0] l_k + [s_k ≥ 0] r_k)": lambda u, X, c: tails(
        u, X, lambda left, right: np.maximum(left, right)
    ),
    "h_k = max((l_k + r_k) / 2, [s_k ≤ 0] l_k + [s_k ≥ 0] r_k)": lambda u, X, c: tails(
        u, X, lambda left, right: (left + right) / 2
    ),
    "h_k = ‖L_kᵀ(x − μ_k)‖² − ‖L_cᵀ(x − μ_c)‖²": lambda u, X, c: (
        metric(u, X) - metric(u, X)[np.arange(len(X)), c][:, None]
    ),
}


def saved(units, X):
    """The depth that each tree has for its rows, less that of each row."""
    found = np.empty((len(X), len(units.forest)))
    for k, tree in enumerate(units.forest.trees):
        for n, x in enumerate(X):
            node, depth = 0, 0
            while tree.left[node] >= 0:
                down = x[tree.feature[node]] <= tree.border[node]
                node, depth = (tree.left if down else tree.right)[node], depth + 1
            found[n, k] = tree.expected[0] - depth - tree.expected[node]
    return found


def tails(units, X, both):
    """Tails of each row among the rows of the fit and itself, by ranks."""
    found = np.empty(X.shape)
    for n, x in enumerate(X):
        among = np.vstack([units.rows, x])
        left, right = (
            -np.log(rankdata(sign * among, "max", axis=0)[-1] / len(among))
            for sign in (1, -1)
        )
        s = np.round(np.mean((among - among.mean(axis=0)) ** 3, axis=0), 12)
        skewed = (s <= 0) * left + (s >= 0) * right
        found[n] = np.maximum(both(left, right), skewed)
    return found


def tails_of(units, X):
    """The sum of tail scores of two columns, and the constant of the specimen."""
    own = tails(units, X[:, [2, 0]], np.maximum)
    return own.sum(axis=1) + 0.75


def distances_of(units, X):
    return cdist(X[:, 1:], units.support).mean(axis=1)


def formula(table, equation):
    """The function of the longest beginning that the equation has."""
    return table[max((k for k in table if equation.startswith(k)), key=len)]


def question(name):
    """All rows of a specimen, and a cluster for each where there are some."""
    specimen = SPECIMENS[name]
    cluster = np.arange(len(specimen.rows)) % max(specimen.n_clusters, 1)
    return specimen.rows, Query(cluster=cluster if specimen.n_clusters else None)


@pytest.mark.parametrize("name", NETWORKS)
def test_layers_compute_what_the_diagram_says(name):
    net, (X, query) = NETWORKS[name], question(name)
    H = net.units.forward(X, query)
    _, units, *_, pooling, _ = diagram_of(net).forward
    if not isinstance(net.units, LinearPairs):
        expected = formula(UNITS, units.lines[0].text)(net.units, X, query.cluster)
        competes = np.isfinite(H)
        np.testing.assert_allclose(H[competes], expected[competes], 1e-3, 1e-3)
    for layer in net.middle:
        H = layer.forward(H, query)
    if "over its members" in pooling.lines[0].text:
        return  # its reference is in the tests of the layer
    found = formula(POOLINGS, pooling.lines[0].text)(net.pooling, H, query)
    np.testing.assert_allclose(net.pooling.forward(H, query), found, 1e-5, 1e-5)


def test_linear_units_are_what_the_diagram_says():
    for name, own, rival in (("centroids", "μ_c", "μ_k"), ("splits", "o_k", "s_k")):
        units = NETWORKS[name].units
        text = diagram_of(NETWORKS[name]).forward[1].lines[0].text
        assert text.startswith(f"h_k = ‖x − {rival}‖² − ‖x − {own}‖²")
        X, query = question(name)
        C, H = units.contributions(X, query), units.forward(X, query)
        competes = np.isfinite(H)
        np.testing.assert_allclose(C.sum(axis=2).T[competes], H[competes], atol=1e-9)
    units = NETWORKS["centroids"].units
    d = cdist(X, units.centroids, "sqeuclidean")
    own = d[np.arange(len(X)), query.cluster][:, None]
    H = units.forward(X, query)
    np.testing.assert_allclose(H[H < np.inf], (d - own)[H < np.inf], atol=1e-9)


def test_contributions_are_what_the_diagram_says():
    for name, net in NETWORKS.items():
        X, query = question(name)
        parts = net.units.parts
        if parts == "C_ki = (x_i − u_ki)²" and net.units.inputs.one_to_one:
            expected = np.square(X - net.units.support[:, None])
        elif parts == "C_ki = (x_i − μ_ki)² / σ_i²":
            expected = np.square((X - net.units.means[:, None]) * net.units.factors[0])
        elif parts == "C_ki = (x − μ_k)_i [L_k L_kᵀ (x − μ_k)]_i":
            d, L = X - net.units.means[:, None], net.units.factors
            expected = d * (d @ (L @ np.swapaxes(L, 1, 2)))
        else:
            continue
        found = net.units.contributions(X, query)
        np.testing.assert_allclose(found, expected, 1e-4, 1e-4)


@pytest.mark.parametrize("name", SPECIMENS)
def test_relevances_sum_to_what_the_diagram_says(name):
    specimen, (X, query) = SPECIMENS[name], question(name)
    for rule in [Rule(), *(kind() for kind in RULES.values())]:
        if specimen.asks and not set(specimen.asks) & set(rule.needs):
            continue
        try:
            net = specimen.network(rule)
        except (TypeError, ValueError):
            continue
        total = diagram_of(net).backward[-1].text
        found = net.propagate(X, query)
        residual = found.score - found.relevance.sum(axis=1)
        size = np.abs(found.relevance).sum(axis=1) + np.abs(found.score) + 1
        nothing = np.all(np.abs(residual) <= max(specimen.rtol, 1e-8) * size)
        assert "less the residual" in total or nothing, (rule, total, residual)
        assert total.startswith("Σ_i R_i = ")


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_words_and_equations(name):
    rule = rule_named(name)
    assert own_text(rule, "words", RULE)
    assert own_text(rule, "equations", RULE)
    assert own_text(rule, "keeps", RULE)


def test_every_layer_has_words_and_an_equation():
    kinds = {type(layer) for net in NETWORKS.values() for layer in net.layers}
    kinds.add(GroupedMin)
    for kind in CLASSES:
        if issubclass(kind, Units | Pooling) and not isabstract(kind):
            assert kind in kinds, f"no specimen has {kind}"
    for net in NETWORKS.values():
        for layer in (net.units, net.pooling):
            assert own_text(layer, "words", LAYER), layer
            assert own_text(layer, "equation", LAYER), layer
            assert not own_text(layer, "words", LAYER)[0].isupper()
        assert net.units.n_units == net.units.forward(*question_of(net)).shape[1]
    for name in ("Branches", "ColumnWise", "LinearMap", "RowScaled"):
        kind = vars(public)[name]
        assert kind.words and kind.equation and kind.returned


def question_of(net):
    return question(next(name for name, other in NETWORKS.items() if other is net))


def test_several_points_a_cluster():
    H, query = np.array([[3.0, 1.0, 2.0, 5.0]]), Query(cluster=np.array([1]))
    pooling = GroupedMin(np.array([0, 0, 1, 1]))
    words = own_text(pooling, "words", LAYER)
    assert words == "how much nearer a point of cluster c is than any of its rivals"
    assert pooling.equation == "f = min_k h_k over k ∉ c − min_k h_k over k ∈ c"
    assert pooling.forward(H, query) == 1.0 - 2.0


class Sharper(Midpoint):
    name = "sharper"

    def to_columns(self, network, X, H, passed, query):
        return super().to_columns(network, X, H, passed, query) ** 2


class Farther(CentroidPairs):
    def forward(self, X, query):
        return 2 * super().forward(X, query)


class Least(Min):
    """What it computes is what its parent does."""


def test_what_others_change_is_not_said_to_be_as_before():
    centroids = np.eye(3)
    net = Network(Farther(centroids), Least(), Sharper(beta=1.0))
    found = diagram_of(net)
    _, units, _, pooling, score = found.forward
    assert (units.name, units.words, units.lines) == ("Farther", "", ())
    assert pooling.lines[0].text == "f = min_k h_k"
    assert (found.rule, score.name) == ('by rule "sharper"', "score f")
    assert [line.text for line in found.backward] == [
        "Σ_i R_i = f less the residual: see Explanation.residual"
    ]
    plain = Network(CentroidPairs(centroids), Least(), WSquare(beta=1.0))
    assert len(diagram_of(plain).backward) == 3


def test_layers_in_the_middle_hand_relevance_on():
    specimen = SPECIMENS["distances-with-a-middle"]
    lines = diagram_of(specimen.network(rule_named("integrated"))).backward
    assert [line.of for line in lines] == ["", "Halves", "", "", ""]
    assert diagram_of(NETWORKS["distances"]).backward == ()
