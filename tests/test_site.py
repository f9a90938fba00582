"""The site that ``make docs`` built, opened from its folder with no network: people click through it to a report."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chromium import chromium, offline, until
from given import REPOSITORY

pytestmark = pytest.mark.browser
SITE = REPOSITORY / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not (SITE / "index.html").is_file():
        pytest.skip("needs the site: make docs")
    with chromium("1440,1000") as found:
        offline(found)
        yield found


def follow(browser: Any, words: str) -> None:
    """Click the link with these words in the page's own text or navigation."""
    link = browser.find_element("xpath", f"//a[normalize-space()='{words}']")
    browser.execute_script("arguments[0].click()", link)


def test_the_example_is_two_clicks_from_the_first_page_and_draws(browser: Any) -> None:
    browser.get((SITE / "index.html").as_uri())
    follow(browser, "Examples")
    until(browser, "return location.pathname.endsWith('/example.html')")
    follow(browser, "Up or down?")
    until(browser, "return location.pathname.endsWith('/example/direction.html')")
    until(browser, "return document.querySelector('.plot') !== null")
    browser.execute_script("document.querySelector('.plot').scrollIntoView()")
    until(browser, "return document.querySelector('.plot .main-svg') !== null")
    assert "LEAK" in browser.find_element("tag name", "body").text


@pytest.mark.parametrize(("page", "code"), [("findings", "blank_ids"), ("leaks", "encodes_label")])
def test_a_code_has_a_page_of_its_own(browser: Any, page: str, code: str) -> None:
    browser.get((SITE / f"{page}.html").as_uri())
    heading = browser.find_element("xpath", f"//h2/a[normalize-space()='{code}']")
    browser.execute_script("arguments[0].click()", heading)
    until(browser, f"return location.pathname.endsWith('/{page}/{code}.html')")
    assert "What to do:" in browser.find_element("tag name", "body").text


def test_a_setting_is_found_by_searching(browser: Any) -> None:
    browser.get((SITE / "index.html").as_uri())
    until(browser, "return document.querySelector('.md-search__input') !== null")
    browser.execute_script("document.querySelector('.md-search__input').focus()")
    browser.find_element("css selector", ".md-search__input").send_keys("permutations")
    until(
        browser, "return document.querySelector('.md-search-result__link[href*=\"settings.html\"]') !== null"
    )


def test_formulas_are_drawn(browser: Any) -> None:
    browser.get((SITE / "formulas.html").as_uri())
    tall = "return Math.max(...[...document.querySelectorAll('math')].map(m => m.getBoundingClientRect().height))"
    assert browser.execute_script(tall) > 30
    assert "\\frac" not in browser.find_element("tag name", "body").text


@pytest.mark.parametrize("page", ["index", "settings", "tour", "api", "replication"])
def test_a_phone_needs_no_sideways_scrolling(browser: Any, page: str) -> None:
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get((SITE / f"{page}.html").as_uri())
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= 390


def test_nothing_is_asked_of_other_hosts(browser: Any) -> None:
    browser.get_log("performance")
    for page in ("index", "tour", "formulas", "example"):
        browser.get((SITE / f"{page}.html").as_uri())
        until(browser, "return document.readyState === 'complete'")
    asked = [
        message["params"]["request"]["url"]
        for message in (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert asked and [url for url in asked if not url.startswith(("file:", "data:", "blob:", "about:"))] == []
