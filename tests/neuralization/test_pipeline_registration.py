# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""New kinds of steps and models in pipelines."""

import numpy as np
import pytest
from helpers.pipelines import check_column_wise, numeric_rows
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skneon import NeonKDE, explain, neuralize
from skneon.network import (
    ColumnWise,
    IntegratedSoftArgmin,
    LogMeanExp,
    Min,
    Network,
    SquaredDistance,
    SupportWeights,
)
from skneon.neuralization import NeuralizedModel

X = numeric_rows(40, 4)


class Doubled(TransformerMixin, BaseEstimator):
    """A transformer that is registered with parents of the test's choice."""

    def __init__(self, counts=True):
        self.counts = counts

    def fit(self, X, y=None):
        self.fitted_ = True
        if self.counts:
            self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        return 2 * X


@pytest.mark.parametrize(
    ("parents", "message"),
    [
        (
            [0],
            r"step 'doubled': `transform` returns shape \(n, 4\), .*describes \(n, 1\)",
        ),
        (
            [0, 1, 2, 4],
            "step 'doubled': `parents` contains 4, but .* inputs 0 to 3. Fix the `par",
        ),
    ],
)
def test_layers_with_other_parents_than_the_step_has(parents, message):
    neuralize.register(Doubled, lambda model: ColumnWise(model.transform, parents))
    pipeline = make_pipeline(Doubled(), NeonKDE()).fit(X)
    with pytest.raises(TypeError, match=message):
        explain(pipeline, X)
    uncounted = make_pipeline(Doubled(counts=False), NeonKDE()).fit(X)
    with pytest.raises(
        TypeError, match=r"Doubled has no n_features_in_.* Set n_features_in_ in fit"
    ):
        explain(uncounted, X)


@pytest.fixture
def registered():
    """Kinds that are registered for one test; the registry is as it was, afterwards."""
    before = set(neuralize.registry)
    yield
    # functools has no way to unregister
    registry = neuralize.register.__closure__
    for cell in registry:
        contents = cell.cell_contents
        if isinstance(contents, dict):
            for kind in set(contents) - before:
                del contents[kind]
    neuralize._clear_cache()


def test_a_new_transformer_can_be_registered(registered):
    class Softplus(TransformerMixin, BaseEstimator):
        def fit(self, X, y=None):
            self.n_features_in_ = X.shape[1]
            return self

        def transform(self, X):
            return np.column_stack([np.log1p(np.exp(X)), X > 1])

    pipeline = make_pipeline(MinMaxScaler((0, 2)), Softplus(), NeonKDE(gamma=0.5)).fit(
        X
    )
    with pytest.raises(TypeError, match="step 'softplus': Softplus is not supported"):
        explain(pipeline, X)

    @neuralize.register
    def neuralize_softplus(model: Softplus):
        d = model.n_features_in_
        parents = np.tile(np.arange(d), 2)
        return ColumnWise(
            model.transform, parents, lambda R: np.log(np.expm1(R[:, :d]))
        )

    got, own = check_column_wise(pipeline, X)
    inner = np.log(np.expm1(own.compared_with[:, :4]))
    np.testing.assert_allclose(got.compared_with, pipeline[0].inverse_transform(inner))


@pytest.mark.parametrize("returned", ["a network", "nothing"])
def test_a_function_that_returns_no_neuralized_model(registered, returned):
    class Nearby(BaseEstimator):
        def fit(self, X, y=None):
            self.points_, self.n_features_in_ = X[:3], X.shape[1]
            return self

    @neuralize.register
    def neuralize_nearby(model: Nearby, *, rule="integrated"):
        units = SquaredDistance(model.points_)
        return Network(units, Min()) if returned == "a network" else None

    found = "<Network: SquaredDistance, Min>" if returned == "a network" else "None"
    message = (
        f"neuralize_nearby, which is registered for Nearby, returned {found}.*: it"
    )
    for model in (Nearby(), make_pipeline(StandardScaler(), Nearby())):
        with pytest.raises(TypeError, match=message):
            explain(model.fit(X), X)
        message_of_option = r"neuralize\(Nearby\) takes no target; it takes rule\."
        with pytest.raises(TypeError, match=message_of_option):
            explain(model, X, target="outlier")


def test_a_new_model_can_be_registered(registered):
    class FarFromSome(BaseEstimator):
        def fit(self, X, y=None):
            self.points_, self.n_features_in_ = np.array(X[:3]), X.shape[1]
            return self

    @neuralize.register
    def neuralize_far(model: FarFromSome, **options):
        weights = SupportWeights(np.full(3, 1 / 3))
        network = Network(
            SquaredDistance(model.points_),
            LogMeanExp(2.0, weights),
            IntegratedSoftArgmin(),
        )
        return NeuralizedModel(model, network, "distance")

    pipeline = make_pipeline(StandardScaler(), PCA(), FarFromSome()).fit(X)
    Z = StandardScaler().fit_transform(X)
    expected = explain(NeonKDE(gamma=2.0).fit(Z[:3]), Z)
    got = explain(pipeline, X)
    assert got.target == "distance"
    np.testing.assert_allclose(got.relevance, expected.relevance, rtol=1e-8)
    with pytest.raises(ValueError, match="pass X"):
        explain(pipeline)


def test_the_registry_is_as_it_was():
    names = {kind.__name__ for kind in neuralize.registry}
    assert not names & {"Softplus", "FarFromSome"}
