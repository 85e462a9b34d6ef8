# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The clusterings that are fitted to a table, and the criterion of their settings."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from sklearn.cluster import (
    DBSCAN,
    HDBSCAN,
    AgglomerativeClustering,
    SpectralClustering,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

from skneon._kmeans import NeonKMeans
from skneon._report._judge import chosen
from skneon._report._models import SILHOUETTE_ROWS, Fitting
from skneon._tables._words import TableError
from skneon.explanation._text import count, number_text
from skneon.network.numerics._types import Array

MOST_CLUSTERS = 8
# rows, the row itself among them, by whose distance rows are dense; scikit-learn's
MIN_SAMPLES = 5
# part of the rows that is the least cluster of HDBSCAN
LEAST_PART = 20
# variance that mixtures add to every column, in squared standard deviations: columns of
# few values would make spikes of infinite density
LEAST_VARIANCE = 0.01
COVARIANCES = {"full": "full", "diag": "diagonal"}


@dataclass(frozen=True)
class Choice:
    """What chose the settings of a clustering, in ``words``; "" where the user did.

    ``silhouettes`` are those of numbers of clusters, and ``chance`` is what tables
    without clusters reach; NaN where it is not known.
    """

    words: str = ""
    silhouettes: dict[int, float] = field(default_factory=dict)
    chance: float = np.nan

    @property
    def is_vague(self) -> bool:
        """Whether clusters are no clearer than those of noise."""
        return max(self.silhouettes.values(), default=np.inf) <= self.chance

    @property
    def verdict(self) -> str:
        """What the silhouette says of the clusters; "" where it was not computed."""
        tried = self.silhouettes
        if not tried:
            return ""
        k, best = max(tried.items(), key=lambda item: item[1])
        of = f" (the best of {min(tried)} to {max(tried)})" * (len(tried) > 1)
        said = f"{k} clusters{of} have a mean silhouette of {best:.2f}"
        if np.isnan(self.chance):
            return f"{said}."
        return (
            f"{said}; tables of the same columns and correlations, but without "
            f"clusters, are expected to have up to {self.chance:.2f}."
        )

    def facts(self) -> dict[str, Any]:
        """The same for JSON; nothing where no silhouette was computed."""
        if not self.silhouettes:
            return {}
        return {
            "silhouettes": self.silhouettes, "silhouette_by_chance": self.chance,
            "clear": not self.is_vague,
        }  # fmt: skip


@dataclass(frozen=True)
class Chosen:
    """A clustering, not fitted, and what chose its settings."""

    model: Any
    choice: Choice = field(default_factory=Choice)


def kmeans(n_clusters: int, random_state: int = 0, n_init: int = 10) -> NeonKMeans:
    """The k-means of the command line and of reports, not fitted."""
    return NeonKMeans(n_clusters, n_init=n_init, random_state=random_state)


def by_kmeans(fitting: Fitting, n_clusters: int | None, seed: int = 0) -> Chosen:
    """K-means of so many clusters, or by the silhouette."""
    quick = partial(kmeans, random_state=seed, n_init=3)
    k, choice = _by_silhouette(fitting, quick, n_clusters, seed)
    return Chosen(kmeans(k, seed), choice)


def by_ward(fitting: Fitting, n_clusters: int | None, seed: int = 0) -> Chosen:
    """Ward linkage of so many clusters, or by the silhouette."""
    k, choice = _by_silhouette(fitting, AgglomerativeClustering, n_clusters, seed)
    return Chosen(AgglomerativeClustering(k), choice)


def by_spectral(fitting: Fitting, n_clusters: int | None, seed: int = 0) -> Chosen:
    """Spectral clustering of so many clusters, or by the silhouette.

    Affinities fall to 1/e at a squared distance of one for each column.
    """
    gamma = 1 / fitting.Z.shape[1]
    made = partial(SpectralClustering, gamma=gamma, random_state=seed)
    k, choice = _by_silhouette(fitting, made, n_clusters, seed)
    return Chosen(made(k), choice)


def _by_silhouette(
    fitting: Fitting, made: Callable[[int], Any], n_clusters: int | None, seed: int
) -> tuple[int, Choice]:
    """Number of clusters, given or of the largest silhouette, and how clear they are.

    Two where nothing can be told apart by it.
    """
    tried = range(2, MOST_CLUSTERS + 1) if n_clusters is None else [n_clusters]
    with _quietly():
        found = fitting.silhouettes(made, tried, seed)
        k = n_clusters or max(found, key=lambda k: found[k], default=2)
        chance = fitting.chance(made, k, seed) if found else np.nan
    words = ""
    if n_clusters is None and found:
        among = f"among {min(found)} to {max(found)}"
        words = f"chosen by the silhouette{_of_rows(fitting)} {among}"
    return k, Choice(words, found, chance)


