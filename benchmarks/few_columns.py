# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""In how many tables of normal rows, of few columns, is any row flagged?

``python benchmarks/few_columns.py`` prints a table of doc/thresholds.md: per cent of
the tables, and in brackets those with an exponential tail.
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.neighbors import NearestNeighbors

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.thresholds import leave_out_scores
from skneon import NeonKDE, threshold

# rows, and tables of so many
SIZES = ((150, 100), (1000, 60))
COLUMNS = (1, 2, 3, 4, 5, 6, 8)
SCORES = {
    '`NeonKDE(gamma="likelihood")`, suspects apart': leave_out_scores(
        NeonKDE(gamma="likelihood"), groups="suspects"
    ),
    "`NearestNeighbors(n_neighbors=5)`": leave_out_scores(
        NearestNeighbors(n_neighbors=5)
    ),
}


def any_flagged(score, X):
    """Whether any row is flagged, by the tail of normal rows and an exponential one."""
    scores, shape = score(X)
    limits = threshold(scores, shape=shape), threshold(scores)
    return [limit.flagged(scores).any() for limit in limits]


def main():
    """Print the table."""
    rng = np.random.default_rng(11)
    print(f"| scores | rows | {' | '.join(map(str, COLUMNS))} |")
    print("| --- | --- |" + " --- |" * len(COLUMNS))
    for n, draws in SIZES:
        cells = {name: [] for name in SCORES}
        for d in COLUMNS:
            tables = [rng.normal(size=(n, d)) for _ in range(draws)]
            for name, score in SCORES.items():
                flags = np.mean([any_flagged(score, X) for X in tables], axis=0)
                cells[name].append("{:.0f} ({:.0f})".format(*(100 * flags)))
        for name, parts in cells.items():
            print(f"| {name} | {n} | " + " | ".join(parts), "|", flush=True)


if __name__ == "__main__":
    main()
