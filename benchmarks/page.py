# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Makes the page about speed from the times; all figures in its text are measured."""

import os
import platform
import sys
import textwrap
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np
from threadpoolctl import threadpool_info

from benchmarks.bench_memory import MEBIBYTE, MemoryPeak
from benchmarks.faithfulness_tables import table, two_digits
from benchmarks.floor import FLOOR_EXPLAINS, FLOOR_SCORES
from benchmarks.page_text import HEAD, MEMORY_TEXT, SHAP_TEXT, TAIL, THREADS_TEXT
from benchmarks.peers import (
    KEOPS_FORWARD,
    KEOPS_SOFT_ARGMIN,
    SCIPY,
    TORCH_FORWARD,
    TORCH_GRADIENT,
)
from benchmarks.shap_times import N_BACKGROUND
from benchmarks.speed import FORWARD, INLIER, INTEGRATED, KERNEL_DENSITY, SOFT_ARGMIN

PACKAGES = ("skneon", "numpy", "scipy", "scikit-learn")
PEER_PACKAGES = ("torch", "pykeops", "shap")
TORCH_FORWARDS = tuple(TORCH_FORWARD.format(way) for way in ("cdist", "products"))
TORCH_GRADIENTS = tuple(TORCH_GRADIENT.format(way) for way in ("cdist", "products"))
SCORE_PEERS = (SCIPY, *TORCH_FORWARDS, KEOPS_FORWARD)
EXPLAIN_PEERS = (*TORCH_GRADIENTS, KEOPS_SOFT_ARGMIN)
RULES = (SOFT_ARGMIN, INTEGRATED, INLIER)
SCORES = (KERNEL_DENSITY, FORWARD, *SCORE_PEERS, FLOOR_SCORES)
EXPLANATIONS = (KERNEL_DENSITY, *RULES, *EXPLAIN_PEERS, FLOOR_EXPLAINS)


@dataclass
class Extras:
    """What is timed on request.

    Attributes
    ----------
    threads : dict
        As `thread_times` returns.
    n_jobs, n_features : int
        Of `threads`.
    memory : MemoryPeak or None
    """

    threads: dict = field(default_factory=dict)
    n_jobs: int = 1
    n_features: int = 0
    memory: MemoryPeak | None = None


def text_tables(timings, notes):
    """The tables, for the screen."""
    parts = []
    for gamma, some in by_gamma(timings).items():
        parts += [f"gamma {gamma}: ns a pair, and ratio to {KERNEL_DENSITY}\n"]
        parts += [times_table(some, SCORES), times_table(some, EXPLANATIONS)]
        parts += [floor_table(some)]
    if any(timing.shap for timing in timings):
        parts += ["shap: microseconds a row\n", shap_table(timings)]
    return "\n".join([*parts, *notes])


def speed_page(timings, notes, extras, arguments):
    """The page.

    Parameters
    ----------
    timings : list of Timing
    notes : list of str
        What was left out.
    extras : Extras
    arguments : str
        The command line's.
    """
    groups = by_gamma(timings)
    first = next(iter(groups.values()))
    job = first[0].job
    spreads = [timing.spread(name) for timing in timings for name in timing.seconds]
    parts = [
        HEAD.format(
            short="\n".join(filled(f"- {line}", "  ") for line in in_short(first)),
            n_rows=f"{job.n_rows:,}",
            n_support=f"{job.n_support:,}",
            n_runs=len(first[0].seconds[KERNEL_DENSITY]),
            row=two_digits(job.n_support * 10 / 1e6),
            middle=two_digits(100 * float(np.median(spreads))),
            widest=two_digits(100 * max(spreads)),
        )
    ]
    parts += [gamma_part(gamma, some) for gamma, some in groups.items()]
    parts += [shap_part(timings), threads_part(extras, job), memory_part(extras.memory)]
    parts.append(tail(notes, arguments))
    return "\n".join(part for part in parts if part)


