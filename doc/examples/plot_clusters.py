# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""
====================================
Iris: why this cluster, and not that
====================================

A clustering says where a row belongs. skneon says how clearly, as the evidence for the
cluster against its rivals, and by which features: for k-means, and for clusterings that
have no ``predict``, too.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.cluster import AgglomerativeClustering
from sklearn.datasets import load_iris
from sklearn.neighbors import KernelDensity

from skneon import NeonKMeans, explain

COLUMNS = ["feature", "relevance", "share", "value", "own", "compared_with"]

iris = load_iris(as_frame=True)
X = iris.data.rename(columns=lambda name: name.removesuffix(" (cm)"))

# %%
# Evidence
# --------
# The evidence for a cluster is the squared distance to the nearest rival's centroid,
# less that to the own. It is 0 on the border.

kmeans = NeonKMeans(3, n_init=10, random_state=0).fit(X)
explanation = kmeans.explain()
print("cluster sizes", *np.bincount(kmeans.labels_))
for cluster in range(3):
    members = explanation[kmeans.labels_ == cluster]
    print(f"cluster {cluster}: median evidence {np.median(members.score):.2f} cm²")

# %%
# Clear members and border cases
# ------------------------------
# Contributions are signed. A negative one speaks for the rival: in that feature the row
# is nearer to the rival's centroid, ``compared_with``, than to that of its own cluster,
# ``own``.

clear, border = explanation.score.argmax(), explanation.score.argmin()
for row in (clear, border):
    part = explanation[row]
    print(
        f"row {row}: cluster {part.target[0]} rather than {part.rival[0]}, evidence "
        f"{part.score[0]:.2f}"
    )
    print(pd.DataFrame(part.top(4)[0])[COLUMNS].round(2).to_string(index=False))

# %%
# Two questions
# -------------
# ``cluster`` and ``rival`` ask about any pair: why this cluster, and not that one?
# Where the answer is no, the evidence is negative.

own, rival = explanation.target[border], explanation.rival[border]
asked = kmeans.explain(X.iloc[[border]], cluster=rival, rival=own)
print(f"why {rival} and not {own}? evidence {asked.score[0]:.2f}")

# %%
# What tells the clusters apart
# -----------------------------
# Means over the members of a cluster say what it is made of. The lengths of the petals
# do most of the work, the widths of the sepals the least.

means = pd.DataFrame(
    [explanation[kmeans.labels_ == cluster].relevance.mean(0) for cluster in range(3)],
    columns=X.columns,
)
print(means.round(2).to_string())

COLOURS = ["#0072B2", "#E69F00", "#009E73"]
fig, axes = plt.subplots(1, 2, figsize=(9.5, 4.5), layout="constrained")
for cluster, colour in enumerate(COLOURS):
    rows = kmeans.labels_ == cluster
    opacity = np.clip(explanation.score[rows] / 8, 0.15, 1)
    label = f"cluster {cluster}"
    x, y = X.loc[rows, "petal length"], X.loc[rows, "petal width"]
    axes[0].scatter(x, y, color=colour, alpha=opacity, s=30)
    axes[0].scatter([], [], color=colour, label=label)
    height = 0.27
    axes[1].barh(
        np.arange(4) + height * (cluster - 1), means.loc[cluster], height, color=colour
    )
at = X.iloc[border][["petal length", "petal width"]]
axes[0].scatter(*at, s=120, facecolors="none", edgecolors="black")
axes[0].annotate(f"row {border}", at, xytext=(8, -4), textcoords="offset points")
axes[0].set(xlabel="petal length (cm)", ylabel="petal width (cm)")
axes[0].set_title("the more opaque, the more evidence")
axes[0].legend(frameon=False)
axes[1].set_yticks(range(4), X.columns)
axes[1].invert_yaxis()
axes[1].axvline(0, color="black", linewidth=0.8)
axes[1].set_xlabel("mean contribution to the evidence (cm²)")
axes[1].set_title("what the clusters are made of")
plt.show()

# %%
# Clusterings without ``predict``
# -------------------------------
# Agglomerative, spectral and density-based clusterings label their rows, and have
# nothing to say about others. Give a kernel density estimate of the same rows their
# labels: every cluster then has a soft distance of its own, and the evidence is the
# difference of these.

labels = AgglomerativeClustering(3).fit_predict(X)
density = KernelDensity(bandwidth=0.5).fit(X)
members = explain(density, members=labels)
doubtful = np.flatnonzero(members.score < 0)
print(f"{len(doubtful)} of {len(X)} rows are nearer to another cluster than their own")
row = members.score.argmin()
print(f"row {row}: labelled {members.target[row]}, evidence {members.score[row]:.2f}")
print(pd.DataFrame(members[row].top(2)[0])[COLUMNS].round(2).to_string(index=False))
