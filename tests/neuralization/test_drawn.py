# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Diagrams of fitted models: Pipelines, questions, and games of Gaussians."""

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.covariance import EmpiricalCovariance
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skneon import NeonKDE, NeonKMeans, neuralize

X = np.random.default_rng(0).normal(size=(60, 4)) @ np.diag([1.0, 2.0, 0.5, 3.0])


def test_steps_have_shapes_and_names_of_their_own():
    scale = make_pipeline(StandardScaler(), StandardScaler())
    columns = make_column_transformer((scale, [0, 1]), (OneHotEncoder(), [2]))
    rows = np.column_stack([X[:, :2], np.arange(60) % 3])
    model = make_pipeline(columns, PCA(2), NeonKMeans(2, random_state=0, n_init=1))
    text = neuralize(model.fit(rows)).diagram()
    lines = [line.strip(" │") for line in text.split("\n")]
    widths = [line for line in lines if line[:1].isdigit() and "→" not in line]
    assert widths == [
        "3  columns x", "5  values x′", "2  inputs z", "2  units h",
        "1  score f: evidence for a cluster c",
    ]  # fmt: skip
    assert "2 → pipeline__standardscaler-1 → pipeline__standardscaler-2 → 2" in lines
    assert "1 → onehotencoder → 3" in lines
    assert "z = (x′ − m) V" in lines
    assert "C_ki = (y − μ̂_k)_i [(z − μ_k) Aᵀ]_i − the same of c," in lines
    # back through the last step first
    back = [line.split(":")[0] for line in lines[lines.index(widths[-1]) :]]
    assert back.index("pca") < back.index("columntransformer")


def test_the_title_and_the_score():
    text = neuralize(make_pipeline(StandardScaler(), NeonKDE()).fit(X)).diagram()
    assert text.startswith("Pipeline: standardscaler → neonkde\n")
    assert "1  score o: outlierness" in text
    assert (
        "score i: inlierness" in neuralize(NeonKDE().fit(X), target="inlier").diagram()
    )


def test_names_of_steps_are_escaped():
    pipe = Pipeline([("<b>", StandardScaler()), ("kde", NeonKDE())]).fit(X)
    html = neuralize(pipe)._repr_html_()
    assert "&lt;b&gt; (ColumnWise)" in html and "<b> (" not in html


@pytest.mark.parametrize("mixed", [False, True])
def test_games_of_gaussians(mixed):
    steps = [PCA(4)] if mixed else []
    y = "y" if mixed else "x"
    one = make_pipeline(*steps, EmpiricalCovariance()).fit(X)
    assert f"v(S) = ({y} − μ)_Sᵀ (Σ_SS)⁻¹ ({y} − μ)_S" in neuralize(one).diagram()
    integrated = neuralize(one, rule="integrated").diagram()
    assert f"t_i = ({y}_i − μ_i)/σ_i, P the correlations" in integrated
    odds = make_pipeline(*steps, GaussianMixture(2, random_state=0)).fit(X)
    text = neuralize(odds).diagram()
    assert f"log [p(c | {y}_S) / Σ_k p(k | {y}_S)]" in text
    assert "less the residual: the prior log-odds, log [w_c / Σ_k w_k]" in text
    density = neuralize(odds, target="outlier").diagram()
    assert f"m_k(S) = ½ ({y} − μ_k)_Sᵀ (Σ_kSS)⁻¹ ({y} − μ_k)_S" in density
    assert "Σ_i R_i = o less the residual: −log Σ_k exp(a_k)" in density


def test_what_the_constants_are():
    # a_k and w_k of the diagram
    mixture = GaussianMixture(2, random_state=0).fit(X)
    door = neuralize(mixture)
    residual = door.explain(X, cluster=1).residual
    w = mixture.weights_
    np.testing.assert_allclose(residual, np.log(w[1] / w[0]), atol=1e-9)
    outlier = neuralize(mixture, target="outlier")
    a = outlier.network.pooling.support_weights.log_weights
    residual = outlier.explain(X).residual
    np.testing.assert_allclose(residual, -np.log(np.exp(a).sum()), atol=1e-9)


@pytest.mark.parametrize(
    "model", [NeonKMeans(1, n_init=1), GaussianMixture(1), make_pipeline(NeonKMeans(1))]
)
def test_a_single_cluster_has_nothing_to_share(model):
    door = neuralize(model.fit(X))
    assert "R_i = 0: without a rival" in door.diagram()
    found = door.explain(X)
    assert np.isinf(found.score).all() and not found.relevance.any()
