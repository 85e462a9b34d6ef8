# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Data sets of the faithfulness benchmark, their splits, and gamma by likelihood."""

import os
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_linnerud,
    load_wine,
)
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE
from skneon.datasets import fetch_wholesale_customers

# quarter decades
GAMMAS = np.logspace(-2, 2, 17)
DIGITS_ROWS = 600


def load_datasets(wholesale=None):
    """All data sets that can be had here.

    Parameters
    ----------
    wholesale : path-like or None
        CSV file of the wholesale customers.

    Returns
    -------
    datasets : dict of str to ndarray of shape (n, d)
    notes : list of str
        What was skipped, and why.
    """
    notes = []
    datasets = {
        "iris": load_iris().data,
        "penguins": _penguins(notes),
        "linnerud": _linnerud(),
        "wholesale": _log_spending(wholesale, notes),
        "diabetes": load_diabetes().data,
        "cancer 10": load_breast_cancer().data[:, :10],
        "wine": load_wine().data,
        "digits": _digits(),
    }
    return {name: X for name, X in datasets.items() if X is not None}, notes


def wholesale_bunch(path, notes):
    """The wholesale data, or None and a note."""
    path = path or os.environ.get("SKNEON_WHOLESALE_CSV")
    if not path:
        notes.append("wholesale: skipped, no CSV file given (`--wholesale`).")
        return None
    try:
        return fetch_wholesale_customers(path)
    except (OSError, ValueError) as error:
        notes.append(f"wholesale: skipped, {type(error).__name__} on reading the file.")
        return None


@dataclass
class Split:
    """A training part, standardised, and held-out rows on its scale."""

    train: np.ndarray
    rows: np.ndarray

    @cached_property
    def likelihood_gamma(self):
        """gamma of the highest held-out likelihood, by 5-fold cross-validation."""
        search = GridSearchCV(NeonKDE(), {"gamma": GAMMAS}, cv=5).fit(self.train)
        return float(search.best_params_["gamma"])

    def gamma(self, gamma):
        """None stands for the gamma by likelihood."""
        return self.likelihood_gamma if gamma is None else gamma


def splits(X, n_splits):
    """Random splits: three quarters to train, one quarter to explain."""
    shuffle = ShuffleSplit(n_splits, test_size=0.25, random_state=0)
    found = []
    for train, test in shuffle.split(X):
        scaler = StandardScaler().fit(X[train])
        found.append(Split(scaler.transform(X[train]), scaler.transform(X[test])))
    return found


def _penguins(notes):
    try:
        from palmerpenguins import load_penguins
    except ImportError:
        notes.append("penguins: skipped, the package palmerpenguins is not installed.")
        return None
    columns = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
    return load_penguins()[columns].dropna().to_numpy(dtype=float)


def _linnerud():
    bunch = load_linnerud()
    return np.hstack([bunch.data, bunch.target])


def _log_spending(path, notes):
    bunch = wholesale_bunch(path, notes)
    return None if bunch is None else np.log(bunch.data)


def _digits():
    rows = np.random.default_rng(0).permutation(len(load_digits().data))
    return load_digits().data[rows[:DIGITS_ROWS]]
