# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""
================================
Wine: a dendrogram that says why
================================

A dendrogram shows at which height two branches merge, and not what keeps them apart
until then. ``target="merge"`` divides each height among the columns.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.cluster.hierarchy import dendrogram
from sklearn.cluster import AgglomerativeClustering
from sklearn.datasets import load_wine
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import explain

LEAVES, EXPLAINED = 8, 5

X = load_wine(as_frame=True).data
model = make_pipeline(StandardScaler(), AgglomerativeClustering(3)).fit(X)

# %%
# Every merge
# -----------
# Row t of the explanation is merge t of ``children_``. The relevances of its columns
# sum to its height, and ``data`` and ``compared_with`` are the means of its two sides.

merges = explain(model, X_train=X, target="merge")
print(f"{len(merges)} merges, the last at the height {merges.score[-1]:.1f}")
print(f"its relevances sum to {merges.relevance[-1].sum():.1f}")
for merge in reversed(merges[-EXPLAINED:]):
    part = merge.reasons(1)[0][0]
    print(
        f"merge {merge.index[0]}: {part.share:.0%} by {part.feature}, "
        f"{part.value:.3g} and {part.compared_with:.3g}"
    )

# %%
# The dendrogram
# --------------
# SciPy draws it from the merges, their heights, and the sizes of their branches.

children, n = model[-1].children_, len(X)
sizes = [1] * n
for a, b in children:
    sizes.append(sizes[a] + sizes[b])
tree = np.column_stack([children, merges.score, sizes[n:]])

fig, ax = plt.subplots(figsize=(9.5, 5.5), layout="constrained")
drawn = dendrogram(
    tree,
    p=LEAVES,
    truncate_mode="lastp",
    ax=ax,
    color_threshold=0,
    above_threshold_color="0.4",
)
for x, y in zip(drawn["icoord"], drawn["dcoord"], strict=True):
    merge = np.abs(merges.score - y[1]).argmin()
    if merge < len(merges) - EXPLAINED:
        continue
    lines = [
        f"{part.feature.split('/')[0].replace('_', ' ')} {part.share:.0%}"
        for part in merges[int(merge)].reasons(2)[0]
    ]
    ax.annotate(
        "\n".join(lines),
        (np.mean(x[1:3]), y[1]),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=9,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )
ax.set_ylim(top=1.12 * merges.score[-1])
ax.set(xlabel="wines (number in a branch, or its own)", ylabel="height of the merge")
ax.set_title("what holds the branches apart, and its share of the height")
plt.show()

# %%
# A wine at the border
# --------------------
# Each wine is asked where it would be inserted, were it not there. The evidence for its
# own cluster is never negative; here it is the least.

reasons = explain(model, X_train=X)
row = reasons.score.argmin()
print(f"wine {row}: cluster {reasons.target[row]} by {reasons.score[row]:.2f}")
for part in reasons[row].reasons(3)[0]:
    print(f"{part.relevance:+.2f} {part.feature}: {part.value:.4g}", end=", ")
    print(f"in cluster {reasons.rival[row]} {part.compared_with:.4g}")
