# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Imports run one way, storey by storey, and files are short: doc/architecture.md."""

import ast
import inspect
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import skneon
from skneon import network
from skneon.neuralization import NeuralizedKernelDensity

PACKAGE = Path(skneon.__file__).parent
ROOT = Path(__file__).resolve().parents[1]
# from bottom to top: each may import those before it
STOREYS = (
    "numerics", "_query", "rules", "layers", "engines", "_diagram", "_diagram_text",
    "_diagram_html", "_network", "",
)  # fmt: skip
HOUSE = (
    "_version", "_warn", "_validation", "_compat", "_weighted", "_likelihood",
    "_bandwidth", "_threshold", "_normal_tail", "_p_values",
    "explanation", "network", "_lazy", "_frames", "_named_cells", "_labels",
    "neuralization", "_kde_scale", "_kde", "_kmeans", "datasets", "metrics", "plotting",
    "deep", "testing", "_tables", "_report", "_cli", "_public", "", "__main__",
)  # fmt: skip
FILES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__"):
    path
    for path in PACKAGE.rglob("*.py")
}  # fmt: skip
MODULES = {name.rstrip("."): path for name, path in FILES.items()}


class RunTime(ast.NodeTransformer):
    """Leaves out what type checkers alone import."""

    def visit_If(self, node):
        names = ast.unparse(node.test)
        return ast.Pass() if names == "TYPE_CHECKING" else self.generic_visit(node)


def imported(path):
    """Names of what a file imports, wherever in the file, from where it has them."""
    for node in ast.walk(RunTime().visit(ast.parse(path.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own(name):
    """The module of this package that a name is in, without "skneon."; else None."""
    parts = name.split(".")
    if parts[0] != "skneon":
        return None
    while parts and ".".join(parts[1:]) not in MODULES:
        parts.pop()
    return ".".join(parts[1:])


def room(module):
    """Where in the house a module is."""
    return module.partition(".")[0]


def storey(module):
    """Where in `skneon.network` a module is."""
    return module.partition(".")[2].partition(".")[0]


IMPORTS = {
    module: {found for name in imported(path) if (found := own(name)) is not None}
    for module, path in MODULES.items()
}
# names of types belong to no storey
NAMES = "network.numerics._types"
PAIRS = sorted(
    (a, b) for a, found in IMPORTS.items() for b in found if a != b and b != NAMES
)


def test_imports_were_read():
    assert ("network.engines._contrasts", "network.rules._midpoint") in PAIRS
    assert ("_kmeans", "neuralization") in PAIRS
    assert ("", "network.rules") not in PAIRS
    assert len(PAIRS) > 500


def test_every_file_has_a_place():
    assert {room(module) for module in MODULES} <= set(HOUSE)
    inside = {storey(m) for m in MODULES if room(m) == "network"}
    assert inside == set(STOREYS)


def test_no_import_goes_up_a_storey():
    inside = [(a, b) for a, b in PAIRS if room(a) == room(b) == "network"]
    up = [
        f"{a} -> {b}"
        for a, b in inside
        if STOREYS.index(storey(a)) < STOREYS.index(storey(b))
    ]
    assert len(inside) > 150
    assert up == []


def test_no_import_goes_up_the_house():
    up = [
        f"{a} -> {b}" for a, b in PAIRS if HOUSE.index(room(a)) < HOUSE.index(room(b))
    ]
    assert up == []


def test_the_network_needs_little_else():
    beyond = {b for a, b in PAIRS if room(a) == "network" != room(b)}
    # for the message about an extra that is not installed
    assert beyond <= {"_validation"}


def test_no_circle():
    # those that are for readers of types alone, too
    try:
        list(TopologicalSorter(IMPORTS).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_private_scikit_learn_is_imported_in_one_place():
    private = {
        module
        for module, path in MODULES.items()
        for name in imported(path)
        if name.startswith("sklearn.")
        and any(part.startswith("_") for part in name.split("."))
    }
    assert private == {"_compat"}


def test_layers_are_public_and_tools_are_not():
    tools = {"check", "dense", "is_missing", "restore", "trace", "unknown", "wire"}
    assert not tools & set(network.__all__)
    assert sorted(network.__all__) == network.__all__
    assert {"Network", "Units", "Pooling", "Rule", "Engine"} <= set(network.__all__)


def test_files_are_short():
    folders = [PACKAGE, *(ROOT / name for name in ("tests", "benchmarks"))]
    long = {
        str(path.relative_to(folder.parent)): n
        for folder in folders
        for path in folder.rglob("*.py")
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_leaving_out_has_one_home():
    mentions = re.compile(
        "leave_out|left_out|leaveout|leave-one-out|leave one out", re.I
    )
    files = {
        module
        for module, path in MODULES.items()
        if mentions.search(path.read_text("utf-8"))
    }
    assert "network.layers._weights" in files
    assert len(files) <= 6, files
    # below the weights and above them nothing in the network knows of it
    assert [module for module in files if room(module) == "network"] == [
        "network.layers._weights"
    ]


def test_a_door_takes_few_parameters():
    parameters = inspect.signature(NeuralizedKernelDensity.__init__).parameters
    assert len(parameters) <= 9
