# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Steps of any kind on a single column: whatever they make is that column's.

The reference finds the parents of all outputs by changing one raw column at a time.
"""

import numpy as np
import pandas as pd
import pytest
from helpers.pipelines import check_additive, check_column_wise
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.decomposition import KernelPCA
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.kernel_approximation import Nystroem, RBFSampler
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    Normalizer,
    OneHotEncoder,
    PolynomialFeatures,
    StandardScaler,
)

from skneon import NeonKDE, explain
from skneon.metrics import exact_shapley

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

N = 40
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "hour": RNG.integers(0, 24, N).astype(float),
        "volume": RNG.gamma(3, 2, N),
        "text": [
            ["red fox", "fox and hen", "law of tax", "rain"][i % 4] for i in range(N)
        ],
    }
)


def circle(H):
    a = 2 * np.pi * np.asarray(H, float).reshape(len(H), -1) / 24
    return np.hstack([np.sin(a), np.cos(a)])


class Levels(TransformerMixin, BaseEstimator):
    """A step of one's own: how often a column has been above some levels."""

    def fit(self, X, y=None):
        self.n_features_in_ = np.shape(X)[1]
        self.levels_ = np.quantile(np.asarray(X, float), [0.25, 0.5, 0.75])
        return self

    def transform(self, X):
        return (np.asarray(X, float).reshape(-1, 1) > self.levels_).astype(float)


class Bare(Levels):
    """The same, which does not tell how many columns it was fitted to."""

    def fit(self, X, y=None):
        super().fit(X)
        del self.n_features_in_
        return self


NUMERIC = {
    "circle": FunctionTransformer(circle),
    "circle, as if one-to-one": FunctionTransformer(
        circle, feature_names_out="one-to-one"
    ),
    "own": Levels(),
    "kernel PCA": KernelPCA(3, kernel="rbf"),
    "nystroem": Nystroem(n_components=3, random_state=0),
    "powers": PolynomialFeatures(3, include_bias=False),
    "several": make_pipeline(
        StandardScaler(), Levels(), PolynomialFeatures(2, include_bias=False)
    ),
    "union": make_union(Levels(), FunctionTransformer(circle)),
    "bare": Bare(),
    "bare union": make_union(Bare(), FunctionTransformer(circle)),
    "frozen": FrozenEstimator(Levels().fit(FRAME[["hour"]])),
    "inside": make_column_transformer((make_pipeline(Levels(), Normalizer()), [0])),
}


@pytest.mark.parametrize("step", NUMERIC.values(), ids=NUMERIC)
def test_all_that_is_made_of_a_column_is_its_own(step):
    table = FRAME[["hour", "volume"]]
    steps = make_column_transformer((step, ["hour"]), (StandardScaler(), ["volume"]))
    for got, _, _ in check_additive([steps], table):
        assert got.relevance[:, 0].any()
    if step in (NUMERIC["bare"], NUMERIC["bare union"]):
        return
    whole = make_pipeline(step, KMeans(2, n_init=1, random_state=0))
    one = whole.fit(FRAME[["hour"]])
    check_column_wise(one, FRAME[["hour"]], rule="midpoint")


def test_several_columns_are_refused_as_before():
    steps = make_column_transformer((Levels(), ["hour", "volume"]))
    model = make_pipeline(steps, NeonKDE()).fit(FRAME)
    with pytest.raises(TypeError, match=r"columntransformer__levels.*Levels is not"):
        explain(model, FRAME)


@pytest.mark.parametrize("vectorizer", [TfidfVectorizer(), CountVectorizer()])
def test_a_text_column_among_others(vectorizer):
    prepare = make_column_transformer(
        (vectorizer, "text"),
        (make_pipeline(OneHotEncoder(), Normalizer()), ["text"]),
        (RBFSampler(n_components=4, random_state=0), ["hour"]),
        remainder=StandardScaler(),
        sparse_threshold=0,
    )
    for got, _, _ in check_additive([prepare], FRAME):
        assert got.feature_names == ("hour", "volume", "text")


def test_columns_are_the_players_of_the_game():
    """Both outputs of a column come and go together."""
    table = FRAME[["hour", "volume"]]
    prepare = make_column_transformer(
        (NUMERIC["circle"], ["hour"]), ("passthrough", [1])
    )
    model = make_pipeline(prepare, KMeans(3, n_init=1, random_state=0)).fit(table)
    got = explain(model, table.iloc[:5])
    np.testing.assert_allclose(
        got.relevance, exact_shapley(model, table.iloc[:5]), rtol=1e-9, atol=1e-12
    )
