# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of scores that are sums of Gaussian kernels, of any sign."""

from dataclasses import dataclass

from skneon.network import (
    IntegratedSoftArgmin,
    KernelSum,
    Network,
    Rule,
    Shapley,
    Sum,
)
from skneon.network.numerics._types import Array
from skneon.neuralization._options import chosen_rule


@dataclass(frozen=True)
class KernelTerms:
    """A score f(x) = c + sum_k a_k exp(-gamma |x - u_k|^2).

    Attributes
    ----------
    support : ndarray of shape (N, d)
        The u_k.
    gamma : float
    coefficients : ndarray of shape (N,)
        The a_k.
    offset : float
        c.
    """

    support: Array
    gamma: float
    coefficients: Array
    offset: float


def kernel_network(
    terms: KernelTerms, rule: str | Rule | None, name: str, n_jobs: int | None = None
) -> Network:
    r"""The network of a sum of kernels, each a product over the columns.

    Rule "shapley" is exact for the game in which a column that is left out is
    integrated out of the kernels, so that its factor is 1: exact values of product
    kernels are due to PKeX-Shapley (arXiv 2505.16516), the quadrature to QuadraSHAP
    (arXiv 2605.05870).
    Rule "integrated" is its Aumann-Shapley value in closed form (ours),

    .. math:: R_i = \sum_k a_k \frac{d_{ki}^2}{h_k} (e^{-\gamma h_k} - 1) ,

    and the default behind linear steps. The residual is c + sum_k a_k, what the score
    is where all kernels are 1.

    Parameters
    ----------
    terms : KernelTerms
    rule : str, Rule or None
    name : str
        Of the model, for messages.
    n_jobs : int or None
    """
    found = chosen_rule(rule, Shapley(), "kernel-sum", name)
    a, c = terms.coefficients, terms.offset
    return Network(
        KernelSum(terms.support, terms.gamma, a, c),
        Sum(c, a, symbol="f", index="k"),
        found,
        instead=IntegratedSoftArgmin() if rule is None else None,
        n_jobs=n_jobs,
    )
