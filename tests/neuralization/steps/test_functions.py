# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Functions of each column on its own, and those that only say so."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from helpers.pipelines import (
    ADDITIVE,
    check_additive,
    check_column_wise,
    numeric_rows,
    plain,
)
from sklearn.cluster import KMeans
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from skneon import NeonKDE, NeonKMeans, explain
from skneon.neuralization.steps._functions import INVERSES

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

X = numeric_rows() / 40
FRAME = pd.DataFrame(X, columns=list("abcd"))


@pytest.mark.parametrize("rows", [X, FRAME], ids=["array", "frame"])
@pytest.mark.parametrize("func", list(INVERSES), ids=lambda func: func.__name__)
def test_functions_with_a_known_inverse(func, rows):
    transformer = FunctionTransformer(func)
    for got, own, _ in check_additive([transformer], rows, models=ADDITIVE[::2]):
        # applied to what is typical in terms of the columns, it is typical again
        np.testing.assert_allclose(
            func(got.compared_with), own.compared_with, rtol=1e-9
        )


def test_functions_without_a_known_inverse():
    for func in (np.rint, np.abs, np.floor):
        transformer = FunctionTransformer(func)
        for got, _, _ in check_additive([transformer], 40 * X, M=np.eye(4)):
            assert np.isnan(got.compared_with).all()


def test_the_identity():
    for rows in (X, FRAME):
        for got, own, _ in check_additive([FunctionTransformer()], rows):
            np.testing.assert_array_equal(got.compared_with, own.compared_with)


def cube_root_of_sum(x, shift):
    return np.cbrt(x + shift)


def test_declared_functions():
    inverses = [None, lambda y, shift: y**3 - shift]
    for inverse in inverses:
        transformer = FunctionTransformer(
            cube_root_of_sum,
            inverse_func=inverse,
            kw_args={"shift": 2.0},
            inv_kw_args={"shift": 2.0},
            check_inverse=False,
            feature_names_out="one-to-one",
        )
        for got, own, _ in check_additive([transformer], X):
            if inverse is None:
                assert np.isnan(got.compared_with).all()
            else:
                expected = own.compared_with**3 - 2.0
                np.testing.assert_allclose(got.compared_with, expected, rtol=1e-9)


def test_an_inverse_that_checks_its_values_sees_a_row_without_rival():
    transformer = FunctionTransformer(
        np.log1p,
        inverse_func=np.expm1,
        validate=True,
        feature_names_out="one-to-one",
    )
    pipeline = make_pipeline(transformer, NeonKMeans(1)).fit(X)
    assert np.isnan(explain(pipeline, X).compared_with).all()


def test_values_that_are_no_number_behind_an_inverse():
    """A typical value of 0 is 1 / 0 before the reciprocal, and unknown before that."""
    rows = np.array([[1.0], [-1.0], [0.1]])
    steps = StandardScaler(with_mean=False), FunctionTransformer(np.reciprocal)
    kmeans = KMeans(2, n_init=1, random_state=0)
    pipeline = make_pipeline(*steps, kmeans).fit(rows)
    assert (kmeans.cluster_centers_ == 0).any()
    reference = explain(pipeline, rows).compared_with
    assert np.isnan(reference[2]) and np.isfinite(reference[:2]).all()


def on_frames(frame):
    """Methods that arrays do not have."""
    return frame.clip(lower=0.02).rank(axis=0).pipe(np.sqrt)


def on_arrays(rows):
    """A method that frames do not have."""
    return rows.ravel().reshape(rows.shape) + 1


def on_polars(frame):
    return frame.select(pl.all().log())


def on_sparse(rows):
    return rows.multiply(2.0).tocsr()


def test_functions_get_the_kind_of_table_that_they_were_made_for():
    cases = [
        (on_frames, FRAME, ADDITIVE),
        (on_polars, pl.DataFrame(X, schema=list("abcd")), ADDITIVE),
        (on_sparse, scipy.sparse.csr_array(X), ADDITIVE[2:]),
    ]
    for func, rows, models in cases:
        step = FunctionTransformer(
            func, accept_sparse=True, feature_names_out="one-to-one"
        )
        for model, options in models:
            pipeline = make_pipeline(step, model).fit(rows)
            own = explain(model, pipeline[:-1].transform(rows), **options)
            got = explain(pipeline, rows, **options)
            np.testing.assert_array_equal(got.relevance, own.relevance)
            np.testing.assert_array_equal(plain(got.data), X)
    step = FunctionTransformer(on_arrays, validate=True, feature_names_out="one-to-one")
    list(check_additive([step], FRAME))


def test_functions_of_texts():
    frame = pd.DataFrame({"a": ["x ", "y", " x", "y"] * 5, "b": list("uvuw") * 5})
    strip = FunctionTransformer(
        lambda f: f.apply(lambda c: c.str.strip()), feature_names_out="one-to-one"
    )
    encoder = OneHotEncoder(sparse_output=False)
    pipeline = make_pipeline(strip, encoder, NeonKDE(gamma=0.5)).fit(frame)
    check_column_wise(pipeline, frame)
    unmarked = FunctionTransformer(
        lambda f: f.apply(lambda c: c.str.strip()),
        inverse_func=lambda R: R,
        check_inverse=False,
        feature_names_out="one-to-one",
    )
    pipeline = make_pipeline(unmarked, encoder, NeonKDE(gamma=0.5)).fit(frame)
    got, _ = check_column_wise(pipeline, frame)
    assert set(got.compared_with[:, 0]) <= {"x", "y"}


LIES = {
    "row sums": lambda x: x / np.sum(np.asarray(x), axis=1, keepdims=True),
    "reversed": lambda x: np.asarray(x)[:, ::-1],
    "neighbour": lambda x: np.asarray(x) + np.roll(np.asarray(x), 1, axis=1),
    "sorted": lambda x: np.sort(x, axis=1),
}


@pytest.mark.parametrize("rows", [X, FRAME], ids=["array", "frame"])
@pytest.mark.parametrize("func", LIES.values(), ids=list(LIES))
def test_functions_that_mix_columns_though_declared_otherwise(func, rows):
    step = FunctionTransformer(func, feature_names_out="one-to-one")
    pipeline = make_pipeline(step, NeonKDE()).fit(rows)
    message = r"step 'functiontransformer': .*output \d changes with other columns"
    # a lone row has no others to be tried with
    for some in (rows, rows[:1], rows[:2], rows[5:]):
        with pytest.raises(TypeError, match=message):
            explain(pipeline, some)


def test_functions_that_drop_columns_though_declared_otherwise():
    step = FunctionTransformer(lambda x: x[:, :2], feature_names_out="one-to-one")
    pipeline = make_pipeline(step, NeonKDE()).fit(X)
    with pytest.raises(
        TypeError, match=r"returns shape \(n, 2\) for \(n, 4\), so it is not one"
    ):
        explain(pipeline, X)


def test_functions_that_are_not_declared():
    for func, name in ((np.abs, None), (np.clip, "clip"), (cube_root_of_sum, "cube")):
        options = {} if name is None else {"a_min": 0, "a_max": 1}
        options = {"shift": 1.0} if name == "cube" else options
        step = FunctionTransformer(func, kw_args=options)
        pipeline = make_pipeline(step, NeonKDE()).fit(X)
        if name is None:
            check_column_wise(pipeline, X)
            continue
        message = (
            f"through step 'functiontransformer': FunctionTransformer.func={name}.*"
            'may mix columns.*feature_names_out="one-to-one"'
        )
        with pytest.raises(TypeError, match=message):
            explain(pipeline, X)
