# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What can be asked of every clustering, and how clusters are named."""

import warnings

import numpy as np
import pytest
from helpers.checks import REAL
from sklearn.cluster import (
    AffinityPropagation,
    Birch,
    BisectingKMeans,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
)
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.neighbors import KernelDensity, NearestCentroid

from skneon import Explanation, NeonKDE, NeonKMeans, explain, neuralize

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

X = REAL["iris"]
TEXTS = np.array(["a", "b", "c"])[np.arange(150) // 50]
NUMBERS = np.arange(150) // 50


def gaps():
    """A Birch whose clusterer leaves gaps in the numbers of its clusters."""

    class Gaps(KMeans):
        def fit_predict(self, X, y=None):
            return 3 * super().fit_predict(X) + 2

    return Birch(threshold=0.3, n_clusters=Gaps(3, random_state=0, n_init=1)).fit(X)


MODELS = {
    "KMeans": (KMeans(3, random_state=0, n_init=1).fit(X), {}),
    "MiniBatchKMeans": (MiniBatchKMeans(3, random_state=0, n_init=1).fit(X), {}),
    "BisectingKMeans": (BisectingKMeans(3, random_state=0).fit(X), {}),
    "NeonKMeans": (NeonKMeans(3, random_state=0, n_init=1).fit(X), {}),
    "MeanShift": (MeanShift(bandwidth=1.0).fit(X), {}),
    "AffinityPropagation": (
        AffinityPropagation(random_state=0, preference=-50).fit(X),
        {},
    ),
    "Birch": (gaps(), {}),
    "GaussianMixture": (GaussianMixture(3, random_state=0).fit(X), {}),
    "BayesianGaussianMixture": (
        BayesianGaussianMixture(n_components=3, random_state=0).fit(X),
        {},
    ),
    "texts": (NearestCentroid().fit(X, TEXTS), {}),
    "objects": (NearestCentroid().fit(X, TEXTS.astype(object)), {}),
    "numbers": (NearestCentroid().fit(X, NUMBERS + 5), {}),
    "floats": (NearestCentroid().fit(X, NUMBERS * 1.0), {}),
    "truths": (NearestCentroid().fit(X, NUMBERS > 0), {}),
    "members": (KernelDensity().fit(X), {"members": TEXTS}),
    "members of NeonKDE": (NeonKDE(gamma=1.0).fit(X), {"members": NUMBERS - 7}),
}
each = pytest.mark.parametrize("kind", MODELS)


def names_of(kind):
    """The model's own labels."""
    model, options = MODELS[kind]
    if options:
        return np.unique(options["members"])
    if hasattr(model, "score_samples"):
        return np.arange(model.n_components)
    if isinstance(model, NearestCentroid):
        return model.classes_
    return np.unique(model.predict(X))


def plain(name):
    """A label as Python has it."""
    return name.item() if hasattr(name, "item") else name


def spelled(name):
    """A label as messages spell it."""
    return repr(plain(name))


@each
def test_targets_and_rivals_bear_the_models_own_labels(kind):
    model, options = MODELS[kind]
    names = names_of(kind)
    explanation = explain(model, X, **options)
    assert repr(explanation) == "<Explanation of cluster: 150 rows, 4 features>"
    assert set(explanation.target.tolist()) <= set(names.tolist())
    assert set(explanation.rival.tolist()) <= set(names.tolist())
    assert np.all(explanation.rival != explanation.target)
    assert np.all(explanation.score >= 0)
    if hasattr(model, "predict") and not options and kind != "BisectingKMeans":
        agrees = explanation.target == model.predict(X)
        # ties may go either way
        assert agrees.mean() >= 0.98 and np.all(explanation.score[~agrees] < 1e-9)
    assert type(plain(explanation.target[0])) is type(plain(names[0]))


@each
def test_clusters_and_rivals_are_asked_by_label(kind):
    model, options = MODELS[kind]
    network, names = neuralize(model, **options), names_of(kind)
    first, last = names[0], names[-1]
    one = network.explain(X, cluster=first, rival=last)
    for same in (first, plain(first)):
        got = network.explain(X, cluster=same, rival=np.full(150, last))
        np.testing.assert_array_equal(got.relevance, one.relevance)
        score = network.forward(X, cluster=[first] * 150, rival=last)
        np.testing.assert_array_equal(got.score, score)
    assert np.all(one.target == first) and np.all(one.rival == last)
    mixed = np.where(np.arange(150) % 2 == 0, first, last)
    both = network.explain(X, cluster=mixed)
    np.testing.assert_array_equal(both.target, mixed)
    alone = network.explain(X[1::2], cluster=last)
    np.testing.assert_allclose(both.relevance[1::2], alone.relevance)
    # evidence against one rival is no less than against all
    assert np.all(one.score >= network.forward(X, cluster=first) - 1e-12)


@each
def test_unknown_labels_are_refused(kind):
    model, options = MODELS[kind]
    names = names_of(kind)
    numbered = names.dtype.kind in "iu" and np.array_equal(names, np.arange(len(names)))
    known = f"numbered 0 to {len(names) - 1}" if numbered else spelled(names[0])
    for question in ("cluster", "rival"):
        for unknown in (99, np.full(150, 99)):
            with pytest.raises(
                ValueError, match=f"{question}=99 is no cluster.*{known}"
            ):
                explain(model, X, **options, **{question: unknown})
        with pytest.raises(ValueError, match=f"{question} must be None.*array of 150"):
            explain(model, X, **options, **{question: [names[0]] * 3})
        for flag in () if names.dtype.kind == "b" else (True, np.ones(150, dtype=bool)):
            with pytest.raises(ValueError, match=f"{question} must be None.*True"):
                explain(model, X, **options, **{question: flag})
    if not numbered:
        with pytest.raises(ValueError, match="cluster=nobody is no cluster: they are"):
            explain(model, X, **options, cluster="nobody")


@each
def test_a_rival_is_another_cluster(kind):
    model, options = MODELS[kind]
    name = names_of(kind)[1]
    message = (
        f"rival must differ from cluster, but both are {spelled(name)} for row 0: "
        "choose another"
    )
    with pytest.raises(ValueError, match=message):
        explain(model, X, **options, cluster=name, rival=name)
    other = np.where(np.arange(150) == 3, name, names_of(kind)[0])
    with pytest.raises(ValueError, match=message.replace("row 0", "row 3")):
        explain(model, X, **options, cluster=other, rival=name)


@each
def test_json_round_trip(kind):
    model, options = MODELS[kind]
    expected = explain(model, X[::10], **options)
    got = Explanation.from_json(expected.to_json())
    for field in ("relevance", "score", "target", "rival", "compared_with", "residual"):
        np.testing.assert_array_equal(getattr(got, field), getattr(expected, field))
    assert got.meta == expected.meta
    assert expected.meta["n_clusters"] == len(names_of(kind))
    np.testing.assert_array_equal(got[3:5].target, expected[3:5].target)


def lone_clusters():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield KMeans(1).fit(X), {}
        yield BisectingKMeans(1).fit(X), {}
        yield MiniBatchKMeans(1, n_init=1).fit(X), {}
        yield MeanShift(bandwidth=100.0).fit(X), {}
        yield Birch(threshold=0.5, n_clusters=1).fit(X), {}
        yield Birch(threshold=100.0, n_clusters=None).fit(X), {}
        yield GaussianMixture(1).fit(X), {}
        yield KernelDensity().fit(X), {"members": np.full(150, "all")}


@pytest.mark.parametrize("model, options", lone_clusters())
def test_a_lone_cluster_has_infinite_evidence(model, options):
    explanation = explain(model, X, **options)
    assert np.all(explanation.score == np.inf) and not explanation.relevance.any()
    assert set(explanation.rival.tolist()) <= {-1, None}
    assert np.all(np.isnan(explanation.compared_with)) and not explanation.share.any()
    again = Explanation.from_json(explanation.to_json())
    np.testing.assert_array_equal(again.score, explanation.score)
