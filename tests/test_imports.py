# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Test modules stand alone: what they share is in `helpers`."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent


def imported(path):
    """Names of the modules that a file imports, and of what it imports from them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_file_imports_a_test_module():
    files = {path: list(imported(path)) for path in TESTS.rglob("*.py")}
    modules = {path.stem for path in files if path.stem.startswith("test_")}
    assert Path(__file__).stem in modules
    guilty = {
        f"{path.relative_to(TESTS)}: {name}"
        for path, names in files.items()
        for name in names
        if modules & set(name.split("."))
    }
    assert not guilty
