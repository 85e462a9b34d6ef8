# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Small networks of all kinds of layers, on which rules and engines are checked."""

from dataclasses import replace

import numpy as np

from skneon.network import Search
from skneon.testing import _linkage_specimens
from skneon.testing._additive_specimens import column_scores, ensemble, tails
from skneon.testing._cluster_specimens import (
    centroids,
    log_odds,
    members,
    mixture,
    several_centroids,
    splits,
)
from skneon.testing._distance_specimens import (
    large_clusters,
    nearest_distances,
    scaled_distances,
)
from skneon.testing._forest_specimens import RULES, trees
from skneon.testing._halves import Halves
from skneon.testing._index_specimens import SPECIMENS as INDICES
from skneon.testing._level_specimens import SPECIMENS as LEVELS
from skneon.testing._linear_specimens import (
    cosine_features,
    kernel_sum,
    linear,
    linear_behind_a_map,
)
from skneon.testing._mapped_specimens import flat, of_two_parents
from skneon.testing._specimen import (
    MATRIX,
    N_CLUSTERS,
    REPEATED,
    ROWS,
    SUPPORT,
    Specimen,
)
from skneon.testing._support_specimens import (
    biased,
    cosines,
    distances,
    groups,
    kernels,
    local_outlier_factor,
    nearest,
    plain_distances,
    single,
)
from skneon.testing._vote_specimens import SPECIMENS as VOTING

_PRUNED = {"search": Search("kd_tree", 1e-13)}
_SINGLE = {"dtype": np.float32}
_ALL = [
    Specimen("distances", distances, leaves_out=True),
    Specimen("distances-behind-a-map", flat("distances"), leaves_out=True, power=0),
    Specimen("plain-distances", plain_distances, leaves_out=True, power=1),
    Specimen("biased-distances", biased),
    Specimen("kernels", kernels, leaves_out=True, agreeing=False),
    Specimen("kernels-behind-a-map", flat("kernels"), agreeing=False, power=0),
    Specimen(
        "random-features",
        cosines,
        leaves_out=True,
        agreeing=False,
        asks=("shares_by_feature", "carried"),
    ),
    Specimen("mean-of-neighbors", nearest("mean"), leaves_out=True),
    Specimen("kth-neighbor", nearest("kth"), leaves_out=True),
    *INDICES,
    Specimen("local-outlier-factor", local_outlier_factor, leaves_out=True),
    Specimen(
        "nearest-distances",
        nearest_distances,
        leaves_out=True,
        power=1,
    ),
    Specimen("large-clusters", large_clusters, power=1),
    Specimen("scaled-distances", scaled_distances, power=1),
    Specimen("centroids", centroids, N_CLUSTERS),
    Specimen("centroids-behind-a-map", flat("centroids"), N_CLUSTERS, power=0),
    Specimen("several-centroids", several_centroids, 4),
    Specimen("splits", splits, 4),
    Specimen("mixture", mixture, power=0),
    Specimen("log-odds", log_odds, N_CLUSTERS, power=0),
    Specimen("members", members, 3, leaves_out=True),
    *LEVELS,
    *VOTING,
    Specimen("linear", linear, agreeing=False, power=0),
    Specimen("linear-behind-a-map", linear_behind_a_map, agreeing=False, power=0),
    Specimen("kernel-sum", kernel_sum),
    Specimen(
        "cosine-features",
        cosine_features,
        agreeing=False,
        asks=("shares_by_feature",),
    ),
]
_UNCHANGING = [
    Specimen("distances-by-a-tree", distances, leaves_out=True, options=_PRUNED),
    Specimen("distances-in-groups", groups),
    Specimen(
        "distances-in-float32", single, leaves_out=True, options=_SINGLE, rtol=1e-3
    ),
    Specimen("distances-of-parents", of_two_parents(distances), leaves_out=True),
    Specimen("kernels-of-parents", of_two_parents(kernels), agreeing=False),
    Specimen("centroids-of-parents", of_two_parents(centroids), N_CLUSTERS),
    Specimen("distances-with-a-middle", distances, options={"middle": (Halves(),)}),
    Specimen("centroids-of-repeated-rows", centroids, 4, table=ROWS[REPEATED]),
    *(Specimen(f"trees-{rule}", trees(SUPPORT, rule)) for rule in RULES),
    *(Specimen(f"tails-{mean}", tails(SUPPORT, mean), 0, True) for mean in (0, 1)),
    Specimen("ensemble", ensemble(SUPPORT, False), asks=("explained",)),
    Specimen("ensemble-maximum", ensemble(SUPPORT, True), asks=("explained",)),
    Specimen("columns", column_scores(SUPPORT), agreeing=False),
    Specimen("columns-behind-a-map", column_scores(SUPPORT, MATRIX), agreeing=False),
    Specimen("centroids-with-a-middle", centroids, 4, options={"middle": (Halves(),)}),
]

SPECIMENS: dict[str, Specimen] = {
    specimen.name: specimen
    for specimen in [
        *_ALL,
        *(replace(s, changes=False) for s in _UNCHANGING),
        *_linkage_specimens.SPECIMENS,
    ]
}
