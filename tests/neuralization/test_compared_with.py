# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Every explanation says what rows are compared with."""

import pytest
from helpers.checks import REAL
from sklearn.cluster import Birch, BisectingKMeans, KMeans
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import PCA
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import SGDOneClassSVM
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity, LocalOutlierFactor, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM

from skneon import Explanation, NeonKDE, NeonKMeans, explain
from skneon.explanation._text import note_text

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

X = REAL["iris"]
SUPPORT = "weighted mean of support points"
CENTROID = "centroid of the strongest rival"
LINEAR = SGDOneClassSVM(random_state=0)
OTHER_SIDE = "center of the other side of the strongest split"
NAMES = [
    (NeonKDE(), {}, SUPPORT),
    (NeonKDE(), {"target": "inlier"}, SUPPORT),
    (NeonKDE(), {"target": "inlier", "rule": "random-features"}, SUPPORT),
    (KernelDensity(kernel="exponential"), {}, SUPPORT),
    (KernelDensity(), {"members": X[:, 2] > 0}, "weighted mean of the rival's members"),
    (OneClassSVM(), {}, SUPPORT),
    (NearestNeighbors(), {}, SUPPORT),
    (LocalOutlierFactor(novelty=True), {}, SUPPORT),
    (NeonKMeans(3, random_state=0), {}, CENTROID),
    (KMeans(3, n_init=1, random_state=0), {}, CENTROID),
    (Birch(), {}, CENTROID),
    (BisectingKMeans(3, random_state=0), {}, OTHER_SIDE),
    (EllipticEnvelope(random_state=0), {}, "conditional mean"),
    (EllipticEnvelope(random_state=0), {"rule": "integrated"}, "conditional mean"),
    (EllipticEnvelope(random_state=0), {"rule": "mean"}, "mean"),
    (PCA(2), {"target": "outlier"}, "conditional mean"),
    (GaussianMixture(2), {"target": "outlier"}, "conditional mean"),
    (
        GaussianMixture(2),
        {"target": "outlier", "rule": "mean"},
        "weighted mean of the means",
    ),
    (GaussianMixture(2), {}, "conditional mean of the rivals"),
    (GaussianMixture(2), {"rule": "mean"}, "mean of the most probable rival"),
    (make_pipeline(PCA(2), EllipticEnvelope(random_state=0)), {}, "mean"),
    (make_pipeline(StandardScaler(), NeonKDE()), {}, SUPPORT),
    (LINEAR, {}, "boundary point nearest to the origin"),
    (LINEAR, {"rule": "interventional", "X_train": X}, "mean of the training rows"),
    (
        make_pipeline(Nystroem(n_components=9, random_state=0), LINEAR),
        {},
        "mean of the near points that lower the score",
    ),
]


@pytest.mark.parametrize(("model", "options", "name"), NAMES)
def test_names(model, options, name):
    explanation = explain(model.fit(X), X[:9], **options)
    assert explanation.meta["compared_with"] == name
    again = Explanation.from_json(explanation.to_json())
    assert again.meta["compared_with"] == name


def test_what_is_expected_is_called_so():
    model = EllipticEnvelope(random_state=0).fit(X)
    names = {"shapley": "expected", "mean": "mean"}
    for rule, name in names.items():
        explanation = explain(model, X[:1], rule=rule)
        assert note_text(explanation, 0, 0).startswith(f"{name} ")
