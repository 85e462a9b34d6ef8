# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""
=======================================
Two moons: why spectral clustering says
=======================================

``SpectralClustering`` follows shapes that no centroid stands for, and has no
``predict``. Its embedding of a row is a mean of the embeddings of the others, by their
affinities: so every row votes for clusters, and whoever is near decides. That is a
network with the columns at its input, which gives the labels of the fit.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from sklearn.cluster import KMeans, SpectralClustering
from sklearn.datasets import make_moons

from skneon import explain, neuralize

X, _ = make_moons(300, noise=0.07, random_state=0)
X = pd.DataFrame(X, columns=["x", "y"])
model = SpectralClustering(2, gamma=20, random_state=0).fit(X)

# %%
# The network gives the labels
# ----------------------------
# The model keeps no rows: they come as ``X_train``. Each is left out of its own sum,
# as in scikit-learn's embedding. Of so few columns the exact Shapley values are as fast
# as the default rule, which departs from them where the moons reach into each other.

network = neuralize(model, X_train=X, rule="shapley")
own = network.explain()
print(f"labels given by the network: {network.meta['labels_reproduced']:.0%}")
print(f"least evidence of a row for its own cluster: {own.score.min():.2f}")

# %%
# Which column decides, where
# ---------------------------
# The black line is the border. Where one moon lies above the other y decides, and at
# the outer ends x. Towards the inner tips both columns count. The row of the least
# evidence is at such a tip: the rows that speak for the other moon are hardly farther
# away than those that speak for its own.

steps = np.linspace(-1.6, 2.6, 85), np.linspace(-1.1, 1.6, 85)
plane = pd.DataFrame(
    np.stack(np.meshgrid(*steps), -1).reshape(-1, 2), columns=X.columns
)
upper = model.labels_[X["y"].argmax()]
evidence = network.forward(plane, cluster=upper).reshape(85, 85)
of_x = own.relevance[:, 0] / np.abs(own.relevance).sum(axis=1)
of_y = own.relevance[:, 1] / np.abs(own.relevance).sum(axis=1)

tip = own.score.argmin()
part = own[tip]
print(f"row {tip}: evidence {part.score[0]:.2f} for cluster {part.target[0]}")
columns = ["feature", "relevance", "value", "compared_with"]
print(pd.DataFrame(part.top(2)[0])[columns].round(2).to_string(index=False))

fig, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", sharey=True)
colours = np.array(["#0072B2", "#E69F00"])
largest = np.abs(evidence).max()
between = LinearSegmentedColormap.from_list("", [colours[1], "white", colours[0]])
levels = np.linspace(-largest, largest, 21)
axes[0].contourf(*steps, evidence, levels, cmap=between, alpha=0.6)
axes[0].contour(*steps, evidence, [0], colors="black")
axes[0].scatter(
    *X.to_numpy().T, c=colours[(model.labels_ != upper) * 1], s=14, ec="white"
)
axes[0].set(title="evidence for the upper moon", xlabel="x", ylabel="y")
points = axes[1].scatter(
    *X.to_numpy().T, c=of_y - of_x, cmap="coolwarm", vmin=-1, vmax=1, s=22
)
axes[1].contour(*steps, evidence, [0], colors="black")
axes[1].scatter(*X.iloc[tip], s=110, facecolors="none", edgecolors="black")
axes[1].annotate(
    f"row {tip}:\nleast\nevidence",
    X.iloc[tip],
    (1.75, 0.95),
    arrowprops={"arrowstyle": "->", "shrinkB": 7},
)
axes[1].set(title="which column decides", xlabel="x")
bar = fig.colorbar(points, ax=axes[1], ticks=[-1, 0, 1])
# where a column is against the cluster the other one has all the evidence, and more
labels = ["x alone, or\nin spite of y", "both alike", "y alone, or\nin spite of x"]
bar.ax.set_yticklabels(labels)
plt.show()

# %%
# A centroid cannot
# -----------------
# k-means cuts each moon in two, and its evidence is as sure of it.

kmeans = KMeans(2, n_init=10, random_state=0).fit(X)
agreement = np.mean(kmeans.labels_ == model.labels_)
cut = explain(kmeans, X)
print(f"k-means agrees in {max(agreement, 1 - agreement):.0%} of the rows")
print(f"its median evidence: {np.median(cut.score):.2f}")
