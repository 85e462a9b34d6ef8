# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Models in files: what skops writes, and beside it the plan of the columns."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, is_zipfile

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.pipeline import Pipeline

from skneon._cli._fitted import Fitted
from skneon._report._clusterings import Choice
from skneon._tables._open import told
from skneon._tables._stored_plan import document_of, plan_of
from skneon._tables._words import Doubt, Lazy, TableError, listed, pd
from skneon._version import __version__
from skneon.explanation._text import is_missing

skops = Lazy("skops.io", "model")
# the part of the file that is ours and that of skops, and the format that is read
PLAN, SCHEMA, FORMAT = "skneon.json", "schema.json", 2
# all that the files are made of: no other type is ever built
OWN = frozenset(("skneon._kde.NeonKDE", "skneon._kmeans.NeonKMeans"))
STEPS = frozenset(
    f"sklearn.{name}"
    for name in (
        "pipeline.Pipeline", "compose._column_transformer.ColumnTransformer",
        "impute._base.SimpleImputer", "preprocessing._data.StandardScaler",
        "preprocessing._encoders.OneHotEncoder",
        "preprocessing._function_transformer.FunctionTransformer",
        "ensemble._iforest.IsolationForest", "tree._classes.ExtraTreeRegressor",
        "tree._tree.Tree", "mixture._gaussian_mixture.GaussianMixture",
        "cluster._agglomerative.AgglomerativeClustering",
        "cluster._spectral.SpectralClustering", "cluster._dbscan.DBSCAN",
        "cluster._hdbscan.hdbscan.HDBSCAN",
    )
)  # fmt: skip
PLAIN = frozenset(
    f"builtins.{name}" for name in ("dict", "list", "tuple", "str", "slice")
)
# what skops leaves to those who look at what they hold
CHECKED = frozenset(("numpy.dtype", "sklearn.tree._tree.Tree"))
# in whichever of its modules NumPy has them
NUMPY = frozenset(
    ("ndarray", "dtype", "float64", "float32", "int64", "int32", "bool_", "bool",
     "object_", "str_", "exp", "log")
)  # fmt: skip
MALFORMED = KeyError, TypeError, AttributeError, ValueError


def save(fitted: Fitted, part: Path) -> None:
    """Write a model, and what new rows need of its table."""
    document = {
        "format": FORMAT, "skneon": __version__, "scikit-learn": sklearn.__version__,
        "source": fitted.source, "columns": fitted.columns, "n_rows": fitted.n_rows,
        "n_support": fitted.n_support,
        "missing": fitted.missing, "choice": fitted.choice.words,
        "plan": document_of(fitted.plan),
    }  # fmt: skip
    content = {"model": fitted.model}
    if fitted.kind.keeps_rows:
        plan, rows = fitted.plan, fitted.rows
        content["numbers"] = rows[plan.numbers].to_numpy(dtype=float)
        cells = {name: rows[name].tolist() for name in plan.categories}
        document["texts"] = {
            name: [None if is_missing(cell) else cell for cell in column]
            for name, column in cells.items()
        }
    skops.dump(content, part, compression=ZIP_DEFLATED)
    with ZipFile(part, "a", ZIP_DEFLATED) as archive:
        archive.writestr(PLAN, json.dumps(document))


def load(path: str) -> Fitted:
    """Read what `save` wrote; all else is refused, before anything of it is built."""
    with told(path):
        if not is_zipfile(path):
            raise TableError(f"{path} is no model: --save writes one.")
        try:
            document = _checked(path)
            with warnings.catch_warnings():
                # a note says so
                warnings.simplefilter("ignore", InconsistentVersionWarning)
                content = skops.load(path, trusted=sorted(OWN | CHECKED))
            return _fitted(document, content)
        except TableError:
            raise
        except MALFORMED:
            raise TableError(
                f"{path} is damaged: what it holds is not as skneon --save wrote it. "
                "Copy the file again, or fit the model again and save it."
            ) from None


def _checked(path: str) -> dict[str, Any]:
    """Our part of the file, which is of this format and has none but known types."""
    with ZipFile(path) as archive:
        if lacking := {PLAN, SCHEMA}.difference(archive.namelist()):
            raise TableError(
                f"{path} has no plan of columns ({listed(sorted(lacking))}): it was "
                "not written by skneon --save."
            )
        document, schema = (json.loads(archive.read(part)) for part in (PLAN, SCHEMA))
    if document["format"] != FORMAT:
        raise TableError(
            f"{path} was written by skneon {document['skneon']}, in format "
            f"{document['format']}: this is {__version__}, which reads {FORMAT}. "
            "Update skneon, or fit the model again."
        )
    if others := sorted({*_types(schema)} - OWN - STEPS - PLAIN):
        raise TableError(
            f"{path} holds types that no model of skneon --save has: "
            f"{listed(others)}. It is not read."
        )
    return dict(document)


def _types(node: Any) -> Iterator[str]:
    """Names of all that is built from a node of skops's schema, less NumPy's."""
    if isinstance(node, dict):
        if "__class__" in node:
            module, name = str(node["__module__"]), str(node["__class__"])
            if module.split(".")[0] != "numpy" or name not in NUMPY:
                yield f"{module}.{name}"
        node = list(node.values())
    for part in node if isinstance(node, list) else ():
        yield from _types(part)


def _check_tree(tree: Any, n_columns: int) -> None:
    """Refuse a tree that leads out of itself or its rows: scikit-learn would follow."""
    left, right = tree.children_left, tree.children_right
    inner = np.flatnonzero(left != -1)
    children, columns = np.stack([left, right])[:, inner], tree.feature[inner]
    ends = (children > inner) & (children < len(left))
    if not (ends.all() and ((columns >= 0) & (columns < n_columns)).all()):
        raise ValueError


def _fitted(document: dict[str, Any], content: dict[str, Any]) -> Fitted:
    if not isinstance(content["model"], Pipeline):
        raise TypeError
    if isinstance(forest := content["model"][-1], IsolationForest):
        members = zip(forest.estimators_, forest.estimators_features_, strict=True)
        for member, columns in members:
            _check_tree(member.tree_, len(columns))
    plan, rows, notes = plan_of(document["plan"]), None, []
    if "numbers" in content:
        rows = pd.DataFrame(content["numbers"], columns=plan.numbers)
        texts = {
            name: [np.nan if cell is None else cell for cell in cells]
            for name, cells in document["texts"].items()
        }
        words = pd.DataFrame(texts, index=rows.index, dtype=object)
        rows = pd.concat([rows, words], axis=1)[plan.names]
    version = document["scikit-learn"]
    if version != sklearn.__version__:
        notes.append(
            Doubt(
                f"The model was fitted by scikit-learn {version}, and this is "
                f"{sklearn.__version__}: fit it again if scores differ."
            )
        )
    return Fitted(
        plan, content["model"], rows, document["n_support"], document["source"],
        tuple(document["columns"]), document["n_rows"], tuple(document["missing"]),
        tuple(notes), Choice(str(document["choice"])),
    )  # fmt: skip
