# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Sums, standard errors, stability, altered cells and times of forests explained."""

from functools import partial
from time import process_time

import numpy as np
import shap
from sklearn.metrics import roc_auc_score

from benchmarks.faithfulness_tables import table
from benchmarks.forests_data import large_sets, outlying, spoilt
from benchmarks.forests_methods import (
    RULES,
    by_rule,
    diffi,
    distance,
    expected_depth,
    fitted,
    score,
    shap_values,
)
from skneon import NeonKDE, explain, neuralize

N_ROWS, N_SHAP, N_COLUMNS = 10_000, 500, (5, 10, 30)
N_TREES, PAIRS = (50, 100, 200, 400, 800), 1
STABLE = ("wholesale", "diabetes", "iris")


def sums():
    """What relevances, and a constant, miss of the score."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 5))
    gaps = X.copy()
    gaps[rng.random(X.shape) < 0.1] = np.nan
    cases = {
        "plain": (X, {}),
        "`max_features=0.5`": (X, {"max_features": 0.5}),
        "`bootstrap=True`": (X, {"bootstrap": True}),
        "10 % of the cells missing": (gaps, {}),
        "values + 1e6": (X + 1e6, {}),
        "values x 100 + 1e8": (100 * X + 1e8, {}),
    }
    lines = {}
    for name, (rows, parameters) in cases.items():
        forest = fitted(rows, **parameters)
        own = score(forest, rows)
        missed = []
        for rule in ("shapley", "split"):
            found = explain(forest, rows, rule=rule)
            stated = found.residual.mean()
            missed.append(np.abs(found.relevance.sum(axis=1) + stated - own).max())
        explainer = shap.TreeExplainer(forest)
        depth = expected_depth(forest.max_samples_) - own
        error = shap_values(forest, rows).sum(axis=1) - explainer.expected_value + depth
        error = np.abs(error)
        lines[name] = [
            *(f"{m:.0e}" for m in missed),
            f"{error.max():.2g}",
            f"{100 * np.mean(error > 1e-6):.0f} %",
        ]
    columns = ['"shapley"', '"split"', "shap", "rows that shap misses by > 1e-6"]
    return table("case", columns, lines)


def errors(sets):
    """The standard error beside the deviation between 20 seeds."""
    lines = {}
    for name, X in sets.items():
        rows = X[::7]
        for rule in ("shapley", "split"):
            found = [explain(fitted(X, s), rows, rule=rule) for s in range(20)]
            spread = np.std([e.relevance for e in found], axis=0, ddof=1)
            between = np.sqrt(np.mean(spread**2))
            own = np.sqrt(np.mean([e.standard_error**2 for e in found]))
            cells = [f"{between:.3f}", f"{own:.3f}", f"{own / between:.2f}"]
            lines[f'{name}, "{rule}"'] = cells
    columns = ["deviation between seeds", "mean `standard_error`", "ratio"]
    return table("set, rule", columns, lines)


def stability(sets):
    """Relative L1 distance between forests of two seeds, by the number of trees."""
    lines = {}
    for name, X in ((name, sets[name]) for name in STABLE if name in sets):
        train, rows = outlying(X)
        found = {rule: [] for rule in ("shapley", "split")}
        for n in N_TREES:
            forests = [fitted(train, s, n_estimators=n) for s in range(2 * PAIRS)]
            for rule, cells in found.items():
                parts = [by_rule(forest, rows, rule) for forest in forests]
                pairs = zip(parts[::2], parts[1::2], strict=True)
                cells.append(f"{np.mean([distance(*pair) for pair in pairs]):.1f}")
        lines |= {f'{name}, "{rule}"': cells for rule, cells in found.items()}
    return table("set, rule", [f"{n} trees" for n in N_TREES], lines)


def hits(relevance, which):
    """The mean AUROC of the altered cells of each row."""
    pairs = zip(relevance, which, strict=True)
    return np.mean([roc_auc_score(cells, found) for found, cells in pairs])


def cells():
    """How well altered columns are found, by a forest and by a density."""
    names = [*(f'"{rule}"' for rule in RULES[:3]), "DIFFI"]
    names += ['"shapley", 1000 trees', "NeonKDE"]
    lines = {}
    for name, X in large_sets().items():
        for how in ("shift", "swap"):
            found = []
            for seed in range(3):
                train, rows, which = spoilt(X, how, seed)
                forest, large = fitted(train), fitted(train, n_estimators=1000)
                tried = [by_rule(forest, rows, rule) for rule in RULES[:3]]
                tried += [diffi(forest, rows), by_rule(large, rows, "shapley")]
                tried += [NeonKDE().fit(train).explain(rows).relevance]
                found.append([hits(relevance, which) for relevance in tried])
            label = f"{name} ({X.shape[1]}), {how}"
            lines[label] = [f"{100 * hit:.1f}" for hit in np.mean(found, axis=0)]
    return table("set (columns), altered by", names, lines)


def microseconds(function, n, runs=2):
    """Least processor time a row."""
    times = []
    for _ in range(runs):
        start = process_time()
        function()
        times.append(process_time() - start)
    return 1e6 * min(times) / n


def times():
    """Microseconds a row, and seconds before the first row."""
    lines, before = {}, {}

    def add(name, time):
        lines.setdefault(name, []).append(f"{float(f'{time:.3g}'):,g}")

    for d in N_COLUMNS:
        X = np.random.default_rng(0).normal(size=(N_ROWS, d))
        forest = fitted(X)
        add("`score_samples`", microseconds(partial(forest.score_samples, X), N_ROWS))
        for rule in RULES:
            door = neuralize(forest, rule=rule, X_train=X)
            start = process_time()
            door.network.propagate(*door.rows(X[:1]))
            first = f"{process_time() - start:.2g} s"
            before.setdefault(f'"{rule}", tables and one row', []).append(first)
            # without the p-values of X among the training rows
            own = partial(door.network.propagate, *door.rows(X))
            add(f'"{rule}"', microseconds(own, N_ROWS))
        explainer = shap.TreeExplainer(forest)
        other = partial(explainer.shap_values, X[:N_SHAP], check_additivity=False)
        add("shap, path-dependent", microseconds(other, N_SHAP))
        for name, function in woodelf(forest, X):
            add(name, microseconds(function, N_ROWS))
    columns = [f"d = {d}" for d in N_COLUMNS]
    return table(f"us a row, {N_ROWS} rows", columns, lines | before)


def woodelf(forest, X):
    """What woodelf-explainer computes, where it is installed."""
    try:
        import pandas as pd
        from woodelf import WoodelfExplainer
    except ImportError:
        return
    frame = pd.DataFrame(X, columns=[f"x{i}" for i in range(X.shape[1])])
    for name, background in (("path-dependent", ()), ("background rows", (frame,))):
        explainer = WoodelfExplainer(forest, *background)
        values = partial(explainer.shap_values, frame, verbose=False)
        yield f"woodelf, {name}", values
