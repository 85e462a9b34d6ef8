# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Gaussians and mixtures, for benchmarks/faithfulness.py."""

from functools import cached_property, partial

import numpy as np
from sklearn.covariance import EmpiricalCovariance
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestRegressor
from sklearn.mixture import GaussianMixture

from benchmarks.bench_gaussians import (
    MIXTURE,
    accuracies,
    accuracy_table,
    times,
    times_table,
)
from benchmarks.faithfulness_methods import (
    EXACT,
    MOST_FEATURES,
    OTHERS,
    evaluate,
)
from benchmarks.faithfulness_tables import (
    by_method,
    folded,
    microseconds,
    percent,
    plain,
    table,
)
from skneon import neuralize
from skneon.metrics import exact_shapley, flipping_score, shapley_scorer

RULES = ("shapley", "integrated", "mean")
# a smaller table has too few rows for several components
FEWEST_ROWS = 100
# estimator, options of explain, in words
MODELS = {
    "one Gaussian": (EmpiricalCovariance(), {}),
    "PCA(0.9)": (PCA(0.9), {"target": "outlier"}),
    "mixture": (MIXTURE, {"target": "outlier"}),
    "log-odds": (MIXTURE, {"target": "cluster"}),
}


class GaussianCase:
    """The squared distance, or minus the log density, of held-out rows.

    What `evaluate` takes, and the methods beside NEON.
    """

    def __init__(self, estimator, train, rows, seed=0):
        self.train, self.rows, self.seed = train, rows, seed
        self.model = estimator.fit(train)
        self.options = {"target": "outlier"}
        self.network = neuralize(self.model, **self.options)
        self.query = self.network.rows(rows)[1]
        self.score = self.network.forward

    @cached_property
    def components(self):
        """Factors of the score, means and precisions of the components."""
        if isinstance(self.model, GaussianMixture):
            return 1.0, self.model.means_, self.model.precisions_
        return 2.0, self.model.location_[None], self.model.precision_[None]

    def gradient(self, X):
        """Gradient of the score, shape (n, d)."""
        factor, means, precisions = self.components
        shares = np.ones((len(X), 1))
        if len(means) > 1:
            shares = self.model.predict_proba(X)
        slopes = np.einsum("kij,nkj->nki", precisions, X[:, None] - means)
        return factor * np.einsum("nk,nki->ni", shares, slopes)

    def pick(self, values):
        """Explanations of the score, which is one number."""
        return values

    def surrogate(self):
        """A forest that learns the score of the training rows."""
        forest = RandomForestRegressor(random_state=self.seed)
        return forest.fit(self.train, self.score(self.train))

    def flipping(self, relevance):
        """The flipping score of the rows."""
        return flipping_score(self.model, self.rows, relevance, **self.options)


def prepared(case, rule):
    """A rule of NEON, with what is built once for a model built before the clock."""
    network = neuralize(case.model, **case.options, rule=rule)
    network.explain(case.rows[:1])
    return lambda: network.explain(case.rows).relevance


def gaussian_section(datasets, notes, n_rows):
    """Tables of the rules for Gaussians and mixtures; as in `outlier_section`."""
    parts = [rules_part(datasets)]
    enough = {
        name: splits
        for name, splits in datasets.items()
        if len(splits[0].train) + len(splits[0].rows) >= FEWEST_ROWS
    }
    for title, estimator, some in (
        ("one Gaussian", EmpiricalCovariance(), datasets),
        ("mixture of three", MIXTURE, enough),
    ):
        parts.append(methods_part(title, estimator, some, notes, n_rows))
    return "\n".join([*parts, GAUSSIAN_TEXT, beyond_part()])


def rules_part(datasets):
    """Distances of the rules to exact over held-out rows, and what else differs."""
    datasets = {
        name: splits
        for name, splits in datasets.items()
        if splits[0].rows.shape[1] <= MOST_FEATURES
    }
    distances, more = {}, {}
    for label, (estimator, options) in MODELS.items():
        found = {
            name: [figures_of(estimator, split, options) for split in splits]
            for name, splits in datasets.items()
            if enough_for(estimator, splits)
        }
        for rule in RULES:
            distances[f"{label}: {rule}"] = [
                percent([of[rule]["distance"] for of in found[name]])
                if name in found
                else "-"
                for name in datasets
            ]
        for rule in (EXACT, "integrated", "mean"):
            more[f"{label}: {rule}"] = [
                first_and_negative([of[rule] for of in found[name]])
                if name in found
                else "-"
                for name in datasets
            ]
    parts = [DISTANCE_TITLE, table("model: rule", list(datasets), distances)]
    return "\n".join([*parts, MORE_TITLE, table("model: rule", list(datasets), more)])


