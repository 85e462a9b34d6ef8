# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Models that are known by the names of their classes alone."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.neighbors import KernelDensity

from skneon import explain, neuralize
from skneon.neuralization import _by_name
from skneon.neuralization._by_name import found_by_name, known_of, named

X = np.random.default_rng(0).normal(size=(20, 3))


@pytest.fixture
def kind(monkeypatch):
    """A class of a package that nobody can import, known by its name."""

    class Elsewhere(BaseEstimator):
        __module__ = "elsewhere.models"
        __qualname__ = "Elsewhere"

        def fit(self, X):
            self.density_ = KernelDensity().fit(X)
            return self

        def predict(self, X):
            return self.density_.score_samples(X)

    monkeypatch.setattr(_by_name, "NAMED", {})

    @named("elsewhere.models.Elsewhere")
    def neuralize_elsewhere(model, **options):
        return neuralize(model.density_, **options)

    return Elsewhere


def test_a_class_and_its_subclasses_are_found_by_name(kind):
    class Derived(kind):
        pass

    expected = explain(KernelDensity().fit(X), X, rule="soft-argmin")
    assert kind not in neuralize.registry
    for model in (Derived().fit(X), kind().fit(X)):
        # options reach it the first time, too
        got = neuralize(model, rule="soft-argmin").explain(X)
        np.testing.assert_array_equal(got.relevance, expected.relevance)
        with pytest.raises(TypeError, match="takes no gama"):
            explain(model, X, gama=1.0)
    # and from then on by their type
    assert kind in neuralize.registry
    assert Derived not in neuralize.registry


def test_what_users_register_comes_first(kind):
    density = KernelDensity(bandwidth=2.0).fit(X)
    neuralize.register(kind, lambda model: neuralize(density))
    got = explain(kind().fit(X), X)
    np.testing.assert_array_equal(got.score, explain(density, X).score)


def test_unknown_models_of_a_package_are_told_the_known_ones(kind):
    class Other(BaseEstimator):
        __module__ = "elsewhere.models"

    class Mine(Other):
        __module__ = "mine"

    for model in (Other(), Mine()):
        message = "of elsewhere; known are its Elsewhere. Fit one of them"
        with pytest.raises(TypeError, match=message):
            neuralize(model)
    explain(kind().fit(X), X)
    # whether or not one has come
    with pytest.raises(TypeError) as refused:
        neuralize(3)
    assert "Elsewhere" not in str(refused.value)


def test_names_are_looked_up_along_the_bases(kind):
    assert known_of("elsewhere") == ["Elsewhere"]
    assert known_of("else") == []
    assert found_by_name(int) is None
    base, function = found_by_name(type("Derived", (kind,), {}))
    assert base is kind
    assert function.__name__ == "neuralize_elsewhere"
