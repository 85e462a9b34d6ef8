# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Steps of Pipelines to fuzz."""

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)


def one_hot(X):
    """The first column as categories, the others as they are."""
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return ColumnTransformer([("first", encoder, [0])], remainder="passthrough")


def quantiles(rng, X):
    kind = str(rng.choice(["uniform", "normal"]))
    return QuantileTransformer(n_quantiles=len(X), output_distribution=kind)


def pca(rng, X):
    n = int(rng.integers(1, min(X.shape) + 1))
    return PCA(n, whiten=bool(rng.random() < 0.3), random_state=0)


STEPS = {
    "standard": lambda rng, X: StandardScaler(),
    "min-max": lambda rng, X: MinMaxScaler(),
    "robust": lambda rng, X: RobustScaler(),
    "max-abs": lambda rng, X: MaxAbsScaler(),
    "quantile": quantiles,
    "power": lambda rng, X: PowerTransformer(),
    "arcsinh": lambda rng, X: FunctionTransformer(np.arcsinh),
    "impute": lambda rng, X: SimpleImputer(),
    "one-hot": lambda rng, X: one_hot(X),
    "pca": pca,
    "svd": lambda rng, X: TruncatedSVD(max(1, X.shape[1] - 1), random_state=0),
}


def steps(rng, X):
    """Fitted steps (name, transformer), none in half of the cases, and their output.

    Raises
    ------
    ValueError
        Where a step cannot be fitted, or gives what no model takes.
    """
    done, Z = [], X
    for name in rng.choice(list(STEPS), size=rng.choice([0, 0, 1, 2]), replace=False):
        if name == "one-hot" and done:
            continue
        step = STEPS[str(name)](rng, Z).fit(Z)
        Z = np.asarray(step.transform(Z))
        # as of a single row that is whitened: no model takes it
        if not np.isfinite(Z).all():
            raise ValueError(f"{name} gives numbers that are not finite.")
        done.append((str(name), step))
    return done, Z


def pipeline(done, model):
    """A Pipeline of what is fitted already; the model alone without steps."""
    return Pipeline([*done, ("model", model)]) if done else model
