"""Chromium for tests that look at pages as people do."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

FLAGS = (
    "--headless --no-sandbox --disable-gpu --enable-unsafe-swiftshader --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()


@contextmanager
def chromium(size: str) -> Iterator[Any]:
    """A window of ``size``, such as ``1280,900``, that keeps logs; the test is skipped where there is no Chromium."""
    found, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not found or not driver:
        pytest.skip("needs chromium and chromedriver on the PATH (Debian: chromium chromium-driver)")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = found
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for flag in (*FLAGS, f"--window-size={size}"):
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield browser
    finally:
        browser.quit()


def offline(browser: Any) -> None:
    """From here on no request leaves the machine; logs begin anew."""
    browser.execute_cdp_cmd("Network.enable", {})
    conditions = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)
    browser.get_log("browser"), browser.get_log("performance")


def until(browser: Any, script: str, seconds: float = 90) -> None:
    """Wait until a script returns something true."""
    deadline = time.time() + seconds
    while time.time() < deadline:
        if browser.execute_script(script):
            return
        time.sleep(0.2)
    raise AssertionError(f"never true: {script}")