def by_gamma(timings):
    """The timings of each gamma."""
    groups = {}
    for timing in timings:
        groups.setdefault(timing.job.gamma, []).append(timing)
    return groups


def in_short(timings):
    """Lines with the main figures, of the first gamma."""
    features = listed([str(timing.job.n_features) for timing in timings])

    def ratios(name, peer=KERNEL_DENSITY):
        return listed([two_digits(timing.ratio(name, peer)) for timing in timings])

    lines = [
        f"**Scoring** takes {ratios(FORWARD)} times the time of "
        f"`{KERNEL_DENSITY}`, at {features} features.",
        f"**Explaining**, the score included, takes {ratios(SOFT_ARGMIN)} times that "
        f"time by soft argmin, {ratios(INTEGRATED)} by the integrated rule, the "
        f"default, and {ratios(INLIER)} for exact inlierness.",
        f"**The floor**: soft argmin takes {ratios(SOFT_ARGMIN, FLOOR_EXPLAINS)} times "
        "as long as the matrix products and exponentials in it alone.",
    ]
    for job, own, peers in (
        ("scorer", FORWARD, SCORE_PEERS),
        ("among torch's gradient and KeOps' soft argmin", SOFT_ARGMIN, EXPLAIN_PEERS),
    ):
        best = fastest_peers(timings, own, peers)
        if best:
            label = f"The fastest {job}" + " elsewhere" * (job == "scorer")
            lines.append(f"{label}: {best}.")
    shares = [
        two_digits(shap.seconds / timing.row_seconds(SOFT_ARGMIN))
        for timing in timings
        for shap in timing.shap.values()
    ]
    if shares:
        key = [float(share.replace(",", "")) for share in shares]
        low, high = shares[int(np.argmin(key))], shares[int(np.argmax(key))]
        lines.append(
            f"**The shap package's** estimators take {low} to {high} times the time "
            "of soft argmin for a row."
        )
    return lines


def fastest_peers(timings, own, peers):
    """By number of features: the fastest peer, and our time per its time."""
    parts = []
    for timing in timings:
        there = [name for name in peers if name in timing.seconds]
        if there:
            best = min(there, key=timing.nanoseconds)
            parts.append(
                f"at {timing.job.n_features} features {best} ({own} takes "
                f"{two_digits(timing.ratio(own, best))} times its time)"
            )
    return "; ".join(parts)


def filled(text, indent=""):
    """A paragraph in lines."""
    return textwrap.fill(text, 88, subsequent_indent=indent, break_on_hyphens=False)


