# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""skrub's transformers in Pipelines: each output belongs to the column it is made of.

The reference finds the parents of all outputs by changing one raw column at a time.
"""

import numpy as np
import pandas as pd
import pytest
from helpers.pipelines import check_column_wise, dependence
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.kernel_approximation import Nystroem
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder, StandardScaler

from skneon import NeonKDE, explain

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

skrub = pytest.importorskip("skrub", reason="the extra steps is not installed")
N = 40
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "n": RNG.normal(size=N),
        "city": np.array(["Bonn", "Rome", "York"])[RNG.integers(3, size=N)],
        "day": pd.date_range("2020-01-31", periods=N, freq="37D"),
        "m": RNG.gamma(2.0, size=N),
    },
    index=[f"row{i}" for i in range(N)],
)
NUMBERS = FRAME[["n", "m"]]
vectorized = skrub.TableVectorizer()
STEPS = {
    "table vectorizer": (vectorized, FRAME),
    "cleaned": (make_pipeline(skrub.Cleaner(), skrub.TableVectorizer()), FRAME),
    "ordinal": (
        make_pipeline(
            skrub.TableVectorizer(low_cardinality=OrdinalEncoder()),
            skrub.SquashingScaler(),
        ),
        FRAME,
    ),
    "some columns": (
        make_pipeline(
            skrub.ApplyToCols(StandardScaler(), cols=["m"]), skrub.TableVectorizer()
        ),
        FRAME,
    ),
    "each column": (
        make_pipeline(
            skrub.ApplyToCols(skrub.DatetimeEncoder(), cols=["day"]),
            skrub.TableVectorizer(),
        ),
        FRAME,
    ),
    "in a ColumnTransformer": (
        make_column_transformer(
            (skrub.DatetimeEncoder(), "day"),
            (skrub.MinHashEncoder(n_components=3), "city"),
            remainder="passthrough",
        ),
        FRAME,
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", STEPS)
def test_outputs_belong_to_the_columns_that_they_are_made_of(case):
    step, frame = STEPS[case]
    last = KMeans(3, n_init=1, random_state=0)
    model = make_pipeline(step, SimpleImputer(), StandardScaler(), last).fit(frame)
    as_array = FunctionTransformer(np.asarray).transform
    M = dependence(lambda X: as_array(model[:-1].transform(X)), frame)
    assert (M.sum(axis=1) <= 1).all() and M.any(axis=0).all()
    got, _ = check_column_wise(model, frame, M, rule="midpoint")
    np.testing.assert_array_equal(got.index, frame.index)


@pytest.mark.filterwarnings("ignore")
def test_typical_values_of_the_columns_whose_steps_are_known():
    model = make_pipeline(skrub.TableVectorizer(), NeonKDE()).fit(FRAME)
    got = explain(model, X_train=FRAME)
    assert set(got.compared_with[:, 1]) <= {"Bonn", "Rome", "York"}
    for column in (0, 3):
        values = got.compared_with[:, column].astype(float)
        low, high = FRAME.iloc[:, column].min(), FRAME.iloc[:, column].max()
        assert ((low <= values) & (values <= high)).all()
    assert pd.isna(got.compared_with[:, 2]).all()


@pytest.mark.filterwarnings("ignore")
def test_what_is_inside_must_be_known():
    inside = skrub.ApplyToCols(PCA(2), cols=["n", "m"])
    model = make_pipeline(inside, NeonKDE()).fit(NUMBERS)
    plain = make_pipeline(PCA(2), NeonKDE()).fit(NUMBERS)
    np.testing.assert_allclose(
        explain(model, NUMBERS).relevance, explain(plain, NUMBERS).relevance, rtol=1e-4
    )
    inside.set_params(transformer=Nystroem(n_components=2, random_state=0))
    model.fit(NUMBERS)
    match = r"applytocols__transformer.*Nystroem is not supported"
    with pytest.raises(TypeError, match=match):
        explain(model, NUMBERS)
