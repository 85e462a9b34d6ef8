# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of the components of a kernel PCA."""

from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from sklearn.decomposition import KernelPCA
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.utils.validation import check_is_fitted

from skneon._compat import Interval, StrOptions
from skneon._validation import check_magnitude
from skneon.network import Rule
from skneon.network.numerics._table_cells import dense
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel, TrainingRows
from skneon.neuralization._options import RULE, Options
from skneon.neuralization.models._given_rows import compared_with
from skneon.neuralization.models._kernel_terms import KernelTerms, kernel_network


@dataclass(frozen=True, kw_only=True)
class ComponentOptions(Options):
    """Options of components, as in `neuralize`."""

    target: str = "component"
    component: int = 0
    rule: str | Rule | None = None
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {
        **Options.constraints,
        "target": [StrOptions({"component"})],
        "component": [Interval(Integral, 0, None, closed="left")],
        "rule": RULE,
    }


class NeuralizedComponent(NeuralizedModel):
    """A component of a kernel PCA and its network; made by `neuralize`.

    X=None stands for the rows of the fit, none of which is left out.
    """

    accept_sparse = "csr"


@neuralize.register
def neuralize_kernel_pca(model: KernelPCA, **options: Any) -> NeuralizedComponent:
    r"""The network of a component of scikit-learn's `KernelPCA` with an rbf kernel.

    Column ``component`` of ``transform(X)``, 0 by default, is a sum of kernels

    .. math:: f(x) = c + \sum_n a_n e^{-\gamma \|x - u_n\|^2}, \quad
              a = \alpha - \bar\alpha, \quad
              c = \bar k \textstyle\sum_n \alpha_n - \sum_n \alpha_n \bar k_n

    with :math:`\alpha` the eigenvector divided by the root of its eigenvalue and
    :math:`\bar k_n` the mean kernel of training row n, :math:`\bar k` that of all. The
    coefficients sum to 0, so that the residual is c. Rules: see `kernel_network`.
    """
    check_is_fitted(model)
    if model.kernel != "rbf":
        raise ValueError(
            f"Only the rbf kernel has this network, got kernel={model.kernel!r}. Fit "
            'KernelPCA with kernel="rbf".'
        )
    chosen = ComponentOptions.of(model, options)
    support = dense(model.X_fit_).astype(float)
    check_magnitude(support)
    terms = _terms(model, support, int(chosen.component))
    network = kernel_network(terms, chosen.rule, "KernelPCA", chosen.n_jobs)
    meta = {
        "component": int(chosen.component),
        "gamma": terms.gamma,
        "n_support": len(support),
    }
    training = compared_with(TrainingRows(support), model, chosen.X_train, "csr")
    return NeuralizedComponent(model, network, "component", meta, training)


def _terms(model: KernelPCA, support: Any, component: int) -> KernelTerms:
    """The sum of kernels that a column of ``transform`` is."""
    values = model.eigenvalues_
    if component >= len(values):
        raise ValueError(
            f"component={component} is none of the {len(values)} that KernelPCA was "
            "fitted with: they are numbered from 0."
        )
    if not values[component] > 0:
        n = int(np.count_nonzero(values > 0))
        way_out = (
            f"take one of the first {n}."
            if n
            else "to the kernel all rows are alike. Fit KernelPCA with a larger gamma, "
            "to rows that differ."
        )
        raise ValueError(
            f"component={component} has the eigenvalue {abs(values[component]):.3g}, "
            f"and is 0 for all rows: {way_out}"
        )
    alpha = model.eigenvectors_[:, component] / np.sqrt(values[component])
    gamma = float(model.gamma_)
    means = rbf_kernel(support, gamma=gamma).mean(axis=0)
    offset = float(means.mean() * alpha.sum() - means @ alpha)
    return KernelTerms(support, gamma, alpha - alpha.mean(), offset)
