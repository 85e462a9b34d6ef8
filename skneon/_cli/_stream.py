# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The second pass over a table: all rows scored or explained, in parts."""

from dataclasses import replace

import numpy as np

from skneon._cli._errors import TableError
from skneon._validation import import_optional
from skneon.network.engines._progress import progress_bar
from skneon.neuralization import neuralize

# what an explanation of outliers has of each row
BY_ROW = ("relevance", "score", "data", "reference", "index")


class Explainer:
    """A fitted model that scores and explains rows of a table.

    A density leaves each row that it was fitted to out of its own model.

    Parameters
    ----------
    model : Pipeline
        As `fitted` gives it.
    plan : Plan
    training_rows : ndarray of int, shape (N,)
        Numbers of the rows that the model was fitted to, ascending.
    n_jobs : int or None
    """

    def __init__(self, model, plan, training_rows, n_jobs=None):
        self.network = neuralize(model, n_jobs=n_jobs)
        self.plan, self.training_rows = plan, training_rows
        self.is_density = "leave_out" in self.network.questions

    def _asked(self, features):
        """Which training row each row is, -1 for none."""
        if not self.is_density:
            return {}
        rows, known = features.index.to_numpy(), self.training_rows
        places = np.searchsorted(known, rows).clip(max=len(known) - 1)
        return {"leave_out": np.where(known[places] == rows, places, -1)}

    def score(self, features):
        """Score of each row, labelled by row number; shape (n,)."""
        return self.network.forward(features, **self._asked(features))

    def explain(self, features, labels):
        """Explanation of rows labelled by row number, with other labels."""
        explanation = self.network.explain(features, **self._asked(features))
        return self.aggregated(replace(explanation, index=labels))

    def aggregated(self, explanation):
        """The same with columns summed into groups."""
        groups = self.plan.groups
        return explanation.aggregate(groups) if groups else explanation


class Leading:
    """The rows of the highest scores so far, the earlier first where they are equal.

    Parameters
    ----------
    k : int
    """

    def __init__(self, k):
        self.k = k
        self.features, self.score, self.labels = None, np.empty(0), np.empty(0, object)

    def add(self, score, features, labels):
        """Compare with further rows."""
        pandas = import_optional("pandas", "pandas")
        best = np.argsort(-score, kind="stable")[: self.k]
        parts = [features.iloc[best]]
        if self.features is not None:
            parts.insert(0, self.features)
        features = pandas.concat(parts)
        score = np.concatenate([self.score, score[best]])
        labels = np.concatenate([self.labels, np.asarray(labels, object)[best]])
        order = np.argsort(-score, kind="stable")[: self.k]
        self.features, self.score = features.iloc[order], score[order]
        self.labels = labels[order]


def stream(table, plan, explainer, n_rows, consumers, scores_only, verbose):
    """Read the table once more, and hand its rows on part by part.

    Parameters
    ----------
    table : as `open_table` gives it
    plan : Plan
    explainer : Explainer
    n_rows : int
        Rows that the first pass found.
    consumers : list of callable
        Take (scores, features, labels, explanation).
    scores_only : bool
        Whether the explanation is not asked for, and None.
    verbose : bool
        Whether to show progress.

    Returns
    -------
    n_used : int
        Rows that have any value.
    """
    n_seen = n_used = 0
    with progress_bar(n_rows, verbose) as bar:
        for frame in table.chunks(plan.columns):
            n_seen += len(frame)
            features = plan.features(frame)
            if len(features):
                labels = plan.labels(frame.loc[features.index])
                if scores_only:
                    score, explanation = explainer.score(features), None
                else:
                    explanation = explainer.explain(features, labels)
                    score = explanation.score
                for consume in consumers:
                    consume(score, features, labels, explanation)
                n_used += len(features)
            if bar is not None:
                bar.update(len(frame))
    if n_seen != n_rows:
        raise TableError(f"{table.name} was changed while it was read: start again.")
    return n_used
