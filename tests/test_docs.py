# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The pages of the guide: examples run, links lead somewhere, figures are quoted."""

import pkgutil
import re
from pathlib import Path

import pytest
from helpers import pages

import skneon
from skneon.network.rules._registry import RULES as REGISTERED

ROOT = Path(__file__).resolve().parents[1]
DOC = ROOT / "doc"
TEXTS = {page.name: page.read_text(encoding="utf-8") for page in DOC.glob("*.md")}
# the datasets come with the test extra; test_image_examples.py runs images.md, and the
# tests of PyOD's detectors run theirs
WITH_EXAMPLES = sorted(
    name
    for name, text in TEXTS.items()
    if "```python\n" in text
    and not any(name in text for name in ("skneon.deep import", "from pyod"))
)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")

pytestmark = pytest.mark.skipif(
    not DOC.is_dir(), reason="the guide is not beside the tests"
)

# the rules of this package
OWN_RULES = frozenset(
    rule for rule in REGISTERED.values() if rule.__module__.startswith("skneon.")
)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_run_in_order(name):
    pages.run(DOC / name)


def headings(text):
    """Anchors of the headings, as code hosts and the site make them."""
    plain = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.*)$", plain, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", t).lower().replace(" ", "-") for t in titles]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_links_lead_somewhere(name):
    for path, anchor in LINK.findall(TEXTS[name].replace("\n", " ")):
        target = DOC / (path or name)
        assert target.exists(), path
        if anchor:
            assert anchor in headings(TEXTS[target.name]), anchor


def test_figures_of_the_comparison_stand_in_the_measured_pages():
    measured = TEXTS["faithfulness.md"] + TEXTS["speed.md"]
    # of forests it has ranges over the tables of forests.md
    forests = r"^## Isolation forests.*?(?=^## |\Z)"
    text = re.sub(forests, "", TEXTS["comparison.md"], flags=re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\|.*\d\d.*\|$", text, re.MULTILINE)
    assert len(rows) > 20
    assert [row for row in rows if row not in measured] == []


def test_reference_lists_every_public_module():
    listed = re.findall(r"^ +(skneon\S*)$", (DOC / "api.rst").read_text(), re.MULTILINE)
    found = [module.name for module in pkgutil.iter_modules(skneon.__path__)]
    public = [f"skneon.{name}" for name in found if not name.startswith("_")]
    assert sorted(listed) == sorted(["skneon", *public])


def test_every_rule_has_a_file_and_a_paragraph():
    files = {rule.__module__ for rule in OWN_RULES}
    assert len(files) == len(OWN_RULES)
    spelled = [f'rule="{rule.name}"' for rule in OWN_RULES]
    assert [text for text in spelled if text not in TEXTS["rules.md"]] == []
    objects = [f"| `{rule.__name__}()` |" for rule in OWN_RULES]
    assert [text for text in objects if text not in TEXTS["rules.md"]] == []
