# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Throw hostile data at every model, rule and Pipeline, and check what must hold.

    python -m benchmarks.fuzz --cases 2000
    python -m benchmarks.fuzz --seconds 600 --seed 3 --only kmeans
    python -m benchmarks.fuzz --seed 0 --fit 417       # one that failed, once more

A case is one explanation. Its relevances must be finite, sum to the score less the
residual that the rule states, and go with the score of the forward pass, without a
warning of this package; or there is a ValueError or TypeError that this package (or
scikit-learn's validation of what is passed) raises. A fit is a table, a model behind 0
to 2 steps, and all its questions; the seed and its number make it again.
"""

import argparse
import sys
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import sklearn
from threadpoolctl import threadpool_limits

from benchmarks.fuzz_data import queries, table
from benchmarks.fuzz_models import MODELS
from benchmarks.fuzz_rounding import rounding
from benchmarks.fuzz_steps import pipeline, steps
from skneon import neuralize
from skneon.network import Units
from skneon.network.numerics._table_cells import dense
from skneon.testing import stated_residual
from skneon.testing._compare import ROUNDING, assert_finite, assert_sums

# to what sums hold, of the sum of absolute values
RTOL, RTOL_SINGLE = 1e-9, 1e-3


@dataclass
class Counts:
    """What has been run."""

    fits: int = 0
    cases: int = 0
    refused: Counter = field(default_factory=Counter)
    unfitted: int = 0
    failures: Counter = field(default_factory=Counter)


def main(arguments=None):
    """Run the fuzz; the exit status is 1 where anything failed."""
    asked = _parser().parse_args(arguments)
    counts, start = Counts(), time.monotonic()
    fits = [asked.fit] if asked.fit is not None else iter(range(sys.maxsize))
    for number in fits:
        if _done(asked, counts, start):
            break
        run_fit(asked.seed, number, asked.only, counts)
        if asked.fit is None and number % 2000 == 1999:
            _say(counts, start)
    _say(counts, start)
    for message, times in counts.refused.most_common(asked.errors):
        print(f"refused {times} times: {message}")
    return int(bool(counts.failures))


def _parser():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, help="explanations to make")
    parser.add_argument("--seconds", type=float, help="time to take")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="a part of the names of models and steps")
    parser.add_argument("--fit", type=int, help="the number of one fit")
    parser.add_argument("--errors", type=int, default=0, help="refusals to list")
    return parser


def _done(asked, counts, start):
    if asked.fit is None and asked.cases is None and asked.seconds is None:
        return counts.cases >= 2000
    over = asked.seconds is not None and time.monotonic() - start >= asked.seconds
    return over or (asked.cases is not None and counts.cases >= asked.cases)


def _say(counts, start):
    seconds = time.monotonic() - start
    print(
        f"{counts.cases} explanations of {counts.fits} fits in {seconds:.0f} s "
        f"({counts.cases / seconds:.0f} per second); {sum(counts.refused.values())} "
        f"refused, {counts.unfitted} not fitted, "
        f"{sum(counts.failures.values())} failures",
        flush=True,
    )


def run_fit(seed, number, only, counts):
    """Fit one model, and ask it all its questions."""
    rng = np.random.default_rng([seed, number])
    X, made = table(rng)
    shares = np.array([share for *_, share in MODELS.values()])
    name = str(rng.choice(list(MODELS), p=shares / shares.sum()))
    build, questions, _ = MODELS[name]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            done, Z = steps(rng, X)
            label = "-".join([*(step for step, _ in done), name])
            if only is not None and only not in label:
                return
            model = build(rng, Z)
        except Exception:
            # what scikit-learn makes of such data is not ours to judge
            counts.unfitted += 1
            return
        asking = [*questions(rng, model, Z)]
    counts.fits += 1
    whole = pipeline(done, model)
    for question in asking:
        for case in cases(rng, X, whole, bool(done), question):
            counts.cases += 1
            try:
                case.check()
            except Refused as error:
                counts.refused[str(error)[:100]] += 1
            except Exception as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                counts.failures[label] += 1
                print(
                    f"FAILED --seed {seed} --fit {number}: {label}, {case}, on {made}\n"
                    f"    {type(error).__name__}: {error}\n"
                    f"    at {where.filename}:{where.lineno}",
                    flush=True,
                )


def cases(rng, X, model, behind, question):
    """One question of the training rows, or of a few tables."""
    options = question.options
    if behind and (question.own or "X_train" in options):
        options = {**options, "X_train": X}
    if question.own:
        yield Case(model, None, options, question.asked)
        return
    active = getattr(options.get("rule"), "activations_only", False)
    for _ in range(2):
        rows = queries(rng, X)
        rows = np.abs(rows) if active and rng.random() < 0.9 else rows
        yield Case(model, rows, options, question.asked)


class Refused(Exception):
    """A clear error of this package."""


@dataclass
class Case:
    """One explanation."""

    model: object
    X: object
    options: dict
    asked: dict

    def __str__(self):
        short = {k: v for k, v in self.options.items() if k != "X_train"}
        return f"{short} {self.asked} of {'its own rows' if self.X is None else 'rows'}"

    def check(self):
        """Raise where anything is not as it must be."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", module=r"skneon(?!\.testing)")
            # what is said of flat affinities is advice
            warnings.filterwarnings("ignore", "The least eigenvalue that the embedding")
            try:
                door = neuralize(self.model, **self.options)
                result = door.explain(self.X, **self.asked)
                data, query = door.rows(self.X, **self.asked)
                scores = door.network.activate(data, query)
            except (ValueError, TypeError) as error:
                if not clear(error):
                    raise
                raise Refused(error) from error
        assert_finite(result)
        network = door.network
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            stated = stated_residual(network, data, query)
            slack = rounding(network, dense(data), query)
        rtol = RTOL if network.dtype == float else RTOL_SINGLE
        if stated is not None:
            assert_sums(result, stated, rtol, slack / ROUNDING)
        if type(network.units).score is Units.score:
            slack = slack + rtol * np.abs(result.score)
            same = scores == result.score
            with np.errstate(invalid="ignore"):
                error = np.where(same, 0, np.abs(scores - result.score))
            if not (error <= slack + 1e-300).all():
                raise AssertionError(f"forward gives {scores}, explain {result.score}")


def clear(error):
    """Whether an error is raised here, or where scikit-learn checks what is passed."""
    frames = [f.filename for f in traceback.extract_tb(error.__traceback__)]
    last = frames[-1]
    return "/skneon/" in last or "/sklearn/" in last


if __name__ == "__main__":
    # fits of such small tables have no use for threads
    with threadpool_limits(1), sklearn.config_context(skip_parameter_validation=True):
        sys.exit(main())
