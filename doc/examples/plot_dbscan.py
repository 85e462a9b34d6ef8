# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""
============================================
Two moons: why this cluster, and why in none
============================================

DBSCAN finds clusters of any shape, and leaves some rows out as noise. It has neither
centres nor ``predict``. skneon explains its labels all the same, those of noise among
them: by the nearest core rows, and by the radius.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import DBSCAN
from sklearn.datasets import make_moons

from skneon import explain

# %%
# The clustering
# --------------
# Two moons, and 14 rows that are scattered around them. A row that has 5 rows within
# the radius ``eps``, itself among them, is a core row. Core rows within the radius of
# one another are in one cluster, and so are the rows within the radius of a core row.
# All others are noise.

RADIUS = 0.2
rng = np.random.default_rng(4)
moons, _ = make_moons(240, noise=0.06, random_state=0)
scattered = rng.uniform([-1.5, -1.1], [2.5, 1.6], size=(14, 2))
X = np.vstack([moons, scattered])
model = DBSCAN(eps=RADIUS, min_samples=5).fit(X)
labels = model.labels_
print(
    f"{(labels == 0).sum()} and {(labels == 1).sum()} rows, {(labels < 0).sum()} noise"
)

# %%
# Every row is asked why it is where it is
# ----------------------------------------
# A row of a moon: how much nearer is the nearest core row of its own moon than that of
# the other? A row of noise: how much farther away than the radius is the nearest core
# row? Squared distances are sums over the columns, and so the answers are shared by the
# columns. They give the labels of the clustering: no evidence is negative.

reasons = explain(model, X_train=X)
print(f"{(reasons.target == labels).mean():.0%} of the labels")
print(f"least evidence {reasons.score.min():.3f}")

# %%
# Two rows of a moon, and two in none
# -----------------------------------
# Of the clear members, those of more evidence than the median, we take the one of which
# x says the most and the one of which y does; of noise likewise.

share_of_y = reasons.share[:, 1]
clear = np.flatnonzero((labels >= 0) & (reasons.score > np.median(reasons.score)))
noise = np.flatnonzero(labels < 0)
chosen = [
    rows[pick(share_of_y[rows])]
    for rows in (clear, noise)
    for pick in (np.argmin, np.argmax)
]
names = dict(zip(chosen, "ABCD", strict=True))
for row, name in names.items():
    x, y = reasons.relevance[row]
    said = f"evidence {reasons.score[row]:.2f} = {x:.2f} by x and {y:.2f} by y"
    print(f"{name}: cluster {labels[row]}, {said}")

# %%
# A and B are compared with the nearest core row of the other moon, C and D with that of
# any. A lies at the end of its moon, beside the other one: x tells them apart. B lies
# below the end of the other moon, and y does. C is to the right of the nearest core
# row, D above it. Of noise a column has its part of the squared distance, less half of
# the squared radius.

times = np.sqrt(reasons.score[noise] + RADIUS**2) / RADIUS
for row, far in zip(noise, times, strict=True):
    if row in names:
        print(f"{names[row]}: {far:.1f} times the radius from the nearest core row")

COLOURS = {0: "#0072B2", 1: "#E69F00", -1: "#555555"}
fig, (ax, bars) = plt.subplots(
    1, 2, figsize=(10, 4.2), layout="constrained", width_ratios=[3, 2]
)
for label, colour in COLOURS.items():
    rows = X[labels == label]
    words, marker = (f"moon {label}", "o") if label >= 0 else ("noise", "x")
    ax.scatter(*rows.T, s=18, c=colour, marker=marker, label=words, alpha=0.8)
for row, name in names.items():
    end = reasons.compared_with[row]
    ax.plot(*np.transpose([X[row], end]), color="black", linewidth=1.2)
    ax.annotate(name, X[row], (5, 5), textcoords="offset points", weight="bold")
    if labels[row] < 0:
        ax.add_patch(plt.Circle(X[row], RADIUS, fill=False, color=COLOURS[-1]))
ax.set(xlabel="x", ylabel="y", aspect="equal")
ax.set_title("lines: to what a row is compared with; circles: the radius", fontsize=10)
ax.legend(frameon=False, ncols=3, loc="lower left")
places = np.arange(len(chosen))
for k, (column, colour) in enumerate({"x": "#009E73", "y": "#CC79A7"}.items()):
    lengths = reasons.relevance[chosen, k]
    bars.barh(
        places + 0.36 * (k - 0.5), lengths, 0.34, color=colour, label=f"by {column}"
    )
where = ["noise" if labels[row] < 0 else f"moon {labels[row]}" for row in chosen]
bars.set_yticks(
    places, [f"{n}, {w}" for n, w in zip(names.values(), where, strict=True)]
)
bars.invert_yaxis()
bars.axvline(0, color="black", linewidth=0.8)
bars.set_xlabel("contribution to the evidence")
bars.legend(frameon=False)
plt.show()

# %%
# Any row, and any question
# -------------------------
# New rows need the core rows alone, which the model keeps. ``rival=-1`` asks why a row
# is in its cluster and not noise, ``cluster=-1`` why it is noise; ``target="outlier"``
# is the distance to the nearest core row without the radius, for all rows alike.

between = explain(model, [[0.5, 0.25]])
print(f"between the moons: cluster {between.target[0]}, nearest {between.rival[0]}")
apart = explain(model, X_train=X, target="outlier")
print(f"beyond the radius: {(apart.score > RADIUS**2).sum()} rows, all of them noise")
