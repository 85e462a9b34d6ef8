# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Models of the tail of scores, for benchmarks/thresholds.py.

Each takes scores and a chance, and gives the score that is exceeded with that chance.
"""

from functools import partial

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from skneon import threshold

MIDDLE = (0.25, 0.5, 0.75)
WIDE = (0.1, 0.5, 0.9)


def ours(scores, chance, shape=0.0):
    """`skneon.threshold`."""
    return threshold(scores, chance * len(scores), shape).value


def exponential(scores, chance, q):
    """Through two quantiles."""
    low, high = np.quantile(scores, q)
    rate = np.log((1 - q[0]) / (1 - q[1])) / (high - low)
    return low + np.log((1 - q[0]) / chance) / rate


def censored_exponential(scores, chance, q):
    """From the median on by maximum likelihood, censored beyond a quantile."""
    median, upper = np.quantile(scores, [0.5, q])
    covered = np.clip(scores, median, upper) - median
    mean = covered.mean() / (q - 0.5)
    return median + mean * np.log(0.5 / chance)


def shifted_gamma(scores, chance, q):
    """Through three quantiles."""
    x = np.quantile(scores, q)
    skew = _skew((x[2] - x[1]) / (x[1] - x[0]), q)
    law = stats.pearson3(skew) if skew else stats.norm()
    z = law.ppf(q)
    scale = (x[2] - x[0]) / (z[2] - z[0])
    return x[1] + scale * (law.isf(chance) - z[1])


def _skew(ratio, q):
    def gap(skew):
        z = stats.pearson3.ppf(q, skew)
        return (z[2] - z[1]) / (z[1] - z[0]) - ratio

    if gap(1e-6) >= 0:
        return 0.0
    return 8.0 if gap(8.0) <= 0 else brentq(gap, 1e-6, 8.0)


def scaled_chi_square(scores, chance, q):
    """Through two quantiles; a chi-square of any degrees of freedom, times a factor."""
    low, high = np.quantile(scores, q)

    def gap(log_shape):
        z = stats.gamma.ppf(q, np.exp(log_shape))
        return z[1] / z[0] - high / low

    ends = -4.0, 8.0
    shape = np.exp(
        brentq(gap, *ends) if gap(8.0) < 0 < gap(-4.0) else ends[gap(8.0) > 0]
    )
    return low / stats.gamma.ppf(q[0], shape) * stats.gamma.isf(chance, shape)


def chi_square_by_moments(scores, chance):
    """Mean and variance of the scores."""
    shape = scores.mean() ** 2 / scores.var()
    return scores.mean() / shape * stats.gamma.isf(chance, shape)


def log_normal(scores, chance, q):
    """Through three quantiles, shifted."""
    x, z = np.quantile(scores, q), stats.norm.ppf(q[2])
    far = stats.norm.isf(chance)
    ratio = (x[2] - x[1]) / (x[1] - x[0])
    if ratio <= 1 + 1e-9:
        return x[1] + (x[2] - x[0]) / (2 * z) * far
    skew = np.log(ratio) / z
    scale = (x[1] - x[0]) / (1 - np.exp(-skew * z))
    return x[1] + scale * np.expm1(skew * far)


def plain_log_normal(scores, chance, q):
    """Through two quantiles of the logarithm."""
    x = np.quantile(np.log(scores), q)
    far = stats.norm.isf(chance) / (stats.norm.ppf(q[2]) - stats.norm.ppf(q[0]))
    return np.exp(x[1] + (x[2] - x[0]) * far)


def box_cox(scores, chance, q):
    """Symmetric in three quantiles, then normal."""
    x = np.quantile(scores, q)

    def gap(power):
        y = (x / x[1]) ** power
        return (y[2] - 2 * y[1] + y[0]) / (y[2] - y[0])

    ends = -6.0, 4.0
    power = brentq(gap, *ends) if gap(-6.0) < 0 < gap(4.0) else ends[gap(-6.0) < 0]
    y = (x / x[1]) ** power
    scale = (y[2] - y[0]) / (2 * stats.norm.ppf(q[2]))
    far = 1 + scale * stats.norm.isf(chance)
    return x[1] * far ** (1 / power) if far > 0 else np.inf


def generalised_pareto(scores, chance, q):
    """By probability-weighted moments (Hosking and Wallis 1987) above a quantile."""
    start = np.quantile(scores, q)
    above = np.sort(scores[scores > start]) - start
    p = (np.arange(1, len(above) + 1) - 0.35) / len(above)
    mean, weighted = above.mean(), np.mean((1 - p) * above)
    shape = 2 - mean / (mean - 2 * weighted)
    scale = 2 * mean * weighted / (mean - 2 * weighted)
    return start + scale / shape * ((len(above) / len(scores) / chance) ** shape - 1)


def tukey_g_and_h(scores, chance):
    """Through five quantiles, as in a generalised boxplot (Bruffaerts et al. 2014)."""
    x = np.quantile(scores, [0.1, 0.25, 0.5, 0.75, 0.9])
    z = stats.norm.ppf([0.75, 0.9])
    g = np.log((x[4] - x[2]) / (x[2] - x[0])) / z[1]
    spread = np.array([x[3] - x[1], x[4] - x[0]])
    logs = np.log(g * spread / (2 * np.sinh(g * z)))
    h = max(0.0, 2 * (logs[1] - logs[0]) / (z[1] ** 2 - z[0] ** 2))
    scale, far = np.exp(logs[0] - h * z[0] ** 2 / 2), stats.norm.isf(chance)
    return x[2] + scale * np.expm1(g * far) / g * np.exp(h * far**2 / 2)


def adjusted_boxplot(scores, chance):
    """The rule of Hubert and Vandervieren (2008) for skewed data; of no level."""
    from statsmodels.stats.stattools import medcouple

    skew, (low, high) = float(medcouple(scores)), np.quantile(scores, [0.25, 0.75])
    return high + 1.5 * np.exp((3 if skew > 0 else 4) * skew) * (high - low)


TAILS = {
    "exponential, censored beyond 7/8 (chosen)": ours,
    "exponential, censored beyond 3/4": partial(censored_exponential, q=0.75),
    "exponential, censored beyond .85": partial(censored_exponential, q=0.85),
    "exponential, censored beyond .9": partial(censored_exponential, q=0.9),
    "exponential, median and upper quartile": partial(exponential, q=(0.5, 0.75)),
    "exponential, median and .9": partial(exponential, q=(0.5, 0.9)),
    "shifted gamma, quartiles": partial(shifted_gamma, q=MIDDLE),
    "shifted gamma, .1, .5, .9": partial(shifted_gamma, q=WIDE),
    "scaled chi-square, median and .9": partial(scaled_chi_square, q=(0.5, 0.9)),
    "scaled chi-square, quartiles": partial(scaled_chi_square, q=(0.25, 0.75)),
    "scaled chi-square, moments": chi_square_by_moments,
    "log-normal, .1, .5, .9": partial(plain_log_normal, q=WIDE),
    "shifted log-normal, .1, .5, .9": partial(log_normal, q=WIDE),
    "Box-Cox, .1, .5, .9": partial(box_cox, q=WIDE),
    "Tukey's g and h": tukey_g_and_h,
    "generalised Pareto above .75": partial(generalised_pareto, q=0.75),
    "generalised Pareto above .9": partial(generalised_pareto, q=0.9),
    "adjusted boxplot": adjusted_boxplot,
}
