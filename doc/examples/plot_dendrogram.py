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
        f"{part.value:.4g} and {part.compared_with:.4g}"
    )

# %%
# The dendrogram
# --------------
# SciPy draws it from the merges, their heights, and the sizes of their branches. Beside
# each column stand its means in the left and in the right branch.

children, n = model[-1].children_, len(X)
sizes = [1] * n
for a, b in children:
    sizes.append(sizes[a] + sizes[b])
tree = np.column_stack([children, merges.score, sizes[n:]])
n_clusters = model[-1].n_clusters_
# between the last merge that was done and the first that was not
cut = merges.score[[-n_clusters, 1 - n_clusters]].mean()


def short(value):
    """A number by three digits."""
    return np.format_float_positional(value, 3, fractional=False, trim="-")


def said(part):
    """A column of a merge: its share, and its means on both sides."""
    name = part.feature.split("/")[0].replace("_", " ")
    sides = f"{short(part.value)} | {short(part.compared_with)}"
    return f"{name} {part.share:.0%}: {sides}"


fig, ax = plt.subplots(figsize=(10, 6), layout="constrained")
drawn = dendrogram(
    tree,
    p=LEAVES,
    truncate_mode="lastp",
    ax=ax,
    color_threshold=cut,
    above_threshold_color="0.4",
)
for x, y in zip(drawn["icoord"], drawn["dcoord"], strict=True):
    merge = np.abs(merges.score - y[1]).argmin()
    if merge < len(merges) - EXPLAINED:
        continue
    ax.annotate(
        "\n".join(said(part) for part in merges[int(merge)].reasons(2)[0]),
        (np.mean(x[1:3]), y[1]),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=9,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )
ax.axhline(cut, color="0.6", linestyle=":")
ax.annotate(
    f"the cut: {n_clusters} clusters",
    (1, cut),
    xycoords=("axes fraction", "data"),
    xytext=(-4, 3),
    textcoords="offset points",
    ha="right",
    color="0.4",
)
ax.set_ylim(top=1.12 * merges.score[-1])
ax.set(xlabel="number of wines in the branch", ylabel="height of the merge")
ax.set_title(
    "What holds two branches apart: share of the height, and means of left | right"
)
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
