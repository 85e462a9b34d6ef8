# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Pages: what they allow, and where they are put."""

import os
import re
from base64 import b64encode
from hashlib import sha256

import pytest
from sklearn.datasets import load_wine

from skneon import report

WINE = load_wine(as_frame=True).data


def test_policy_allows_the_one_script_alone(wine):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', wine.html)[1]
    script = re.search(r"<script>(.*?)</script>", wine.html, re.DOTALL)[1]
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src &#39;sha256-{digest}&#39;;" in policy
    assert "default-src &#39;none&#39;" in policy
    assert "http:" not in wine.html and "https:" not in wine.html


def test_saves_a_whole_file_or_none(tmp_path, wine):
    path = tmp_path / "wine.html"
    page = report(None, WINE.iloc[:20], path=path, n_clusters=2)
    assert path.read_text(encoding="utf-8") == page.html
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask
    wine.save(path)
    assert path.read_text(encoding="utf-8") == wine.html
    assert [p.name for p in tmp_path.iterdir()] == ["wine.html"]
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(OSError):
        wine.save(tmp_path / "folder.html")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.html", "wine.html"]
    with pytest.raises(OSError):
        wine.save(tmp_path / "nowhere" / "wine.html")
    for save in (wine.save, lambda path: report(None, WINE, path=path)):
        with pytest.raises(ValueError, match=r"x.pdf': it must end in .html"):
            save(tmp_path / "x.pdf")


def test_in_notebooks_it_has_a_frame_of_its_own(wine):
    frame = wine._repr_html_()
    assert frame.startswith("<iframe srcdoc=") and frame.count("<") == 2
    assert "outliers, clusters" in repr(wine)
