# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The network of NeonKDE."""

from sklearn.utils.validation import check_is_fitted

from skneon._kde import NeonKDE
from skneon.neuralization import neuralize
from skneon.neuralization._kernel_density import (
    RULE_CONSTRAINTS,
    TARGET_CONSTRAINTS,
    NeuralizedKernelDensity,
    kernel_clusters,
)
from skneon.neuralization._neuralized import check_options, override


@neuralize.register
def neuralize_neon_kde(model: NeonKDE, *, target="outlier", members=None, **options):
    """The network of a fitted `NeonKDE`; options override its parameters.

    With `members` as for `KernelDensity`.
    """
    check_is_fitted(model)
    if members is not None:
        support, weights = model.support_points_, model.weights_
        options = {"n_jobs": model.n_jobs} | options
        return kernel_clusters(
            model, support, weights, model.gamma_, members, options, model._index
        )
    names = [name for name in RULE_CONSTRAINTS if name != "random_state"]
    parameters = {name: getattr(model, name) for name in names}
    parameters |= {"target": target, "random_state": model.random_features_seed_}
    parameters = override(parameters | {"rule": None}, options, model)
    check_options(RULE_CONSTRAINTS | TARGET_CONSTRAINTS, parameters, model)
    if parameters["rule"] == "activation" and "epsilon" not in options:
        # that of the estimator is in other units
        parameters["epsilon"] = None
    return NeuralizedKernelDensity(
        model,
        model.support_points_,
        model.weights_,
        model.gamma_,
        training_index=model._index,
        search=getattr(model, "_search", None),
        **parameters,
    )
