# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Options that all families of models have in common."""

import re
from pathlib import Path

import numpy as np
import pytest
from helpers.models import MEMBERS, TABLE
from sklearn.ensemble import IsolationForest
from sklearn.kernel_approximation import Nystroem, RBFSampler
from sklearn.linear_model import SGDOneClassSVM
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline

from skneon import NeonKDE, NeonKMeans, explain, neuralize

PAGE = Path(__file__).resolve().parents[2] / "doc" / "models.md"
Y = np.arange(len(TABLE)) % 3
OWN = {
    "LocalOutlierFactor": {"novelty": True},
    "Birch": {"threshold": 2.0},
    "DBSCAN": {"eps": 1.25},
    "HDBSCAN": {"copy": True},
    "OPTICS": {"cluster_method": "dbscan", "eps": 1.25},
    "SpectralClustering": {"n_clusters": 3, "gamma": 0.3},
    "KernelPCA": {"kernel": "rbf"},
}
# the rows are the network's, and the model does not keep them
WITHOUT_ROWS = {"HDBSCAN", "OPTICS", "SpectralClustering", "AgglomerativeClustering"}


def targets_on_the_page():
    """Models and their targets, as the first table of doc/models.md has them."""
    found, names = {}, []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.replace(r"\|", "").split(" | ")]
        named = re.findall(r"`([A-Z][A-Za-z]+)[`(]", cells[0])
        if re.match(r"## How", line):
            break
        if not line.startswith("|") or not re.match(r'"\w+"$', cells[1]):
            continue
        if "members=" in line or "the same" in cells[0]:
            continue
        names = named or names
        for name in names:
            found.setdefault(name, set()).add(cells[1].strip('"'))
    return found


@pytest.mark.skipif(not PAGE.is_file(), reason="the guide is not beside the tests")
def test_targets_of_the_page_are_taken_and_others_refused_by_naming_them():
    page = targets_on_the_page()
    assert len(page) > 25
    own = [
        kind for kind in neuralize.registry if not kind.__module__.startswith("hdbscan")
    ]
    kinds = {kind.__name__: kind for kind in own}
    for name, targets in page.items():
        model = kinds[name](**OWN.get(name, {}))
        model.fit(TABLE, Y if name == "NearestCentroid" else None)
        rows = {"X_train": TABLE} if name in WITHOUT_ROWS else {}
        for behind in (model, make_pipeline("passthrough", model)):
            for target in targets:
                assert neuralize(behind, target=target, **rows).target == target, name
            with pytest.raises(ValueError, match=rf"neuralize\({name}\) must") as error:
                explain(behind, TABLE, target="nonsense", **rows)
            assert set(re.findall(r"'(\w+)'", str(error.value))) == {
                "target", "nonsense", *targets
            }  # fmt: skip


def test_sums_of_kernels_are_the_target_outlier():
    model = make_pipeline(Nystroem(n_components=9, random_state=0), SGDOneClassSVM())
    assert neuralize(model.fit(TABLE), target="outlier").target == "outlier"
    with pytest.raises(ValueError, match=r"must be a str among {'outlier'}. Got 'clu"):
        neuralize(model, target="cluster")


def test_clusters_by_members_are_the_target_cluster():
    model = KernelDensity().fit(TABLE)
    assert neuralize(model, members=MEMBERS, target="cluster").target == "cluster"
    with pytest.raises(ValueError, match=r"must be a str among {'cluster'}. Got 'inl"):
        neuralize(model, members=MEMBERS, target="inlier")
    with pytest.raises(ValueError, match=r"must be a str among {'(in|out)lier', '"):
        neuralize(model, target="cluster")
    clustering = NeonKMeans(3, random_state=0).fit(TABLE)
    assert neuralize(clustering, target="cluster").target == "cluster"


@pytest.mark.parametrize(
    ("model", "rules"),
    [
        (NeonKMeans(2), "one of 'activation', 'interventional', 'midpoint', 'shapley'"),
        (NeonKDE(beta=2.0), "one of 'activation', 'integrated', 'soft-argmin'."),
        (IsolationForest(n_estimators=2), "one of 'interventional', 'path', 'shapley'"),
        (make_pipeline(RBFSampler(), SGDOneClassSVM()), "'random-features'."),
    ],
    ids=lambda it: type(it).__name__,
)
def test_an_unknown_rule_is_answered_by_those_of_the_model(model, rules):
    message = f"No rule has the name 'gradient': for .* take {re.escape(rules)}"
    with pytest.raises(ValueError, match=message):
        explain(model.fit(TABLE), TABLE, rule="gradient")
    own = re.escape(rules)
    with pytest.raises(ValueError, match=f"rule='members' does not .*: take {own}"):
        explain(model, TABLE, rule="members")
