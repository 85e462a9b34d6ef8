# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of isolation forests."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.utils.validation import check_is_fitted, validate_data

from skneon._labels import Labels
from skneon._lazy import refuse_lazy
from skneon._named_cells import named_cells
from skneon.network import (
    BackgroundGame,
    Forest,
    ForestGame,
    IsolationTree,
    IsolationTrees,
    Mean,
    Network,
    PathGame,
    RelativeDepthGame,
    Rule,
    Shapley,
    Split,
    expected_depth,
)
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel, TrainingRows
from skneon.neuralization._options import RULE, Options, chosen_rule
from skneon.neuralization.models._out_of_bag import drawn_rows, out_of_bag_scores

BY_ALL, OUT_OF_BAG = "by all trees", "by the trees that did not draw the row"


@dataclass(frozen=True, kw_only=True)
class ForestOptions(Options):
    """Options of isolation forests, as in `neuralize`."""

    rule: str | Rule | None = None
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {**Options.constraints, "rule": RULE}


class NeuralizedForest(NeuralizedModel):
    """An isolation forest and the network of the splits it saves; by `neuralize`.

    Cells may be missing, as the forest takes them.
    """

    accept_sparse = "csr"
    takes_training_rows = True

    def validated(self, X: Any) -> Any:
        """Rows as float64, whose cells may be NaN."""
        return _validated(self.model, X)


@neuralize.register
def neuralize_isolation_forest(
    model: IsolationForest, **options: Any
) -> NeuralizedForest:
    r"""The network of scikit-learn's `IsolationForest`: splits saved.

    With the depth D_t of a row in each tree, counting what its leaf would still have
    taken, and the expected depth c among the :math:`\psi` rows of a tree,

    .. math:: o(x) = c(\psi) - \frac1T \sum_t D_t(x)
              = c(\psi) \, [1 + \log_2(-\text{score\_samples}(x))] :

    0 for a forest that knows no column, and up to rounding above the threshold of
    ``meta`` where ``predict`` is -1. A tree is a unit, and the score their mean. With
    ``bootstrap=True`` trees have fewer than :math:`\psi` different rows, and save the
    difference for every row: a constant, the residual.

    With ``X_train``, the rows of the fit, these are what X=None stands for. No tree can
    forget a row, and all of these scores are the model's own. But the scores beside
    which new rows have p-values are those of the trees that did not draw the row, where
    each row has 30 of them or more; ``meta["training_scores"]`` says so.
    """
    check_is_fitted(model)
    chosen = ForestOptions.of(model, options)
    rule = chosen_rule(chosen.rule, Shapley(), "isolation", "an IsolationForest")
    forest, expected = forest_of(model), float(expected_depth(model.max_samples_))
    training = _training(model, chosen.X_train)
    drawn = None if training is None else drawn_rows(model, forest, training.rows)
    network = Network(
        IsolationTrees(forest, _game_of(rule, forest, training)),
        Mean(offset=forest.offset, symbol="o"),
        rule,
        # behind linear steps, where a split is by all columns at once
        instead=Split() if chosen.rule is None else None,
        n_jobs=model.n_jobs if chosen.n_jobs is None else chosen.n_jobs,
    )
    meta: dict[str, Any] = {
        "unit": "splits saved, of those that random cuts need to set a row apart",
        "n_trees": len(forest),
        "expected_depth": expected,
        "threshold": expected * float(1 + np.log2(-model.offset_)),
        "highest_score": highest_score(forest, expected, drawn is not None),
    }
    if training is not None:
        meta["training_scores"] = BY_ALL if drawn is None else OUT_OF_BAG
        if drawn is not None:
            scores = partial(out_of_bag_scores, forest, expected, training.rows, drawn)
            training = replace(training, in_folds=scores)
    return NeuralizedForest(model, network, "outlier", meta, training)


def forest_of(model: IsolationForest) -> Forest:
    """The trees of a fitted forest, which later fits do not change."""
    trees, columns = [], []
    n_columns = int(model.n_features_in_)
    everything = np.arange(n_columns)
    # a warm start appends to the model's own lists
    members = tuple(zip(model.estimators_, model.estimators_features_, strict=True))
    for member, features in members:
        own, features = member.tree_, np.asarray(features)
        trees.append(
            IsolationTree(
                own.children_left,
                own.children_right,
                features[np.maximum(own.feature, 0)],
                own.threshold,
                own.n_node_samples,
                own.missing_go_to_left.astype(bool),
            )
        )
        columns.append(None if np.array_equal(features, everything) else features)
    finders = tuple(member.tree_ for member, _ in members)
    # where bagging counts repeated rows once, a root has fewer of them
    missing = [expected_depth(model.max_samples_) - tree.expected[0] for tree in trees]
    offset = float(np.mean(missing))
    return Forest(tuple(trees), finders, tuple(columns), n_columns, offset)


def highest_score(forest: Forest, expected: float, by_some: bool) -> float:
    """What a row would score that is in the best leaf of every tree.

    With scores by some of the trees: of the best tree.
    """
    best = [
        expected - tree.expected[0] + tree.saved[tree.leaves].max()
        for tree in forest.trees
    ]
    return float(np.max(best) if by_some else np.mean(best))


def _game_of(
    rule: Rule, forest: Forest, training: TrainingRows | None
) -> ForestGame | None:
    """The game that a rule is exact for; None: gains of other columns do not count."""
    if rule.name == BackgroundGame.rule:
        if training is None:
            raise ValueError(
                'rule="interventional" compares with the training rows, which '
                "IsolationForest does not keep: pass them as X_train."
            )
        return BackgroundGame(forest, training.rows)
    games = {game.rule: game for game in (RelativeDepthGame, PathGame)}
    return games[rule.name](forest) if rule.name in games else None


def _training(model: Any, X_train: Any) -> TrainingRows | None:
    """The rows that X=None stands for."""
    if X_train is None:
        return None
    refuse_lazy(X_train, "X_train")
    return TrainingRows(_validated(model, X_train), Labels.of(X_train), given=True)


def _validated(model: Any, X: Any) -> Any:
    """Rows as float64, checked as by the model; but infinite cells are refused."""
    refuse_lazy(X)
    with named_cells(X):
        return validate_data(
            model,
            X,
            reset=False,
            dtype=np.float64,
            accept_sparse="csr",
            ensure_all_finite="allow-nan",
        )
