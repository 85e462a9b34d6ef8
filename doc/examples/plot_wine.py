# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""
=========================================
Wine: which bottles are unusual, and why?
=========================================

178 wines of three cultivars from one region of Italy, with 13 chemical measurements of
each. A kernel density estimate says which of them lie apart from all others; skneon
says by which measurements.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_wine
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, explain
from skneon.plotting import BeeswarmDisplay, SummaryDisplay

# %%
# The model
# ---------
# Columns are brought to the same scale first: outlierness is a soft minimum of squared
# distances, and without scaling it would be that of proline alone, which is counted in
# hundreds. The explanation undoes the scaling, so that values are in the table's units.
#
# ``X_train`` stands for the rows that the model was fitted to. Each of them is left out
# of its own model; otherwise it would be its own nearest neighbour.

wine = load_wine(as_frame=True)
X = wine.data
model = make_pipeline(StandardScaler(), NeonKDE()).fit(X)
explanation = explain(model, X_train=X)
print(explanation)

# %%
# Which?
# ------
# Outlierness is in squared standard deviations. The median is a typical one.

order = np.argsort(-explanation.score)
print(f"median outlierness {np.median(explanation.score):.1f}")
for row in order[:4]:
    print(f"wine {row}: outlierness {explanation.score[row]:.1f}")

# %%
# Why?
# ----
# ``top`` gives the leading features of each row: the contribution to outlierness, its
# share, the value, what is typical of the column, where in it the value stands, and how
# much more the contribution is than that of an ordinary wine, by which they are ranked.

for row in order[:3]:
    print(f"wine {row}")
    table = pd.DataFrame(explanation[row].top(3)[0]).round(2)
    table = table.drop(columns=["own", "compared_with"])
    print(table.to_string(index=False))

# %%
# The contributions of a row add up to its outlierness, so that they can be drawn as
# parts of it.

BLUE, GREY = "#0072B2", "#999999"


def draw_row(ax, row):
    """The contributions to the outlierness of one wine, the largest on top."""
    parts = explanation[row].top(13, by="relevance")[0][::-1]
    leading = [part.share > 0.1 for part in parts]
    colours = [BLUE if lead else GREY for lead in leading]
    names, lengths = zip(*[part[:2] for part in parts], strict=True)
    ax.barh(names, lengths, color=colours)
    for y, (part, lead) in enumerate(zip(parts, leading, strict=True)):
        if lead:
            label = f" {part.value:g}, typical {part.typical:.3g}"
            ax.text(part.relevance, y, label, va="center", fontsize=8)
    ax.set_title(f"wine {row}: outlierness {explanation.score[row]:.1f} sd²")
    ax.set_xlabel("contribution to outlierness (sd²)")
    ax.tick_params(axis="y", labelsize=8)
    ax.label_outer()


fig, axes = plt.subplots(2, 1, figsize=(7.5, 8), layout="constrained", sharex=True)
for ax, row in zip(axes, order[:2], strict=True):
    draw_row(ax, row)
# room for the labels
axes[0].set_xlim(0, 1.3 * explanation.relevance[order[:2]].max())
plt.show()

# %%
# Wine 121 is odd in several ways at once: each of its three leading features has about
# a fifth of the score. In wine 95 a single one, magnesium, has nearly half; only one
# other wine contains more than 150 of it.

print("share of the three leading features")
for row in order[:2]:
    share = sum(part.share for part in explanation[row].top(3)[0])
    print(f"wine {row}: {share:.0%}")
print("magnesium above 150:", *np.flatnonzero(X["magnesium"] > 150))

# %%
# What drives the unusual wines?
# ------------------------------
# Over all wines each column has about the same. The 9 of the largest outlierness are
# driven by few columns.

print(explanation.summary(rows=0.05).round(2).to_string())
SummaryDisplay.from_explanation(explanation, rows=0.05)
BeeswarmDisplay.from_explanation(explanation, order[0])
plt.show()
