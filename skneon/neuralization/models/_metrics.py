# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Metrics without a network, and what to do for each."""

from typing import Any, NoReturn

# columns of which the euclidean distance is, or grows with, the metric
WAYS = {
    "haversine": (
        "For places on the globe, explain x, y, z on the sphere: np.c_[cos(lat) * "
        "cos(lon), cos(lat) * sin(lon), sin(lat)], whose distance, the chord, grows "
        "with that along the great circle"
    ),
    "cosine": (
        "Divide each row by its length, by a Normalizer: squared distances are then "
        "2 (1 - cosine)"
    ),
    "correlation": (
        "Subtract from each row its mean and divide it by its length: squared "
        "distances are then 2 (1 - correlation)"
    ),
    "seuclidean": "Put a StandardScaler in front",
    "mahalanobis": "Put PCA(whiten=True) in front",
    "hamming": (
        "Put a OneHotEncoder in front: squared distances are then twice the number of "
        "columns that differ"
    ),
}


def refuse_metric(model: Any, metric: Any, **settings: Any) -> NoReturn:
    """Raise for a metric without a network.

    Parameters
    ----------
    model : estimator
    metric : str or callable
    **settings
        Other parameters that the metric has.

    Raises
    ------
    ValueError
        It names the metric, and columns in the place of it where some are known.
    """
    name = type(model).__name__
    also = "".join(f", {key}={value!r}" for key, value in settings.items())
    way = WAYS.get(metric) if isinstance(metric, str) else None
    way = "" if way is None else f"{way}. "
    raise ValueError(
        f"Only the euclidean metric has this network, got metric={metric!r}{also}. "
        f'{way}Fit {name} with metric="euclidean".'
    )
