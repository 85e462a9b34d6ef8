# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Estimators of images whose rule has settings of its own."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("zennit")

from skneon import NeonKDE, NeonKMeans  # noqa: E402
from skneon.deep import NeonImages  # noqa: E402
from skneon.deep._neon_images import rule_of  # noqa: E402
from skneon.network import Activation, Midpoint  # noqa: E402


def test_which_rule_is_taken():
    own = Activation(epsilon=0.1)
    assert rule_of(NeonKDE(rule=own)) is own
    for estimator in (NeonKDE(), NeonKMeans(), NeonKMeans(rule=Midpoint())):
        assert rule_of(estimator) == "activation"
    assert rule_of(object()) == "activation"


def test_settings_of_the_rule_reach_the_explanation():
    torch.manual_seed(0)
    convolution = torch.nn.Conv2d(3, 8, 3, padding=1, bias=False)
    module = torch.nn.Sequential(convolution, torch.nn.ReLU())
    images = torch.rand(1, 3, 8, 8)
    estimator = NeonKDE(gamma="nearest", rule=Activation(n_components=50))
    model = NeonImages(module, "1", estimator).fit(images)
    drawn = model.explain(target="inlier")
    assert drawn.meta["n_components"] == 50
    exact = NeonImages(module, "1").fit(images).explain(target="inlier")
    assert exact.meta["n_components"] is None
    assert not np.allclose(drawn.layer_relevance, exact.layer_relevance)
