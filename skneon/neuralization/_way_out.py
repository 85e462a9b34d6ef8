# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What to do about a model that has no network."""

from typing import Any

from sklearn.base import ClassifierMixin, RegressorMixin


def way_out(model: Any) -> str:
    """A sentence for the end of a message."""
    if hasattr(model, "fit_predict") and not hasattr(model, "predict"):
        return (
            "A clustering of training rows alone is explained through a density: "
            "explain(KernelDensity().fit(X), members=model.labels_)."
        )
    kind = type(model)
    if "IsolationForest" in kind.__name__:
        package = kind.__module__.partition(".")[0]
        return (
            f"Of {package} none is: fit the IsolationForest of sklearn.ensemble to the "
            "same rows, which is known."
        )
    if isinstance(model, ClassifierMixin | RegressorMixin):
        return (
            "It is supervised, and networks are known of unsupervised models: shap "
            "explains it. For outliers fit an IsolationForest or a density."
        )
    return "Teach further models with neuralize.register."
