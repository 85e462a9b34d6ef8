# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations beside forests that are fitted without the columns.

The yardstick are scores of forests that are fitted to every subset of at most 6
columns: a game, its Shapley values, and what is left of the score while columns go.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb

import numpy as np

from benchmarks.faithfulness_tables import table
from benchmarks.forests_data import outlying
from benchmarks.forests_methods import DIFFI, SHAP, distance, fitted, methods, score

N_REFIT, SEEDS = 100, 3
OTHER = "refit, other seed"


@dataclass
class Refitted:
    """Scores of rows by forests that know the columns of every subset.

    Attributes
    ----------
    values : dict of tuple of int to ndarray of shape (n,)
    n_columns : int
    """

    values: dict
    n_columns: int

    @classmethod
    def of(cls, train, rows, seed):
        """Fit them."""
        d = train.shape[1]
        values = {(): np.zeros(len(rows))}
        for size in range(1, d + 1):
            for S in combinations(range(d), size):
                forest = fitted(train[:, S], seed, n_estimators=N_REFIT)
                values[S] = score(forest, rows[:, S])
        return cls(values, d)

    @cached_property
    def shapley(self):
        """Shapley values, (n, d)."""
        d = self.n_columns
        out = np.zeros((len(self.values[()]), d))
        for S, value in self.values.items():
            for i in set(range(d)) - set(S):
                weight = 1 / (d * comb(d - 1, len(S)))
                out[:, i] += weight * (self.values[tuple(sorted((*S, i)))] - value)
        return out

    def mean_without(self, relevance, most_first):
        """Mean score over rows while 1 to d - 1 columns are removed in an order."""
        order = np.argsort(-relevance if most_first else relevance, axis=1)
        d, total = self.n_columns, 0.0
        for removed in range(1, d):
            for row, columns in enumerate(order[:, removed:]):
                total += self.values[tuple(sorted(columns.tolist()))][row]
        return total / ((d - 1) * len(order))


def refit_tables(sets):
    """Tables of distances, of removal and of insertion, for outlying rows."""
    found = {part: {} for part in ("refit", "removal", "insertion")}
    for name, X in sets.items():
        train, rows = outlying(X)
        game, other = (Refitted.of(train, rows, seed) for seed in (1000, 2000))
        rng, expected = np.random.default_rng(0), game.shapley
        parts = [
            methods(fitted(train, seed), rows, train, rng) for seed in range(SEEDS)
        ]
        for one in parts:
            # it has no unit: of the size that serves it best
            one[DIFFI] *= np.abs(expected).sum() / np.abs(one[DIFFI]).sum()
            one[OTHER] = other.shapley
        label = f"{name} ({X.shape[1]})"
        ways = {
            "refit": lambda one: distance(one, expected),  # noqa: B023
            "removal": lambda one: game.mean_without(one, True),  # noqa: B023
            "insertion": lambda one: game.mean_without(one, False),  # noqa: B023
        }
        for part, figure in ways.items():
            digits = 1 if part == "refit" else 2
            found[part][label] = {
                m: f"{np.mean([figure(one[m]) for one in parts]):.{digits}f}"
                for m in parts[0]
                # the order of "path" is shap's
                if part == "refit" or m != SHAP
            }
    return {
        part: table(
            "set (columns)",
            list(next(iter(lines.values()))),
            {label: list(cells.values()) for label, cells in lines.items()},
        )
        for part, lines in found.items()
    }
