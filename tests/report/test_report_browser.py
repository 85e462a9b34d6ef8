# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Reports in a real browser: they sort, and nothing of the data comes to life."""

import json
import re
import shutil
import time

import pytest
from helpers.report_pages import HOSTILE, hostile_frame
from sklearn.datasets import load_wine

from skneon import report

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--window-size=1100,900",
)  # fmt: skip
PAGES = ("wine", "hostile")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Debian's chromium, with a profile of its own."""
    selenium = pytest.importorskip("selenium.webdriver", exc_type=ImportError)
    service = pytest.importorskip("selenium.webdriver.chrome.service")
    found = [shutil.which(name) for name in ("chromium", "chromedriver")]
    if None in found:
        pytest.skip("chromium and chromedriver are not installed")
    options = selenium.ChromeOptions()
    options.binary_location = found[0]
    profile = tmp_path_factory.mktemp("profile")
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    driver = selenium.Chrome(options=options, service=service.Service(found[1]))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Reports as files."""
    folder = tmp_path_factory.mktemp("pages")
    wine = load_wine(as_frame=True).data
    report(None, wine, n_clusters=3, path=folder / "wine.html")
    title = "<img src=x onerror=alert(1)>"
    report(None, hostile_frame(), path=folder / "hostile.html", title=title)
    return {name: (folder / f"{name}.html").as_uri() for name in PAGES}


def run(browser, script):
    return browser.execute_script(f"return {script}")


def column(browser, number):
    """Texts of a column of the table of contributions."""
    cells = "document.querySelectorAll('#contributions tbody tr')"
    return run(browser, f"Array.from({cells}, r => r.cells[{number}].innerText)")


def figures(browser, number):
    cells = "document.querySelectorAll('#contributions tbody tr')"
    return run(browser, f"Array.from({cells}, r => +r.cells[{number}].dataset.sort)")


def order(browser):
    head = "document.querySelectorAll('#contributions thead th')"
    return run(browser, f"Array.from({head}, h => h.getAttribute('aria-sort'))")


def button(browser, number):
    return browser.find_elements("css selector", "#contributions thead button")[number]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_loaded_and_nothing_goes_wrong(browser, pages, name):
    browser.get_log("performance")
    browser.get(pages[name])
    assert browser.get_log("browser") == []
    events = [
        json.loads(e["message"])["message"] for e in browser.get_log("performance")
    ]
    urls = {
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    }
    others = {url for url in urls if not url.startswith("data:")}
    assert others == {pages[name]}
    # a dialog would raise UnexpectedAlertPresentException
    assert run(browser, "document.querySelectorAll('script').length") == 1
    boxes = "Array.from(document.querySelectorAll('figure > svg, .map > svg'), "
    sizes = run(browser, boxes + "s => s.getBoundingClientRect().height)")
    assert len(sizes) >= 2 and min(sizes) > 100
    elements = "document.querySelectorAll('b, i, u, iframe, form, img').length"
    assert run(browser, elements) == 0


def test_hostile_texts_are_seen_as_texts(browser, pages):
    browser.get(pages["hostile"])
    assert browser.title == "<img src=x onerror=alert(1)>"
    text = run(browser, "document.body.innerText")
    for hostile in HOSTILE:
        if hostile.isprintable() and len(hostile) < 60:
            assert hostile in text.replace("\n", "")


@pytest.mark.parametrize("name", PAGES)
def test_sorts_numbers_and_texts_and_back(browser, pages, name):
    browser.get(pages[name])
    names, n_columns = column(browser, 0), len(order(browser))
    assert order(browser) == ["none", "descending"] + ["none"] * (n_columns - 2)
    # the first columns: name, score, leading feature, contributions
    button(browser, 3).click()
    now = figures(browser, 3)
    assert now == sorted(now, reverse=True) and names != column(browser, 0)
    assert order(browser).count("none") == n_columns - 1
    assert order(browser)[3] == "descending"
    button(browser, 3).click()
    assert figures(browser, 3) == now[::-1] and order(browser)[3] == "ascending"
    button(browser, 3).click()
    assert column(browser, 0) == names and order(browser)[1] == "descending"
    button(browser, 2).click()
    texts = column(browser, 2)
    assert texts != sorted(texts, reverse=True) and order(browser)[2] == "ascending"
    if name == "wine":
        assert texts == sorted(texts)
        button(browser, 0).click()
        assert column(browser, 0) == sorted(names, key=int)
    button(browser, 1).click()
    assert figures(browser, 1) == sorted(figures(browser, 1), reverse=True)
    assert browser.get_log("browser") == []


def test_sorts_by_the_keyboard(browser, pages):
    browser.get(pages["wine"])
    first = button(browser, 4)
    run(browser, "document.querySelectorAll('#contributions button')[3].focus()")
    browser.switch_to.active_element.send_keys("\ue004")
    assert browser.switch_to.active_element == first
    first.send_keys("\ue007")
    assert order(browser)[4] == "descending"
    first.send_keys(" ")
    assert order(browser)[4] == "ascending"


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_not_wider_than_a_phone(browser, pages, name):
    metrics = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        browser.get(pages[name])
        assert run(browser, "innerWidth") == 360
        if name == "wine":
            # a word of a heading is in one line, and all of them end in the same one
            heads = "Array.from(document.querySelectorAll('#contributions button'), "
            texts = run(browser, heads + "b => b.innerText)")
            lines = run(browser, heads + "b => b.getBoundingClientRect())")
            assert len({round(box["bottom"]) for box in lines}) == 1
            for text, box in zip(texts, lines, strict=True):
                assert box["height"] <= 25 * len(re.split("[_ ]", text.strip()))
        assert run(browser, "document.documentElement.scrollWidth") <= 360
        wide = "Array.from(document.querySelectorAll('body *')).filter(e => "
        wide += "!e.closest('.scroll, pre') && e.getBoundingClientRect().right > 361)"
        assert run(browser, wide + ".map(e => e.outerHTML)") == []
        # what is wider scrolls in its box
        box = "document.querySelector('#contributions').parentElement"
        assert run(browser, f"{box}.scrollWidth > {box}.clientWidth")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts(browser, pages, name):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(pages[name])
        assert browser.find_elements("css selector", "button") == []
        rows = browser.find_elements("css selector", "#contributions tbody tr")
        assert len(rows) > 50 and rows[0].is_displayed()
        assert "most outlying" in browser.find_element("css selector", "main").text
    finally:
        browser.execute_cdp_cmd(
            "Emulation.setScriptExecutionDisabled", {"value": False}
        )


def test_colours_follow_the_system(browser, pages):
    seen = []
    parts = {"body": "backgroundColor", "rect": "fill", "svg text": "fill"}
    for scheme in ("light", "dark"):
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        browser.get(pages["wine"])
        seen.append(
            [
                run(browser, f"getComputedStyle(document.querySelector('{part}')).{of}")
                for part, of in parts.items()
            ]
        )
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert seen[0][0] == "rgb(255, 255, 255)"
    assert all(light != dark for light, dark in zip(*seen, strict=True))


def test_searches(browser, pages):
    browser.get(pages["wine"])
    names = column(browser, 0)
    field = browser.find_elements("css selector", "input[type=search]")[1]
    field.send_keys("Color_INT")
    visible = "Array.from(document.querySelectorAll('#contributions tbody tr'))"
    visible += ".filter(r => !r.hidden).map(r => r.cells[2].innerText)"
    assert set(run(browser, visible)) == {"color_intensity"}
    field.clear()
    field.send_keys(" ")
    assert len(run(browser, visible)) == len(names) == 100


def test_contributions_are_saved_without_a_network(browser, pages, tmp_path):
    browser.get(pages["wine"])
    allow = {"behavior": "allow", "downloadPath": str(tmp_path)}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", allow)
    browser.find_element("css selector", "a[download]").click()
    path = tmp_path / "contributions.csv"
    for _ in range(100):
        if path.exists():
            break
        time.sleep(0.05)
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    assert head.startswith("row,alcohol,") and len(lines) == 178
    assert browser.get_log("browser") == []
