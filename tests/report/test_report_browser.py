"""The report in Chromium: nothing of a gene's name runs, nothing is asked of the network, no serious barrier."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

EVIL = "<script>alert(1)</script>"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --enable-unsafe-swiftshader --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync --window-size=1280,900"
).split()
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    found, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not found or not driver:
        pytest.skip("needs chromium and chromedriver on the PATH (Debian: chromium chromium-driver)")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = found
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for flag in FLAGS:
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=Service(driver))
    yield browser
    browser.quit()


@pytest.fixture
def opened(chromium: Any, html: str, tmp_path: Path) -> Any:
    """The report, opened as a file with the network off, every figure drawn."""
    file = tmp_path / "report.html"
    file.write_text(html, encoding="utf-8")
    chromium.execute_cdp_cmd("Network.enable", {})
    chromium.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
    )
    chromium.get_log("browser"), chromium.get_log("performance")
    chromium.get(file.as_uri())
    _until(chromium, "return document.querySelector('.plot .main-svg') !== null")
    chromium.execute_script("dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint'))")
    plots, drawn = ".plot", ".plot .main-svg:first-child"
    count = "document.querySelectorAll('{}').length"
    _until(chromium, f"return {count.format(plots)} === {count.format(drawn)}")
    return chromium


def _until(browser: Any, script: str, seconds: float = 40) -> None:
    deadline = time.time() + seconds
    while time.time() < deadline:
        if browser.execute_script(script):
            return
        time.sleep(0.2)
    raise AssertionError(f"never true: {script}")


def test_it_opens_with_no_network_and_no_error(opened: Any) -> None:
    errors = [e for e in opened.get_log("browser") if e["level"] == "SEVERE"]
    assert errors == []
    asked = [
        message["params"]["request"]["url"]
        for message in (json.loads(e["message"])["message"] for e in opened.get_log("performance"))
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_a_gene_called_like_a_script_is_text(opened: Any) -> None:
    search = opened.find_element("id", "gene-search")
    for word in ("alert(1)", "alert(2)"):
        search.clear()
        search.send_keys(word)
        _until(opened, "return document.getElementById('gene-count').textContent.startsWith('1 found')")
        _until(opened, f"return document.getElementById('gene-found').textContent.includes('{word}')")
    opened.execute_script(
        "const plot = document.querySelector('.js-plotly-plot[id]');"
        "document.querySelectorAll('.js-plotly-plot').forEach(p => {"
        " if (p.layout.meta?.genes) Plotly.Fx.hover(p, [{curveNumber: p.data.length - 1, pointNumber: 0}]) })"
    )
    time.sleep(1)
    with pytest.raises(Exception, match="no such alert"):
        opened.switch_to.alert  # noqa: B018
    own = opened.execute_script("return document.scripts.length")
    assert own == 4  # figures, plotly.js packed and unpacked, the page's own
    assert opened.execute_script("return document.querySelectorAll('img').length") == 0
    assert "</script><img src=x" in opened.find_element("id", "gene-found").text


def test_searching_marks_every_cloud_and_filters_the_tables(opened: Any) -> None:
    table = opened.find_element("css selector", "table.genes tbody")
    name = table.find_element("css selector", "tr th").text
    opened.find_element("id", "gene-search").send_keys(name)
    _until(opened, "return !document.getElementById('gene-found').hidden")
    left = [r for r in table.find_elements("tag name", "tr") if r.is_displayed()]
    assert left and all(name in row.text for row in left)
    marked = opened.execute_script(
        "return [...document.querySelectorAll('.js-plotly-plot')].filter(p => p.layout.meta?.genes)"
        ".map(p => p.data[p.data.length - 1].x.length)"
    )
    assert len(marked) == 4 and min(marked) >= 1 and len(set(marked)) == 1


def test_a_column_sorts_by_number(opened: Any) -> None:
    table = opened.find_element("css selector", "#verdict table")
    button = table.find_elements("css selector", "th button")[1]
    button.send_keys("\ue007")  # Enter
    values = [
        float(c.get_attribute("data-key"))
        for c in table.find_elements("css selector", "tbody tr td:nth-child(2)")
    ]
    assert values == sorted(values, reverse=True)
    assert button.find_element("xpath", "..").get_attribute("aria-sort") == "descending"


def test_dark_and_light_reach_the_figures(opened: Any) -> None:
    colour = "return document.querySelector('.plot').layout.template.layout.font.color"
    before = opened.execute_script(colour)
    opened.find_element("id", "theme").click()
    _until(opened, f"return (() => {{ {colour} }})() !== '{before}'")


def test_a_phone_needs_no_sideways_scrolling(opened: Any) -> None:
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    time.sleep(1)
    wide = opened.execute_script("return document.documentElement.scrollWidth")
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= 390


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_serious_violation(opened: Any, theme: str) -> None:
    axe = Path(os.environ.get("DGE_AXE", "/nowhere"))
    if not axe.is_file():
        pytest.skip(
            "needs axe-core: npm install --prefix DIR axe-core, DGE_AXE=DIR/node_modules/axe-core/axe.min.js"
        )
    button = opened.find_element("id", "theme")
    while opened.execute_script("return document.documentElement.dataset.theme") != theme:
        button.click()
    opened.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    opened.execute_script(axe.read_text(encoding="utf-8"))
    opened.set_script_timeout(90)
    found = opened.execute_async_script(
        "const done = arguments[0]; axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}).then(done)"
    )
    bad = {
        v["id"]: [n["html"][:200] for n in v["nodes"][:3]]
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    }
    assert bad == {}
    assert len(found["passes"]) > 15
