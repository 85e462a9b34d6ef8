# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The job that is timed, and what skneon and scikit-learn take to do it."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.special import logsumexp, softmax
from sklearn.neighbors import KernelDensity

from skneon import NeonKDE, neuralize

KERNEL_DENSITY = "KernelDensity.score_samples"
FORWARD = "NeonKDE, forward"
SOFT_ARGMIN = "NeonKDE, soft argmin"
INTEGRATED = "NeonKDE, integrated"
INLIER = "NeonKDE, exact inlier"


@dataclass
class Job:
    """Rows to score and to explain by a density of standard normal rows.

    Parameters
    ----------
    n_rows, n_support, n_features : int
    gamma : {"scale", "scott", "silverman"} or float
        As in `NeonKDE`.
    """

    n_rows: int
    n_support: int
    n_features: int
    gamma: str | float = "scale"
    X: np.ndarray = field(init=False, repr=False)
    support: np.ndarray = field(init=False, repr=False)
    kde: NeonKDE = field(init=False, repr=False)
    expected: dict = field(init=False, repr=False)

    def __post_init__(self):
        rng = np.random.default_rng(0)
        self.support = white(rng.normal(size=(self.n_support, self.n_features)))
        self.X = rng.normal(size=(self.n_rows, self.n_features))
        self.kde = NeonKDE(gamma=self.gamma).fit(self.support)
        explanation = neuralize(self.kde, rule="soft-argmin").explain(self.X)
        score = neuralize(self.kde).forward(self.X)
        self.expected = {
            "score": score,
            "inlierness": np.exp(-self.coefficient * score),
            "gradient": 2 * (self.X - explanation.compared_with),
            "soft argmin": explanation.relevance,
        } | self._plain(8)

    def _plain(self, n_rows):
        """Figures of the last rows from plain differences, one row at a time.

        The score, what soft argmin makes of it, and sum_k p_k (x_i - u_ki)^2.
        """
        moments, relevance, scores = [], [], []
        for x in self.X[-n_rows:]:
            squares = (x - self.support) ** 2
            distances = squares.sum(axis=1)
            logs = -self.coefficient * distances
            p = softmax(logs)
            score = (np.log(len(logs)) - logsumexp(logs)) / self.coefficient
            scores.append(score)
            moments.append(p @ squares)
            relevance.append(score * (p / distances) @ squares)
        return {
            "plain score": np.array(scores),
            "plain soft argmin": np.array(relevance),
            "moments": np.array(moments),
        }

    @property
    def coefficient(self):
        """The kernel coefficient as a number."""
        return self.kde.gamma_

    @property
    def bandwidth(self):
        """The same, as `KernelDensity` takes it."""
        return (2 * self.coefficient) ** -0.5

    @property
    def n_pairs(self):
        """Pairs of a row and a support point."""
        return self.n_rows * self.n_support

    def from_log_density(self, log_density):
        """Outlierness, from the log of the normalised density."""
        normalizer = self.n_features / 2 * np.log(self.coefficient / np.pi)
        return (normalizer - log_density) / self.coefficient


@dataclass
class Contestant:
    """A way to do the job.

    Attributes
    ----------
    name : str
    run : callable
        Without parameters: what is timed.
    figures : callable
        From what `run` returns to figures that can be compared; not timed.
    kind : str
        Key of `Job.expected`. Where one has fewer rows, they are the last ones.
    tolerance : float
        Largest difference, per largest expected figure.
    """

    name: str
    run: Callable
    figures: Callable
    kind: str
    tolerance: float = 1e-9

    def check(self, job):
        """Run once: the largest difference to skneon's figures, per largest of them.

        Raises ValueError where it is more than the tolerance.
        """
        with quiet():
            figures = np.asarray(self.figures(self.run()))
        expected = job.expected[self.kind]
        n = min(len(figures), len(expected))
        figures, expected = figures[-n:], expected[-n:]
        difference = np.max(np.abs(figures - expected)) / np.max(np.abs(expected))
        # not "difference > tolerance", which NaN passes
        if not difference <= self.tolerance:
            raise ValueError(
                f"{self.kind} differs by {difference:.1e}, more than "
                f"{self.tolerance:.0e}"
            )
        return difference


@contextlib.contextmanager
def quiet():
    """Keep what is printed on the way, such as by compilers, off the screen."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        yield


def white(X):
    """Rows moved and mixed so that their sample covariance is the identity."""
    centered = X - X.mean(axis=0)
    covariance = np.atleast_2d(np.cov(centered, rowvar=False))
    return np.linalg.solve(np.linalg.cholesky(covariance), centered.T).T.copy()


def kernel_density_contestants(job):
    """What the ratios refer to.

    It adds and subtracts bounds of its tree's nodes, which can cost it all digits: its
    difference is told, and no reason to leave it out.
    """
    density = KernelDensity(bandwidth=job.bandwidth).fit(job.support)
    return [
        Contestant(
            KERNEL_DENSITY,
            lambda: density.score_samples(job.X),
            job.from_log_density,
            "score",
            np.inf,
        )
    ]


def own_contestants(job):
    """The scores and the rules of `NeonKDE`; all add up to the score."""
    forward = neuralize(job.kde)

    def explaining(name, kind, figures, **options):
        network = neuralize(job.kde, **options)
        return Contestant(name, lambda: network.explain(job.X), figures, kind)

    def total(explanation):
        return explanation.relevance.sum(axis=1)

    return [
        Contestant(FORWARD, lambda: forward.forward(job.X), np.asarray, "plain score"),
        explaining(
            SOFT_ARGMIN,
            "plain soft argmin",
            lambda explanation: explanation.relevance,
            rule="soft-argmin",
        ),
        explaining(INTEGRATED, "score", total),
        explaining(INLIER, "inlierness", total, target="inlier", rule="exact-inlier"),
    ]


@dataclass
class Timing:
    """Seconds of all contestants in a job; the k-th runs of all belong together.

    Attributes
    ----------
    job : Job
    seconds : dict of str to ndarray of shape (n_runs,)
    difference : float
        That of the scores of `KernelDensity`.
    shap : dict of str to ShapTime
    """

    job: Job
    seconds: dict
    difference: float
    shap: dict = field(default_factory=dict)

    def nanoseconds(self, name):
        """Median nanoseconds a pair of a row and a support point."""
        return float(np.median(self.seconds[name])) / self.job.n_pairs * 1e9

    def row_seconds(self, name):
        """Median seconds a row."""
        return float(np.median(self.seconds[name])) / self.job.n_rows

    def ratio(self, name, peer=KERNEL_DENSITY):
        """Median of the ratios to another contestant's time in the same run."""
        return float(np.median(self.seconds[name] / self.seconds[peer]))

    def spread(self, name):
        """Width of the middle half of the runs, per median."""
        low, middle, high = np.percentile(self.seconds[name], [25, 50, 75])
        return float((high - low) / middle)
