# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How the site is made: ``python -m sphinx -W --keep-going -n doc doc/_build/html``.

Examples that need data or packages that are not there are shown, and not executed.
SKNEON_WHOLESALE_CSV names the wholesale customers data; SKNEON_GALLERY_DEEP=1 executes
the examples that need torch.
"""

import inspect
import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path

import skneon
from skneon.network.rules._registry import RULES as REGISTERED

# the rules of this package
OWN_RULES = frozenset(
    rule for rule in REGISTERED.values() if rule.__module__.startswith("skneon.")
)

DOC = Path(__file__).resolve().parent
EXAMPLES = DOC / "examples"
WHOLESALE = "SKNEON_WHOLESALE_CSV"

project = "skneon"
author = "The skneon developers"
copyright = author
version = release = skneon.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
highlight_language = "none"
exclude_patterns = ["_build", "examples"]
needs_sphinx = "9.0"

# -- Markdown ----------------------------------------------------------------

myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 3

# what the site calls links that bear a file's name; others are called by that name
LABELS = {
    "add_engine": "Add an engine",
    "add_model": "Add a model",
    "add_rule": "Add a rule",
    "add_step": "Add a step",
    "explained": "What is explained",
    "maths": "The mathematics",
}


def write_links_for_the_site(app, docname, source):
    """Links between files, as a code host shows them, become links between pages."""

    def named(match):
        page = match[1]
        return f"[{LABELS.get(page, page.capitalize())}]({page}.md{match[2] or ''})"

    text = re.sub(r"\[(\w+)\.md\]\(\1\.md(#[\w-]+)?\)", named, source[0])
    # examples are pages of the gallery
    source[0] = re.sub(
        r"\]\(examples/(plot_\w+)\.py\)", r"](auto_examples/\1.rst)", text
    )


# -- reference ---------------------------------------------------------------

# modules of packages that are not there can be documented all the same
autodoc_mock_imports = [
    name
    for name in ("torch", "zennit", "shap", "pyarrow", "tqdm", "matplotlib", "pandas")
    if find_spec(name) is None
]
autodoc_typehints = "none"
autosummary_ignore_module_all = False
autosummary_context = {"public": skneon.__all__}
numpydoc_show_class_members = False
# single backticks name parameters and the classes of other packages, too
default_role = "py:obj"
nitpick_ignore_regex = [("py:obj", r"(?!skneon\.).*")]


def keep_first_signature(app, domain, objtype, contentnode):
    """One signature for neuralize, rather than one for each type that it takes."""
    if objtype == "function":
        for signature in contentnode.parent.children[1:-1]:
            contentnode.parent.remove(signature)


def skip_metadata_requests(app, what, name, obj, skip, options):
    """No set_fit_request and the like, which scikit-learn makes for all estimators."""
    return skip or bool(re.fullmatch(r"set_\w+_request", name)) or None


def show_equations_of_rules(app, what, name, obj, options, lines):
    """Rules have their equation at the top of their file, and on their page, too."""
    if what != "class" or obj not in OWN_RULES or "" not in lines:
        return
    file = inspect.cleandoc(sys.modules[obj.__module__].__doc__)
    after_summary = lines.index("") + 1
    lines[after_summary:after_summary] = [*file.splitlines(), ""]


# -- gallery -----------------------------------------------------------------


def has_what_it_needs(example):
    """Whether an example can be executed here."""
    text = example.read_text(encoding="utf-8")
    if "fetch_wholesale_customers" in text:
        return Path(os.environ[WHOLESALE]).is_file()
    if "skneon.deep" in text or "import torch" in text:
        return os.environ.get("SKNEON_GALLERY_DEEP") == "1"
    return True


# an absolute path, since examples are executed in their folder
beside = DOC.parents[1] / "shared/data/wholesale_customers.csv"
os.environ[WHOLESALE] = str(Path(os.environ.get(WHOLESALE, beside)).absolute())
executed = [path.name for path in EXAMPLES.glob("plot_*.py") if has_what_it_needs(path)]

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": "/(" + "|".join(map(re.escape, executed)) + ")$",
    # what examples import
    "ignore_pattern": r"^(?!plot_).*\.py$",
    "doc_module": ("skneon",),
    "backreferences_dir": "api/backreferences",
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
}

# -- pages -------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = "skneon"
html_static_path = ["_static"]
html_css_files = ["skneon.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "header_links_before_dropdown": 6,
    "navbar_end": ["theme-switcher"],
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
    "use_edit_page_button": False,
}
html_sidebars = {"install": [], "tutorial": [], "changes": [], "citation": []}


def setup(app):
    app.connect("source-read", write_links_for_the_site)
    app.connect("object-description-transform", keep_first_signature)
    app.connect("autodoc-skip-member", skip_metadata_requests)
    # before numpydoc, which reads what they are then
    app.connect("autodoc-process-docstring", show_equations_of_rules, priority=400)