def figures_of(estimator, split, options):
    """By rule: distance by `shapley_scorer`, first column as by exact, negative shares.

    Returns
    -------
    figures : dict of str to dict of str to float
    """
    model, rows = estimator.fit(split.train), split.rows
    exact = exact_shapley(model, rows, **options).relevance
    figures = {EXACT: shares_of(exact, exact)}
    for rule in RULES:
        R = neuralize(model, **options, rule=rule).explain(rows).relevance
        distance = -shapley_scorer(model, rows, **options, rule=rule)
        figures[rule] = shares_of(R, exact) | {"distance": distance}
    return figures


def shares_of(R, exact):
    """Rows with the same first column, and relevances below 0 by more than rounding."""
    below = -1e-9 * np.abs(R).sum(axis=1, keepdims=True)
    return {
        "first": float(np.mean(R.argmax(axis=1) == exact.argmax(axis=1))),
        "negative": float(np.mean(below > R)),
    }


def enough_for(estimator, splits):
    """Whether a mixture has enough rows."""
    n = len(splits[0].train) + len(splits[0].rows)
    return n >= FEWEST_ROWS or not isinstance(estimator, GaussianMixture)


def first_and_negative(some):
    """A cell of two figures."""
    means = (100 * np.mean([one[key] for one in some]) for key in ("first", "negative"))
    return " / ".join(f"{mean:.0f}" for mean in means)


def beyond_part():
    """Beyond 12 columns: accuracy by the number of orders, and times."""
    parts = [BEYOND_TEXT, accuracy_table(accuracies()), TIMES_TEXT]
    return "\n".join([*parts, times_table(times())])


def methods_part(title, estimator, datasets, notes, n_rows):
    """NEON and other methods."""
    rules = {f"NEON {rule}": partial(prepared, rule=rule) for rule in RULES}
    results = {
        name: [
            evaluate(
                GaussianCase(estimator, split.train, split.rows[:n_rows], seed),
                OTHERS | rules,
                notes,
            )
            for seed, split in enumerate(splits)
        ]
        for name, splits in datasets.items()
    }
    parts = [f"Distance to exact, per cent, **{title}**:\n"]
    parts += [by_method(results, "distance", percent)]
    parts += [f"Flipping score, lower is better, **{title}**:\n"]
    parts += [by_method(results, "flipping", plain)]
    seconds = by_method(results, "seconds", microseconds)
    parts += [folded(f"Microseconds a row, {title}", seconds)]
    return "\n".join(parts)


GAUSSIAN_INTRO = """\
One Gaussian is `EmpiricalCovariance`, scored by the squared Mahalanobis distance.
PCA(0.9) keeps 90 % of the variance and is scored by its log density, as is the mixture,
which has three components of full covariance and `reg_covar=1e-2`. Log-odds are those
of the component that a row belongs to. The exact values are those of the marginal game,
in which left-out columns are integrated out; rule "mean" plays another game, in which
they are set to the mean, and is exact for that one ([rules.md](rules.md#gaussians)).
Linnerud has too few rows for mixtures.
"""

DISTANCE_TITLE = """\
Distance of the rules to exact, per cent, the median over held-out rows as
`shapley_scorer` takes it (mean over splits ± standard error):
"""

MORE_TITLE = """\
First column as by exact, per cent of rows / negative relevances, per cent of all:
"""

BEYOND_TEXT = """\
**Beyond 12 columns** "shapley" is the mean over balanced orders in which columns come
in, 2 d of them by default. Distance to all subsets, median over rows, with the largest
relative error of a sum:
"""

TIMES_TEXT = """\
Microseconds a row; preparation is what is done once for a model:
"""

GAUSSIAN_TEXT = """\
What the tables say:

- "shapley", the default, is exact up to 12 columns. On wine, with 13, it is off by 5 %
  for one Gaussian and by 6 to 7 % for mixtures. Relevances of one Gaussian are not
  negative.
- "mean", z_i (Pz)_i, loses: for one Gaussian it is 44 to 434 % off, its first column is
  the right one in 23 to 87 % of the rows, and a quarter to two fifths of its relevances
  are negative. It removes columns in a worse order than squared z-scores, which know no
  model at all, on every set. For one Gaussian it is the same as integrated gradients
  from the mean, as the two rows of the tables show. For mixtures and log-odds it is 31
  to 277 % off.
- "integrated" is 9 to 25 % off for one Gaussian, 13 to 19 % for mixtures and 14 to 41 %
  for log-odds, which is more than 2 d orders are. Its order of the columns is nearly as
  good, and with the 64 columns of digits it is level with "shapley". It is for hundreds
  of columns, where orders are slow, and no substitute where they are not.
- Occlusion is what a column adds as the last. It does not add up, and its order is
  behind.
- SHAP values with background rows are values of another game, as for densities. A row
  that is mixed from two can be so odd to a Gaussian of correlated columns that a few
  such samples outweigh all others: on diabetes and cancer KernelSHAP's 2 d + 64 samples
  are far from enough.
- Squared z-scores do well in the flipping of one Gaussian: level on wholesale, behind
  by little elsewhere, by much on cancer, whose columns are the most correlated. In
  mixtures they are behind on every set.
"""
