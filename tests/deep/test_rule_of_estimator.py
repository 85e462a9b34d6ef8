# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Estimators of images whose rule has settings of its own."""

import numpy as np
import pytest
from helpers.networks import convolutional, photos

from skneon import NeonKDE, NeonKMeans
from skneon.deep import NeonImages
from skneon.deep._neon_images import rule_of
from skneon.network import Activation, Midpoint

pytestmark = pytest.mark.usefixtures("zennit")


def test_which_rule_is_taken():
    own = Activation(epsilon=0.1)
    assert rule_of(NeonKDE(rule=own)) is own
    for estimator in (NeonKDE(), NeonKMeans(), NeonKMeans(rule=Midpoint())):
        assert rule_of(estimator) == "activation"
    assert rule_of(object()) == "activation"


def test_settings_of_the_rule_reach_the_explanation():
    module, images = convolutional(), photos(2)
    estimator = NeonKDE(gamma="nearest", rule=Activation(n_components=50))
    model = NeonImages(module, "relu2", estimator).fit(images)
    drawn = model.explain(target="inlier")
    assert drawn.meta["n_components"] == 50
    exact = NeonImages(module, "relu2").fit(images).explain(target="inlier")
    assert exact.meta["n_components"] is None
    assert not np.allclose(drawn.layer_relevance, exact.layer_relevance)
