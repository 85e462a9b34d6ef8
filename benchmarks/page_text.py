# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The texts of the page about speed. Figures come in from outside."""

HEAD = """\
# How fast is it?

This page is made by `benchmarks/bench_kde.py`; every figure in it comes from the run
that is described at its end. What soft argmin and the other rules mean is in
[rules.md](rules.md).

In short, for gamma as in the first table:

{short}

## What is timed

{n_rows} new rows are scored, or explained, by a density of {n_support} training rows.
All have standard normal columns; the training rows are moved and mixed a little so
that their sample covariance is exactly the identity, without which `gaussian_kde` would
have another kernel. Everything is in double precision and on **one thread**. In each of
{n_runs} runs all take their turn, so that a machine that slows down slows all. Times
are medians; ratios are medians of the ratios to `KernelDensity.score_samples` in the
same run. The middle half of the runs spans {middle} % of the median in the middle case,
and {widest} % in the worst.

Before the clock starts, skneon's scores and soft argmin have been checked on a few rows
against plain differences, to nine digits, and the sums of its other relevances against
the scores. All others have given the same figures: scores and gradients to nine digits,
KeOps' relevances and what the floor leads to, to six. The one exception is
`KernelDensity`, which adds and subtracts bounds of its tree's nodes; how far that leads
it off is said above each table. Fitting, and what else can be done before new rows
come, is not timed: trees are built, matrices laid out, formulas compiled.

**Nanoseconds a pair**: the time by the number of rows and by that of training rows. A
row takes as many times that as there are training rows: with {n_support} of them,
10 ns a pair are {row} ms a row.

What the rows of the tables do:

- `KernelDensity.score_samples`: scikit-learn's, at its defaults. It only scores.
- NeonKDE, forward: the score, `neuralize(kde).forward(X)`.
- NeonKDE, soft argmin, integrated, exact inlier: the whole of `explain` by
  `rule="soft-argmin"`, by `rule="integrated"`, which is the default, and with
  `target="inlier"`. It gives relevances, scores and typical values.
- `gaussian_kde.evaluate`: SciPy's density.
- torch forward: the same score, a few rows at a time; torch gradient: its gradient by
  autograd. A gradient is less than an explanation: it needs no squares, and does not
  add up to the score. "cdist" takes distances from `torch.cdist`, "products"
  multiplies them out, with no care for rows that nearly coincide with a training row.
- KeOps forward and soft argmin: the same score and relevances as reductions that KeOps
  compiles.
- floor: the matrix products and the exponential a pair that are needed however it is
  done, and nothing else, tile by tile in arrays made before. For scores that is X U';
  for explanations also W [U, U^2, 1], where W are the exponentials. The sum that ends
  the score is left out, and all care for rounding and overflow. The tile is the fastest
  of several. The integrated rule takes several exponentials a pair and the exact
  inlier a special function, so that they cannot come as near.
"""

SHAP_TEXT = """\
## The shap package

Its estimators take any function for a model; here it is NeonKDE's `forward`, with
{n_background} training rows as background and defaults otherwise. They are timed once,
on {rows}. They answer another question: features that are left out take the
values of other rows, and sums are differences to the mean of those. "Rows scored" is
how many rows the model scored for one explanation, "by the model" the share of the time
that this took.

{table}"""

THREADS_TEXT = """\
## Threads

`n_jobs={n_jobs}` against `n_jobs=1` in paired runs, {n_features} features, on {cores}
cores; matrix products are held to one thread each. What else runs on the machine
counts here. Nanoseconds a pair:

{table}"""

MEMORY_TEXT = """\
## Memory

Explaining {n_rows} rows by {n_support} training rows with {n_features} features
({rule}) takes {peak} MiB above the data at its peak, of which {result} MiB are the
result; the data are {data} MiB. One number for each pair would be {pairs} MiB. It took
{seconds} s on one thread.
"""

TAIL = """\
## Run it again

```bash
python -m pip install -e ".[benchmark]"
python benchmarks/bench_kde.py {arguments}
```

`--features`, `--rows`, `--support`, `--runs`, `--gammas` and `--peers` change what is
timed; `--threads 2` adds a section about threads, `--memory 100000` one about memory.
KeOps needs a C++ compiler. Times differ from machine to machine and from run to run.

Run on {machine}, with {versions}; matrix products by {blas}. Left out:

{skipped}"""
