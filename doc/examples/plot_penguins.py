# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""
============================================
Penguins: a table of numbers and categories
============================================

Real tables have gaps, and columns that are no numbers. A scikit-learn Pipeline fills
the gaps and encodes the categories; skneon carries the explanation back through all of
it, so that the reasons are given in the columns that went in.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from palmerpenguins import load_penguins
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skneon import explain, neuralize

# %%
# The table and the model
# -----------------------
# 344 penguins: species, island and sex are categories, four columns are measurements,
# and some cells are empty.

penguins = load_penguins()
print(penguins.head(4).to_string())

measured = make_pipeline(SimpleImputer(), StandardScaler())
categories = ["species", "island", "sex"]
numbers = [name for name in penguins if name not in [*categories, "year"]]
prepare = make_column_transformer((measured, numbers), (OneHotEncoder(), categories))
model = make_pipeline(prepare, KernelDensity(bandwidth=1.5)).fit(penguins)

# %%
# The Pipeline becomes a network as a whole. Its first layer is the preprocessing.

print(neuralize(model))

# %%
# Outliers in the table's own terms
# ---------------------------------
# ``year`` went nowhere, and gets nothing. A category column has one contribution, the
# sum over its one-hot columns. ``typical`` is the median of a column, or its commonest
# category, and ``percentile`` says where in the column the value stands.

reasons = explain(model, X_train=penguins)
order = np.argsort(-reasons.score)
for row in order[:2]:
    print(f"row {row}: outlierness {reasons.score[row]:.1f}")
    leading = pd.DataFrame(reasons[row].top(4)[0])
    columns = [
        "feature",
        "relevance",
        "share",
        "excess",
        "value",
        "typical",
        "percentile",
    ]
    print(leading[columns].round(2).to_string(index=False))

# %%
# Empty cells
# -----------
# A value that was filled in counts as the column's own. Two rows have no measurement at
# all. They are not among the outliers, since means were filled in, and the first reason
# for the outlierness that they have is another gap: that of ``sex``, which encoding has
# made a category of its own.

empty = np.flatnonzero(penguins[numbers].isna().all(axis=1))
rank = np.argsort(np.argsort(-reasons.score))
for row in empty:
    first = reasons[row].top(1)[0][0]
    print(
        f"row {row}: outlierness {reasons.score[row]:.1f}, rank {rank[row] + 1}; "
        f"{first.share:.0%} of it by {first.feature}"
    )

# %%
# The columns together
# --------------------
# ``aggregate`` sums groups of columns. Here, what the bird is and where it lives
# against how it measures, for all rows:

groups = {"categories": categories, "measurements": numbers}
parts = reasons.aggregate(groups)
by_category, by_measurement = parts.relevance[:, :2].T

COLOURS = {"Adelie": "#E69F00", "Chinstrap": "#CC79A7", "Gentoo": "#0072B2"}
MARKERS = {"Adelie": "o", "Chinstrap": "s", "Gentoo": "^"}
fig, ax = plt.subplots(figsize=(7, 5.5), layout="constrained")
for species, colour in COLOURS.items():
    rows = np.flatnonzero(penguins["species"] == species)
    style = {"s": 22, "color": colour, "marker": MARKERS[species], "label": species}
    ax.scatter(by_category[rows], by_measurement[rows], **style)
for row in order[:2]:
    at = by_category[row], by_measurement[row]
    ax.annotate(f"row {row}", at, xytext=(6, -3), textcoords="offset points")
ax.set_xlabel("contribution of species, island and sex")
ax.set_ylabel("contribution of the four measurements")
ax.set_title("Outlierness of the penguins, in two parts")
ax.legend(frameon=False)
plt.show()

# %%
# Further to the right are birds of a rare kind, further up those of unusual size. The
# sum of both coordinates is the outlierness.
