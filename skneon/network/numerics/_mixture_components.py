# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Components of a Gaussian mixture, and the questions that are asked of it.

``log p(x_S) = log sum_k exp(L_k(S)) + constant``,
``L_k(S) = log w_k - 1/2 log det Sigma_kSS - 1/2 z_kS' (Sigma_kSS)^-1 z_kS``
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from skneon.network.numerics._players import Floats, Ints
from skneon.network.numerics._submatrices import is_positive_definite, no_density


@dataclass(frozen=True)
class Components:
    """Components of a mixture.

    Attributes
    ----------
    log_weights : ndarray of shape (K,)
    means : ndarray of shape (K, d)
    covariances : ndarray of shape (K, d, d), or (K, d) for diagonal ones
    """

    log_weights: Floats
    means: Floats
    covariances: Floats

    @property
    def diagonal(self) -> bool:
        """Whether the columns are independent within components."""
        return self.covariances.ndim == 2

    @property
    def weighs(self) -> NDArray[np.bool_]:
        """Which components have weight, shape (K,)."""
        return np.isfinite(self.log_weights)

    @property
    def logs(self) -> Floats:
        """Log weights, 0 for components of no weight, which can be asked about."""
        return np.where(self.weighs, self.log_weights, 0.0)

    @property
    def n_columns(self) -> int:
        """d"""
        return len(self.means[0])


@dataclass(frozen=True)
class Odds:
    """One question per row: why its own component, and not the rivals?

    Attributes
    ----------
    own : ndarray of int of shape (n,)
    rivals : ndarray of bool of shape (n, K)
        The own component is not among its rivals.
    """

    own: Ints
    rivals: NDArray[np.bool_]

    def at(self, rows: slice) -> "Odds":
        """The questions of some rows."""
        return Odds(self.own[rows], self.rivals[rows])


def gaussian_components(
    weights: Floats, means: Floats, covariances: Floats, covariance_type: str
) -> Components:
    """Components of a mixture as scikit-learn stores it.

    Parameters
    ----------
    weights : ndarray of shape (K,)
        A component of weight 0 counts for nothing.
    means : ndarray of shape (K, d)
    covariances : ndarray
        Of shape (K, d, d), (d, d), (K, d) or (K,), by the type.
    covariance_type : {"full", "tied", "diag", "spherical"}

    Returns
    -------
    components : Components

    Raises
    ------
    ValueError
        If a covariance is not positive definite, so that the component has no density,
        or the type is not known.

    Examples
    --------
    >>> import numpy as np
    >>> gaussian_components(
    ...     np.array([0.5, 0.5]), np.eye(2), np.array([1.0, 4.0]), "spherical"
    ... ).covariances
    array([[1., 1.],
           [4., 4.]])
    """
    shape = means.shape
    if covariance_type == "full":
        own = covariances
    elif covariance_type == "tied":
        own = np.broadcast_to(covariances, (shape[0], *covariances.shape))
    elif covariance_type == "diag":
        own = covariances
    elif covariance_type == "spherical":
        own = np.broadcast_to(covariances[:, None], shape)
    else:
        raise ValueError(
            "covariance_type must be 'full', 'tied', 'diag' or 'spherical', but is "
            f"{covariance_type!r}."
        )
    k = first_singular(own[:1] if covariance_type == "tied" else own)
    if k is not None:
        raise ValueError(
            f"The covariance of component {k} is singular, so that it has no "
            "density. Fit the mixture with a larger reg_covar."
        )
    with np.errstate(divide="ignore"):
        return Components(np.log(weights), means, np.asarray(own))


def first_singular(covariances: Floats) -> int | None:
    """Number of the first covariance that is not positive definite; None for none."""
    for k, own in enumerate(covariances):
        if not (is_positive_definite(own) if own.ndim == 2 else np.all(own > 0)):
            return k
    return None


def with_densities(components: Components) -> Components:
    """Components of which each has a density in the columns that are explained.

    Raises
    ------
    ValueError
        Where linear steps in front of the mixture magnify directions in which rows
        hardly differ: what the columns' covariance is without them has no digits.
    """
    k = first_singular(components.covariances)
    if k is not None:
        raise ValueError(no_density(f" of component {k}"))
    return components


def mixture_values(
    L: Floats, without: Floats, components: Components, odds: Odds | None
) -> Floats:
    r"""Values of coalitions, which are 0 for the empty one.

    Without odds, what minus the log-density exceeds its value where all distances
    are 0, which no change of units alters:

    .. math:: v(S) = \log \sum_k e^{a_k(S)} - \log \sum_k e^{L_k(S)}, \qquad
              a_k(S) = \log w_k - \tfrac12 \log \det \Sigma_{kSS}

    With odds, what the columns add to the prior log-odds of component c, of which each
    component's log-determinant is a part:

    .. math:: v(S) = \log \frac{p(c | x_S)}{\sum_{k \in \text{rivals}} p(k | x_S)}
              - \log \frac{w_c}{\sum_{k \in \text{rivals}} w_k}

    It is 0 for rows without a rival that has weight.

    Parameters
    ----------
    L : ndarray of shape (K, n, m)
        L_k(S) of n rows and m coalitions, by `Components.logs`; may be overwritten.
    without : ndarray of shape (K, m)
        a_k(S), what L_k(S) is without the distance.
    components : Components
    odds : Odds or None

    Returns
    -------
    values : ndarray of shape (n, m)
    """
    weighs = components.weighs
    if odds is None:
        if not weighs.all():
            L, without = L[weighs], without[weighs]
        if len(L) == 1:
            alone: Floats = without[0] - L[0]
            return alone
        return _log_sum(without.copy()) - _log_sum(L)
    rows = np.arange(len(odds.own))
    rivals = odds.rivals & weighs
    asked = rivals.any(axis=1)
    # its own weight is in the odds and in the prior ones alike
    own = L[odds.own, rows] - components.logs[odds.own][:, None]
    prior = _summed_weights(components.log_weights, rivals)
    L[~rivals.T] = -np.inf
    L[:, ~asked] = 0.0
    values: Floats = own - (_log_sum(L) - prior[:, None])
    values[~asked] = 0.0
    return values


def _summed_weights(log_weights: Floats, rivals: NDArray[np.bool_]) -> Floats:
    """Log of the summed weights of the rivals, shape (n,); 0 without a rival."""
    logs = np.where(rivals, log_weights, -np.inf)
    logs[~np.isfinite(logs).any(axis=1)] = 0.0
    summed: Floats = logsumexp(logs, axis=1)
    return summed


def prior_log_odds(components: Components, odds: Odds) -> Floats:
    """log w_c - log sum of the rivals' weights, (n,): what odds are without columns.

    The log-odds of a row are this and the value of all columns; +inf without rivals.
    """
    log_weights = components.log_weights
    rivals = odds.rivals & components.weighs
    prior = log_weights[odds.own] - _summed_weights(log_weights, rivals)
    return np.where(rivals.any(axis=1), prior, np.inf)


def _log_sum(L: Floats) -> Floats:
    """log sum over k of exp(L_k), in the place of L."""
    top: Floats = L.max(axis=0)
    L -= top
    np.exp(L, out=L)
    total: Floats = top + np.log(L.sum(axis=0))
    return total