def listed(words):
    """Words as a phrase: a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def times_table(timings, names):
    """Nanoseconds a pair and ratios; "-" where a peer did not run."""
    columns, rows = [], {}
    for timing in timings:
        columns += [f"{timing.job.n_features} features: ns", "ratio"]
    for name in names:
        if not any(name in timing.seconds for timing in timings):
            continue
        cells = []
        for timing in timings:
            there = name in timing.seconds
            cells.append(two_digits(timing.nanoseconds(name)) if there else "-")
            cells.append(two_digits(timing.ratio(name)) if there else "-")
        rows[name] = cells
    return table("", columns, rows)


def floor_table(timings):
    """Our times per floor."""
    columns = [f"{timing.job.n_features} features" for timing in timings]
    floors = {FORWARD: FLOOR_SCORES} | dict.fromkeys(RULES, FLOOR_EXPLAINS)
    rows = {
        f"{name} / its floor": [
            two_digits(timing.ratio(name, floor)) for timing in timings
        ]
        for name, floor in floors.items()
    }
    return table("", columns, rows)


def gamma_part(gamma, timings):
    """The tables of one gamma."""
    values = [
        f"{timing.job.coefficient:.3g} at {timing.job.n_features}" for timing in timings
    ]
    off = [f"{timing.difference:.1g}" for timing in timings]
    return "\n".join(
        [
            f'## gamma "{gamma}"\n',
            filled(
                f"gamma is {listed(values)} features. The scores of `KernelDensity` "
                f"differ from skneon's by up to {listed(off)} of the largest score."
            )
            + "\n",
            "Scoring:\n",
            times_table(timings, SCORES),
            "Explaining; the first row, which only scores, is there to compare:\n",
            times_table(timings, EXPLANATIONS),
            "How near the floor:\n",
            floor_table(timings),
        ]
    )


def shap_table(timings):
    """Microseconds and model evaluations a row, and ratios to soft argmin."""
    rows = {}
    for timing in timings:
        own = timing.row_seconds(SOFT_ARGMIN)
        for name, shap in timing.shap.items():
            rows[f"{name}, {timing.job.n_features} features"] = [
                two_digits(1e6 * shap.seconds),
                two_digits(shap.n_scored),
                f"{100 * shap.in_model:.0f} %",
                two_digits(1e6 * own),
                two_digits(shap.seconds / own),
            ]
    columns = ["us a row", "rows scored", "by the model", f"{SOFT_ARGMIN}: us", "ratio"]
    return table("", columns, rows)


def shap_part(timings):
    """The shap package."""
    if not any(timing.shap for timing in timings):
        return ""
    n_rows = max(shap.n_rows for timing in timings for shap in timing.shap.values())
    return SHAP_TEXT.format(
        n_background=N_BACKGROUND,
        rows="1 row" if n_rows == 1 else f"{n_rows} rows",
        table=shap_table(timings),
    )


def threads_part(extras, job):
    """One thread against several."""
    if not extras.threads:
        return ""
    rows = {}
    for name, times in extras.threads.items():
        one, several = times.values()
        cells = [two_digits(1e9 * np.median(t) / job.n_pairs) for t in (one, several)]
        rows[name] = [*cells, two_digits(float(np.median(several / one)))]
    columns = ["1 thread: ns", f"{extras.n_jobs} threads: ns", "ratio"]
    return THREADS_TEXT.format(
        n_jobs=extras.n_jobs,
        n_features=extras.n_features,
        cores=os.cpu_count(),
        table=table("", columns, rows),
    )


def memory_part(peak):
    """Peak memory."""
    if peak is None:
        return ""
    return MEMORY_TEXT.format(
        rule=peak.rule,
        n_rows=f"{peak.n_rows:,}",
        n_support=f"{peak.n_support:,}",
        n_features=peak.n_features,
        data=two_digits(peak.data / MEBIBYTE),
        peak=two_digits(peak.peak / MEBIBYTE),
        result=two_digits(peak.result / MEBIBYTE),
        pairs=two_digits(8 * peak.n_rows * peak.n_support / MEBIBYTE),
        seconds=two_digits(peak.seconds),
    )


def tail(notes, arguments):
    """How to make the page again, on what it was made, and what was left out."""
    versions = [f"Python {platform.python_version()}"]
    used = [package for package in PEER_PACKAGES if package in sys.modules]
    versions += [f"{package} {version(package)}" for package in (*PACKAGES, *used)]
    return TAIL.format(
        arguments=arguments,
        versions=", ".join(versions),
        machine=f"{cpu_model()}, {os.cpu_count()} cores, {platform.system()}",
        blas=", ".join(blas_versions()),
        skipped="".join(f"- {note}\n" for note in notes) or "- nothing.\n",
    )


def cpu_model():
    """Name of the processor."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":", 1)[1] for line in file if "model name" in line]
    except OSError:
        names = []
    return names[0].strip() if names else platform.processor() or platform.machine()


def blas_versions():
    """Libraries of matrix products that are loaded, each once."""
    names = {
        f"{info['internal_api']} {info['version']}"
        + (f" ({info['architecture']})" if "architecture" in info else "")
        for info in threadpool_info()
        if info["user_api"] == "blas"
    }
    return sorted(names) or ["BLAS not known"]
