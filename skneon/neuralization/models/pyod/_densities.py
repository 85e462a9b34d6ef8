# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of PyOD's detectors that have a density or a Gaussian inside."""

from typing import Any

import numpy as np

from skneon._compat import kernel_coefficient
from skneon.network.numerics._types import Array
from skneon.neuralization._by_name import named
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._options import Options
from skneon.neuralization.models._gaussians import GaussianOptions
from skneon.neuralization.models._kernel_density import DensityOptions
from skneon.neuralization.models._metrics import refuse_metric
from skneon.neuralization.models._mixture import MixtureOptions
from skneon.neuralization.models._one_class_svm import SupportVectorOptions
from skneon.neuralization.models.pyod._detector import (
    NeuralizedDetector,
    check_fitted,
    without_names,
)

# what is explained, in terms of PyOD's decision_function
OUTLIERNESS = "(decision_function + d/2 log(gamma/pi)) / gamma, outlierness"
SUPPORT = (
    "-log((detector_.offset_ - decision_function) / sum(dual_coef_)) / gamma, "
    "outlierness"
)


@named("pyod.models.gmm.GMM")
def neuralize_gmm(model: Any, **options: Any) -> NeuralizedDetector:
    """The network of PyOD's `GMM`: minus the log density of `GaussianMixture`."""
    options = _of_outliers(model, MixtureOptions, options, "detector_")
    inside = neuralize(model.detector_, **without_names(model, options))
    return NeuralizedDetector(model, inside, options.get("X_train"))


@named("pyod.models.mcd.MCD")
def neuralize_mcd(model: Any, **options: Any) -> NeuralizedDetector:
    """The network of PyOD's `MCD`: the squared distance of `MinCovDet`."""
    options = _of_outliers(model, GaussianOptions, options, "detector_")
    inside = neuralize(model.detector_, **without_names(model, options))
    scores = model.decision_scores_
    return NeuralizedDetector(model, inside, options.get("X_train"), scores=scores)


@named("pyod.models.kde.KDE")
def neuralize_kde(model: Any, **options: Any) -> NeuralizedDetector:
    r"""The network of PyOD's `KDE`: outlierness, as that of `KernelDensity`.

    PyOD's score is minus the log density, so that

    .. math:: o(x) = \frac1\gamma \left[ \text{decision\_function}(x)
              + \frac d2 \log\frac\gamma\pi \right] .

    Training rows are left out of their own density; in ``decision_scores_`` they are
    not.
    """
    options = _of_outliers(model, DensityOptions, options, "kde_")
    euclidean = model.metric in ("euclidean", "l2", "minkowski", "p")
    if not euclidean or (model.metric_params or {"p": 2}) != {"p": 2}:
        refuse_metric(model, model.metric, metric_params=model.metric_params)
    inside = neuralize(model.kde_, **without_names(model, options))
    gamma = inside.meta["gamma"]
    constant = model.kde_.n_features_in_ / 2 * np.log(gamma / np.pi)

    def explained(scores: Array) -> Array:
        return np.asarray((scores + constant) / gamma)

    given = options.get("X_train")
    return NeuralizedDetector(
        model, inside, given, score=OUTLIERNESS, explained=explained
    )


@named("pyod.models.ocsvm.OCSVM")
def neuralize_ocsvm(model: Any, **options: Any) -> NeuralizedDetector:
    r"""The network of PyOD's `OCSVM`: outlierness, as that of `OneClassSVM`.

    PyOD's score is :math:`\rho - \sum_k \alpha_k e^{-\gamma h_k}`, with the
    ``offset_`` :math:`\rho` of the model inside, so that

    .. math:: o(x) = -\frac1\gamma \log
              \frac{\rho - \text{decision\_function}(x)}{\sum_k \alpha_k} .
    """
    check_fitted(model)
    SupportVectorOptions.of(model, options)
    machine = model.detector_
    if machine.kernel != "rbf":
        raise ValueError(
            f"Only the rbf kernel has this network, got kernel={machine.kernel!r}. Fit "
            'OCSVM with kernel="rbf".'
        )
    inside = neuralize(machine, **without_names(model, options))
    gamma, rho = kernel_coefficient(machine), float(machine.offset_.item())
    total = float(machine.dual_coef_.sum())

    def explained(scores: Array) -> Array:
        # a threshold beyond rho is passed by no row
        with np.errstate(divide="ignore"):
            return np.asarray(-np.log(np.maximum(rho - scores, 0.0) / total) / gamma)

    given = options.get("X_train")
    return NeuralizedDetector(model, inside, given, score=SUPPORT, explained=explained)


def _of_outliers(
    model: Any, family: type[Options], options: dict[str, Any], inside: str
) -> dict[str, Any]:
    """Options, checked, of a fitted detector whose score is one of outliers."""
    check_fitted(model)
    target = options.get("target", "outlier")
    family.of(model, {**options, "target": target})
    if target == "outlier":
        return {**options, "target": target}
    raise ValueError(
        f"The score of {type(model).__name__} is one of outliers: explain "
        f"target={target!r} of what is inside, explain(model.{inside}, X, "
        f"target={target!r})."
    )
