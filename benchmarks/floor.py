# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The floor: what the matrix products and the exponentials cost without the rest.

With E = exp(2 gamma X U') and V = exp(-gamma |u|^2) [U, U^2, 1], the product E V holds
all that the soft argmin rule needs: nothing is checked, no small difference is computed
again, and nothing keeps E from overflowing where data are less tame.
"""

from time import perf_counter

import numpy as np

from benchmarks.speed import Contestant

FLOOR_SCORES = "floor: X U', exp"
FLOOR_EXPLAINS = "floor: X U', exp, W [U, U^2, 1]"
# rows and support points of a tile; None for all of them
TILES = ((32, None), (64, None), (32, 2048), (64, 2048), (128, 1024))
N_TRIALS = 2


class Products:
    """The products and exponentials of a job, tile by tile, in arrays made before.

    Parameters
    ----------
    job : Job
    tile : tuple of int
        Numbers of rows and of support points; None for all.
    explains : bool
        Whether the second product is taken.
    """

    def __init__(self, job, tile, explains):
        gamma, U = job.coefficient, job.support
        self.n_rows = min(tile[0], len(job.X))
        n_points = min(tile[1] or len(U), len(U))
        self.scaled = 2 * gamma * job.X
        weights = np.exp(-gamma * np.sum(U**2, axis=1))[:, None]
        moments = weights * np.hstack([U, U**2, np.ones_like(weights)])
        parts = [slice(start, start + n_points) for start in range(0, len(U), n_points)]
        self.points = [np.ascontiguousarray(U[part].T) for part in parts]
        self.moments = [np.ascontiguousarray(moments[part]) for part in parts]
        self.explains = explains
        self.out = np.empty((len(job.X), moments.shape[1]))
        self._E = np.empty(self.n_rows * n_points)
        self._part = np.empty(self.n_rows * moments.shape[1])

    def __call__(self):
        """All tiles; what each has is lost but for `out`, and the last E."""
        for start in range(0, len(self.scaled), self.n_rows):
            X = self.scaled[start : start + self.n_rows]
            out = self.out[start : start + self.n_rows]
            part = self._part[: out.size].reshape(out.shape)
            out[:] = 0
            for points, moments in zip(self.points, self.moments, strict=True):
                E = self._exponentials(X, points)
                if self.explains:
                    np.dot(E, moments, out=part)
                    out += part
        return self

    def _exponentials(self, X, points):
        shape = len(X), points.shape[1]
        E = self._E[: shape[0] * shape[1]].reshape(shape)
        np.dot(X, points, out=E)
        return np.exp(E, out=E)

    def relevance(self, job):
        """What the soft argmin rule would give at epsilon = 0 but for the division.

        sum_k p_k (x_i - u_ki)^2, shape (n, d).
        """
        d = job.n_features
        mean, square = np.hsplit(self.out[:, :-1] / self.out[:, -1:], [d])
        return job.X**2 - 2 * job.X * mean + square

    def scores(self, job):
        """Outlierness of the last tile's rows, sums taken again."""
        last = self.scaled[(len(self.scaled) - 1) // self.n_rows * self.n_rows :]
        sums = sum(
            self._exponentials(last, points) @ moments[:, -1]
            for points, moments in zip(self.points, self.moments, strict=True)
        )
        squares = np.sum(job.X[-len(last) :] ** 2, axis=1)
        return squares - np.log(sums / len(job.support)) / job.coefficient


def floor_contestants(job):
    """The floors of scoring and of explaining, each by its fastest tile."""
    scores = fastest([Products(job, tile, False) for tile in TILES])
    explains = fastest([Products(job, tile, True) for tile in TILES])
    return [
        Contestant(FLOOR_SCORES, scores, lambda done: done.scores(job), "score", 1e-6),
        Contestant(
            FLOOR_EXPLAINS, explains, lambda done: done.relevance(job), "moments", 1e-6
        ),
    ]


def fastest(functions):
    """The function that takes the least time, by the best of a few trials."""
    return min(functions, key=_least_seconds)


def _least_seconds(function):
    seconds = []
    for _ in range(1 + N_TRIALS):
        start = perf_counter()
        function()
        seconds.append(perf_counter() - start)
    return min(seconds)
