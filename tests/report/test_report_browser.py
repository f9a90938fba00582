"""The report in Chromium: nothing of a gene's name runs, nothing is asked of the network, no serious barrier."""

import base64
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chromium import chromium, offline, until

EVIL = "<script>alert(1)</script>"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium("1280,900") as found:
        yield found


@pytest.fixture
def opened(browser: Any, html: str, tmp_path: Path) -> Any:
    """The report, opened as a file with the network off, every figure drawn."""
    file = tmp_path / "report.html"
    file.write_text(html, encoding="utf-8")
    offline(browser)
    browser.get(file.as_uri())
    browser.execute_script(
        "document.querySelector('.plot').scrollIntoView({behavior: 'instant'})"
    )  # drawn when it comes near
    until(browser, "return document.querySelector('.plot .main-svg') !== null")
    browser.execute_script("dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint'))")
    plots, drawn = ".plot", ".plot .main-svg:first-child"
    count = "document.querySelectorAll('{}').length"
    until(browser, f"return {count.format(plots)} === {count.format(drawn)}")
    browser.execute_script("scrollTo({top: 0, behavior: 'instant'})")
    return browser


def test_it_opens_with_no_network_and_no_error(opened: Any) -> None:
    errors = [e for e in opened.get_log("browser") if e["level"] == "SEVERE"]
    assert errors == []
    asked = [
        message["params"]["request"]["url"]
        for message in (json.loads(e["message"])["message"] for e in opened.get_log("performance"))
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.parametrize("width", [1000, 500])
def test_the_button_that_saves_a_figure_covers_no_legend_and_no_mark(opened: Any, width: int) -> None:
    opened.set_window_size(width, 900)
    until(opened, "return Math.abs(document.querySelector('.plot .main-svg').getBoundingClientRect().width"
          " - document.querySelector('.plot').clientWidth) < 3")  # fmt: skip
    covered = opened.execute_script("""
        const box = (node) => node.getBoundingClientRect();
        const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        return [...document.querySelectorAll(".plot")].flatMap((plot) => {
          const button = box(plot.querySelector(".modebar-btn"));
          return [...plot.querySelectorAll(".legend .bg, .points path, text")]
            .filter((drawn) => meet(box(drawn), button))
            .map((drawn) => `${plot.id}: ${drawn.textContent || drawn.getAttribute("class")}`);
        });
    """)
    opened.set_window_size(1280, 900)
    assert covered == []


def test_a_figure_is_saved_as_svg(opened: Any) -> None:
    until(opened, "return document.querySelector('.plot .modebar-btn[data-title]') !== null")
    titles = opened.execute_script(
        "return [...document.querySelectorAll('.plot .modebar-btn')].map(b => b.dataset.title)"
    )
    assert set(titles) == {"Download plot"} and len(titles) == len(
        opened.find_elements("css selector", ".plot")
    )
    image = opened.execute_async_script(
        "Plotly.toImage(document.querySelector('.plot'), {format: 'svg'}).then(arguments[0])"
    )
    assert image.startswith("data:image/svg+xml")
    names = opened.execute_script(
        "return [...document.querySelectorAll('.plot')].map(p => p._context.toImageButtonOptions.filename)"
    )
    assert len(set(names)) > 3 and all(re.fullmatch(r"[\w.-]+", name) for name in names)


def test_a_gene_called_like_a_script_is_text(opened: Any) -> None:
    search = opened.find_element("id", "gene-search")
    for word in ("alert(1)", "alert(2)"):
        search.clear()
        search.send_keys(word)
        until(opened, "return document.getElementById('gene-count').textContent.startsWith('1 found')")
        until(opened, f"return document.getElementById('gene-found').textContent.includes('{word}')")
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
    until(opened, "return !document.getElementById('gene-found').hidden")
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
    until(opened, f"return (() => {{ {colour} }})() !== '{before}'")


def test_the_mouse_over_a_gene_shows_its_name(opened: Any) -> None:
    x, y = opened.execute_script(
        "const plot = [...document.querySelectorAll('.js-plotly-plot')].find(p => p.layout.meta?.genes);"
        "plot.scrollIntoView({block: 'center', behavior: 'instant'});"
        "const trace = plot._fullData.find(t => t.x?.length > 5), { xaxis, yaxis } = plot._fullLayout;"
        "const frame = plot.querySelector('.nsewdrag').getBoundingClientRect();"
        "const at = (axis, values) => axis.l2p(axis.d2l(values[3]));"
        "return [frame.left + at(xaxis, trace.x), frame.top + at(yaxis, trace.y)]"
    )
    opened.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": y})
    label = "document.querySelector('.hoverlayer .hovertext')?.textContent ?? ''"
    until(opened, f"return ({label}).length > 5")
    shown = opened.execute_script(f"return {label}")
    assert re.search(r"g\d+log2 fold change", shown), shown


def test_on_paper_it_is_light_and_without_what_can_only_be_clicked(opened: Any) -> None:
    opened.execute_script("document.documentElement.dataset.theme = 'dark'")
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = (
        "return ['nav', '#theme', '.search'].every("
        "each => getComputedStyle(document.querySelector(each)).display === 'none')"
    )
    paper = "return getComputedStyle(document.documentElement).getPropertyValue('--paper').trim()"
    try:
        assert opened.execute_script(hidden)
        assert opened.execute_script(paper) in ("#fff", "#ffffff")
        printed = opened.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    finally:
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    pdf = base64.b64decode(printed["data"])
    assert pdf.startswith(b"%PDF") and pdf.count(b"/Type /Page\n") > 2


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