def by_bic(fitting: Fitting, n_clusters: int | None, seed: int = 0) -> Chosen:
    """A Gaussian mixture, by the least BIC: its number, if it is not given, and kind.

    The Bayesian information criterion (Schwarz 1978) compares full and diagonal
    covariances, too (Fraley and Raftery 1998).
    """
    tried = range(1, MOST_CLUSTERS + 1) if n_clusters is None else [n_clusters]
    Z = fitting.Z[chosen(len(fitting.Z), SILHOUETTE_ROWS, seed)]
    tried = [k for k in tried if k <= len(Z)]
    with _quietly(), threadpool_limits(1):
        found = {
            (k, kind): float(_mixture(k, kind, seed).fit(Z).bic(Z))
            for k in tried
            for kind in COVARIANCES
        }
    k, kind = min(found, key=lambda pair: found[pair])
    by, covariances = f"by BIC{_of_rows(fitting)}", f"{COVARIANCES[kind]} covariances"
    words = f"{covariances}, chosen {by} among full and diagonal ones"
    if n_clusters is None:
        among = f"among {min(tried)} to {max(tried)} of full or diagonal covariances"
        words = f"chosen {by} {among}: {COVARIANCES[kind]}"
    return Chosen(_mixture(k, kind, seed), Choice(words))


def _mixture(n_components: int, kind: str, seed: int) -> GaussianMixture:
    return GaussianMixture(
        n_components, covariance_type=kind, reg_covar=LEAST_VARIANCE,
        random_state=seed,
    )  # fmt: skip


def by_knee(fitting: Fitting, eps: float | None) -> Chosen:
    """DBSCAN of this radius, or of that at the knee of the distances to neighbours.

    Rows in the order of the distance to their `MIN_SAMPLES`-th nearest row, themselves
    counted, make a curve (Ester, Kriegel, Sander, Xu 1996); its knee is where it is
    farthest below the line between its ends.
    """
    least = min(MIN_SAMPLES, len(fitting.Z))
    why = ""
    if eps is None:
        eps, others = _knee(fitting.Z, least - 1), f"{least - 1} others"
        why = f", the knee of the curve of distances within which rows have {others}"
    words = f"eps {number_text(eps)}{why}; min_samples {least}"
    return Chosen(DBSCAN(eps=eps, min_samples=least), Choice(words))


def _knee(Z: Array, k: int) -> float:
    """The distance to the k-th other row at which the curve of all has its knee."""
    reach = np.sort(NearestNeighbors(n_neighbors=k).fit(Z).kneighbors()[0][:, -1])
    line = np.linspace(reach[0], reach[-1], len(reach))
    knee = float(reach[np.argmax(line - reach)])
    if knee > 0:
        return knee
    # most rows have twins: these are clusters of their own
    distinct = NearestNeighbors(n_neighbors=1).fit(np.unique(Z, axis=0))
    return float(distinct.kneighbors()[0].min() / 2)


def by_size(fitting: Fitting, least: int | None) -> Chosen:
    """HDBSCAN whose clusters have so many rows, or a twentieth of all."""
    n, samples = len(fitting.Z), min(MIN_SAMPLES, len(fitting.Z))
    why = ""
    if least is None:
        least = max(samples, n // LEAST_PART)
        why = ", a twentieth of all" * (least > samples)
    words = f"each of at least {count(least, 'row')}{why}; min_samples {samples}"
    model = HDBSCAN(min_cluster_size=min(least, n), min_samples=samples, copy=True)
    return Chosen(model, Choice(words))


def check_found(model: Any, help: str) -> None:
    """Refuse a fitted clustering in which every row is noise.

    Raises
    ------
    TableError
        It says what to do.
    """
    labels = getattr(model, "labels_", None)
    if labels is not None and (labels < 0).all():
        raise TableError(
            f"No clear clusters: {type(model).__name__} finds none in "
            f"{count(len(labels), 'row')}, all of which are noise. {help}"
        )


def _of_rows(fitting: Fitting) -> str:
    """How many rows a criterion was computed on, where these are not all."""
    few = len(fitting.Z) > SILHOUETTE_ROWS
    return f" of {SILHOUETTE_ROWS:,} rows" * few


@contextmanager
def _quietly() -> Iterator[None]:
    """Without warnings of fits that are only compared."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield
