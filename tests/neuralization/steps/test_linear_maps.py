# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Linear steps, folded into the units behind them.

The slow reference finds the map A and its offset by sending unit vectors through the
fitted steps, and takes shares of squared distances from the formula
(y - u)_i [(z - A u) A']_i, with u the preimage that is nearest to the center.
"""

import numpy as np
import pytest
from helpers import reference
from helpers.laws import assert_close
from helpers.pipelines import dependence, mixed_frame, numeric_rows, plain
from sklearn.cluster import FeatureAgglomeration, KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, FastICA, IncrementalPCA, TruncatedSVD
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    RobustScaler,
    StandardScaler,
)
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from skneon import NeonKDE, NeonKMeans, explain
from skneon.network import Midpoint, WSquare

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

X = numeric_rows(40, 5)
y = X[:, 1] + np.cos(np.arange(40))
RULES = {"midpoint": Midpoint, "w-square": WSquare}


class Folded:
    """The map of fitted linear steps, by what they make of unit vectors."""

    def __init__(self, tail, m, center):
        self.b = plain(tail.transform(np.zeros((1, m))))[0]
        self.A = plain(tail.transform(np.eye(m))) - self.b
        self.center = np.zeros(m) if center is None else center

    def preimage(self, u):
        missed = u - (self.center @ self.A + self.b)
        return self.center + np.linalg.lstsq(self.A.T, missed, rcond=1e-10)[0]

    def shares(self, y, u):
        return (y - self.preimage(u)) * (self.A @ (y @ self.A + self.b - u))


def slow_kde(Y, folded, support, gamma):
    """R_i = sum_k I_k share_ki: the integrated soft argmin of the outlier score."""
    out = []
    for row in Y:
        S = np.array([folded.shares(row, u) for u in support])
        pi = np.full(len(S), 1 / len(S))
        weights = reference.integrated_weights(S.sum(axis=1), pi, gamma)
        out.append(weights @ S)
    return np.array(out, dtype=float)


def slow_evidence(Y, folded, mu, cluster, rule, beta):
    """Chapter #4.1 and arXiv 1906.07633 on shares instead of squared differences."""
    out = []
    for row, c in zip(Y, cluster, strict=True):
        S = np.array([folded.shares(row, u) for u in mu])
        rivals = [k for k in range(len(mu)) if k != c]
        h = np.array([(S[k] - S[c]).sum() for k in rivals])
        p = reference.soft_argmin(h, np.ones(len(h)), beta).astype(float)
        R = np.zeros(Y.shape[1])
        for k, h_k, p_k in zip(rivals, h, p, strict=True):
            if rule == "midpoint":
                R += p_k * np.clip(h.min() / h_k, -1, 1) * (S[k] - S[c])
            else:
                w = folded.A @ (mu[c] - mu[k])
                R += p_k * h.min() * w**2 / np.sum(w**2)
        out.append(R)
    return np.array(out)


def check_folded(head, tail, rows, center, target=None):
    """Both models behind a column-wise head and a linear tail, by the slow formula."""
    kde = make_pipeline(*head, tail, NeonKDE(gamma=0.05)).fit(rows, target)
    kmeans = make_pipeline(*head, tail, KMeans(3, n_init=1, random_state=0))
    kmeans.fit(rows, target)
    before = kde[: len(head)]
    Y = plain(before.transform(rows)) if head else plain(rows)
    M = dependence(before.transform, rows) if head else np.eye(Y.shape[1])
    folded = Folded(kde[len(head)], Y.shape[1], center(kde[len(head)]))
    support = plain(kde[:-1].transform(rows))
    some = slice(0, 40, 8)
    got = explain(kde, rows)[some]
    assert_close(got.score[:, None], explain(kde[-1], support).score[some, None])
    assert np.all(np.abs(got.residual) <= 1e-9 * np.abs(got.relevance).sum(axis=1))
    assert_close(got.relevance, slow_kde(Y[some], folded, support, 0.05) @ M)
    mu, cluster = kmeans[-1].cluster_centers_, kmeans[-1].labels_
    for rule in RULES:
        got = explain(kmeans, rows, rule=RULES[rule](0.3))[some]
        expected = slow_evidence(Y[some], folded, mu, cluster[some], rule, 0.3)
        np.testing.assert_allclose(got.relevance, expected @ M, rtol=1e-8, atol=1e-9)


def mean_of(step):
    """What inverse_transform of a principal component analysis adds."""
    return step.mean_


def origin(step):
    return None


LINEAR = [
    (PCA(2), mean_of),
    (PCA(), mean_of),
    (PCA(3, whiten=True), mean_of),
    (PCA(0.8, svd_solver="full"), mean_of),
    (IncrementalPCA(2), mean_of),
    (IncrementalPCA(3, whiten=True), mean_of),
    (TruncatedSVD(2, random_state=0), origin),
    (FastICA(2, random_state=0, whiten="unit-variance"), mean_of),
    (GaussianRandomProjection(3, random_state=0), origin),
    (GaussianRandomProjection(9, random_state=0), origin),
    (SparseRandomProjection(4, random_state=0, dense_output=True), origin),
    (FeatureAgglomeration(3), origin),
    (FeatureAgglomeration(2, linkage="single"), origin),
]


def name_of(value):
    return getattr(value, "__name__", None) or repr(value)


@pytest.mark.filterwarnings("ignore:The number of components is higher:UserWarning")
@pytest.mark.parametrize(("step", "center"), LINEAR, ids=name_of)
def test_linear_steps(step, center):
    check_folded([], step, X, center)


def test_agglomerated_columns_are_restored_as_their_mean():
    steps = FeatureAgglomeration(2)
    pipeline = make_pipeline(steps, NeonKMeans(2, random_state=0)).fit(X)
    got = explain(pipeline, X)
    centroids = pipeline[-1].cluster_centers_[got.rival]
    expected = steps.inverse_transform(centroids)
    np.testing.assert_allclose(got.compared_with, expected)


@pytest.mark.parametrize(("step", "center"), LINEAR[:3], ids=name_of)
def test_behind_steps_of_columns(step, center):
    rows = numeric_rows(40, 3)
    check_folded([FunctionTransformer(np.log), StandardScaler()], step, rows, center)
    bins = KBinsDiscretizer(3, encode="onehot-dense", strategy="uniform")
    if "whiten" in repr(step) or step.n_components is None:
        # one-hot columns are dependent: components of no variance
        step = PCA(3, whiten=step.whiten)
    check_folded([bins], step, rows, center)


def test_sparse_rows():
    frame = mixed_frame()[["city", "grade"]]
    for step in (
        TruncatedSVD(3, random_state=0),
        SparseRandomProjection(4, random_state=0),
    ):
        kmeans = KMeans(3, n_init=1, random_state=0)
        pipeline = make_pipeline(OneHotEncoder(), step, kmeans).fit(frame)
        encoder = OneHotEncoder(sparse_output=False).fit(frame)
        dense = Pipeline([("encoder", encoder), *pipeline.steps[1:]])
        got, expected = explain(pipeline, frame), explain(dense, frame)
        assert_close(got.relevance, expected.relevance)
        assert set(got.compared_with.ravel()) <= {*frame["city"], *frame["grade"]}


def test_more_steps():
    """Scalers, selectors, other linear steps and several branches behind a PCA."""
    selected = SelectKBest(f_regression, k=2)
    halves = ColumnTransformer(
        [("a", StandardScaler(), [3, 0]), ("b", "passthrough", [1])]
    )
    union = FeatureUnion(
        [("few", PCA(2)), ("all", RobustScaler()), ("some", selected)],
        transformer_weights={"few": 2.0, "some": -0.5},
    )
    for step in (
        StandardScaler(),
        MinMaxScaler(),
        MaxAbsScaler(),
        RobustScaler(),
        PCA(2),
        selected,
        halves,
        union,
        "passthrough",
        FunctionTransformer(),
        TruncatedSVD(2, random_state=0),
        make_pipeline(StandardScaler(), halves, PCA(2)),
    ):
        tail = Pipeline([("pca", PCA(4)), ("more", step)])
        check_folded([], tail, X, lambda tail: tail["pca"].mean_, y)


def test_a_linear_step_next_to_other_columns():
    """PCA of a block, and columns that are both in the block and beside it."""
    tail = ColumnTransformer(
        [("pca", PCA(2), [3, 0, 4]), ("rest", "passthrough", [1, 0])]
    )

    def center(tail):
        center = np.zeros(5)
        center[[3, 0, 4]] = tail.named_transformers_["pca"].mean_
        return center

    # column 2 is dropped
    check_folded([], tail, X, center)
    union = FeatureUnion(
        [("all", "passthrough"), ("pca", PCA(2))], transformer_weights={"pca": 3.0}
    )
    check_folded([], union, X, origin)
    svd = TruncatedSVD(2, random_state=0)
    twice = FeatureUnion([("pca", PCA(1)), ("svd", svd)])
    check_folded([], twice, X, lambda tail: tail.transformer_list[0][1].mean_)


def test_branches_that_share_nothing_add_up():
    """A distance in which branches of other columns have parts, each with its own."""
    halves = ColumnTransformer([("a", PCA(1), [0, 1]), ("b", PCA(2), [2, 3, 4])])
    pipeline = make_pipeline(halves, NeonKMeans(2, random_state=0, rule="midpoint"))
    got = explain(pipeline.fit(X), X)
    mu, labels = pipeline[-1].cluster_centers_, pipeline[-1].labels_
    expected = np.zeros_like(X)
    for columns, outputs, name in (([0, 1], [0], "a"), ([2, 3, 4], [1, 2], "b")):
        step = halves.named_transformers_[name]
        folded = Folded(step, len(columns), step.mean_)
        for n, row in enumerate(X[:, columns]):
            own, rival = mu[labels[n], outputs], mu[1 - labels[n], outputs]
            share = folded.shares(row, rival) - folded.shares(row, own)
            expected[n, columns] = share
    assert_close(got.relevance, expected)


def test_a_weight_of_zero_switches_a_branch_off():
    union = FeatureUnion(
        [("pca", PCA(2)), ("all", "passthrough")], transformer_weights={"all": 0.0}
    )
    got = explain(make_pipeline(union, NeonKDE(gamma=0.05)).fit(X), X)
    expected = explain(make_pipeline(PCA(2), NeonKDE(gamma=0.05)).fit(X), X)
    assert_close(got.relevance, expected.relevance)
    np.testing.assert_allclose(got.compared_with, expected.compared_with)


@pytest.mark.parametrize("rule", ["integrated", "exact-inlier", "uniform"])
@pytest.mark.parametrize(
    "step",
    [
        PCA(2),
        GaussianRandomProjection(9, random_state=0),
        FeatureUnion([("pca", PCA()), ("all", "passthrough")]),
    ],
    ids=["few", "many", "twice"],
)
@pytest.mark.filterwarnings("ignore:The number of components is higher:UserWarning")
def test_inlierness_adds_up_behind_maps_of_any_rank(step, rule):
    pipeline = make_pipeline(step, NeonKDE(gamma=0.02, rule=rule)).fit(X)
    got = explain(pipeline, X, target="inlier")
    size = np.abs(got.relevance).sum(axis=1)
    assert np.all(np.abs(got.residual) <= 1e-9 * size)
    assert got.score.max() > 0.02


def test_whitening_of_dependent_columns():
    """Refused where the last component is rounding scaled up."""
    for column, known in ((X[:, 0] - X[:, 1], 5), (np.zeros(40), 6)):
        rows = np.column_stack([X, column])
        for n_components in (None, 5):
            pca = PCA(n_components, whiten=True)
            pipeline = make_pipeline(pca, NeonKDE(gamma=0.1)).fit(rows)
            Z = pipeline[:-1].transform(rows)
            if Z.shape[1] > known:
                with pytest.raises(ValueError, match="Step 'pca' magnifies directions"):
                    explain(pipeline, rows)
                continue
            got = explain(pipeline, rows)
            np.testing.assert_allclose(got.score, pipeline[-1].outlierness(Z))
            size = np.abs(got.relevance).sum(axis=1)
            assert np.all(np.abs(got.residual) <= 1e-9 * size)


# Refusals


@pytest.mark.parametrize("pool", [np.median, np.max, lambda X, axis: X.mean(axis=axis)])
def test_columns_that_are_pooled_by_anything_but_their_mean(pool):
    pipeline = make_pipeline(FeatureAgglomeration(2, pooling_func=pool), NeonKDE())
    name = pool.__name__
    message = rf"FeatureAgglomeration\(pooling_func={name}\) pools.*=numpy.mean"
    with pytest.raises(TypeError, match=message):
        explain(pipeline.fit(X), X)


@pytest.mark.parametrize(
    "step",
    [
        FunctionTransformer(np.cbrt),
        MinMaxScaler(clip=True),
        KBinsDiscretizer(3, encode="onehot-dense", strategy="uniform"),
    ],
    ids=repr,
)
def test_steps_that_are_not_affine_cannot_stand_behind_a_linear_one(step):
    pipeline = Pipeline([("pca", PCA(2)), ("curve", step), ("kde", NeonKDE())]).fit(X)
    message = "through step 'curve': it is not affine.*Put it before that step"
    with pytest.raises(TypeError, match=message):
        explain(pipeline, X)
    nested = make_pipeline(
        PCA(2),
        ColumnTransformer(
            [("bent", Pipeline([("curve", step)]), [0]), ("s", "drop", [1])]
        ),
        NeonKDE(),
    ).fit(X)
    message = "through step 'columntransformer__bent__curve': it is not affine"
    with pytest.raises(TypeError, match=message):
        explain(nested, X)


def test_the_interventional_rule_cannot_look_through_a_linear_step():
    message = 'cannot look through a linear step such as PCA: take rule="shapley"'
    for model, options in ((KMeans(2, n_init=1), {"X_train": X}), (NeonKMeans(2), {})):
        pipeline = make_pipeline(PCA(2), model).fit(X)
        with pytest.raises(ValueError, match=message):
            explain(pipeline, X, rule="interventional", **options)
