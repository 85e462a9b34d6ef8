# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Time and peak memory of the command line on a large table.

``python benchmarks/bench_cli.py --rows 1000000`` makes random rows of 10 columns,
explains them by ``python -m skneon``, and prints what that took. Other arguments go to
the command: ``python benchmarks/bench_cli.py -- --model kmeans --output out.csv``.
"""

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PART = 100_000


def make(path, n_rows, n_columns):
    """Write standard normal columns with six digits, part by part."""
    rng = np.random.default_rng(0)
    header = ",".join(f"x{i}" for i in range(n_columns))
    with open(path, "w") as file:
        file.write(header + "\n")
        for start in range(0, n_rows, PART):
            rows = rng.normal(size=(min(PART, n_rows - start), n_columns))
            np.savetxt(file, rows, fmt="%.6f", delimiter=",")


def run(arguments):
    """Run the command; seconds, those of the processor, and peak memory in MiB."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    start = perf_counter()
    subprocess.run(
        [sys.executable, "-m", "skneon", *arguments],
        check=True,
        env=os.environ | {"PYTHONPATH": path},
    )
    seconds = perf_counter() - start
    # kibibytes on Linux, bytes on macOS
    unit = 2**20 if sys.platform == "darwin" else 2**10
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def main():
    """Print time and memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=10)
    parser.add_argument("rest", nargs="*", help="arguments of the command, behind --")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        path = os.path.join(folder, "rows.csv")
        make(path, options.rows, options.columns)
        seconds, processor, memory = run([path, *options.rest])
    print(
        f"{options.rows} rows, {options.columns} columns, "
        f"{' '.join(options.rest) or 'no arguments'}: {seconds:.0f} s, "
        f"{processor:.0f} s of the processor, {memory:.0f} MiB at the most"
    )


if __name__ == "__main__":
    main()
