"""The pictures of README and docs/, from real runs: ``make pictures``. Needs chromium and chromedriver.

With a folder that holds the runs of an earlier call, only the pictures are taken anew: python docs/pictures.py FOLDER
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

DOCS = Path(__file__).parent
RUNS = {"benchmark": ["experiment=benchmark"], "replication": ["experiment=replication"]}
FLAGS = (
    "--headless --no-sandbox --disable-gpu --enable-unsafe-swiftshader --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync --hide-scrollbars"
).split()
PORT = 5068
WIDTH = 1440
CLOSE = (
    """document.querySelectorAll('[aria-label="Close"]').forEach(button => button.click())"""  # the Assistant
)
HIDE = """
for (const each of document.querySelectorAll('body *')) {
  const place = each.getBoundingClientRect();
  if (getComputedStyle(each).position === 'fixed' && place.left > innerWidth - 100 && place.top > innerHeight - 100)
    each.style.display = 'none';
}
"""  # the Assistant's round button


def main(folder: Path) -> None:
    """Make the runs that ``folder`` lacks, then every picture."""
    said = {name: _run(folder, name, overrides) for name, overrides in RUNS.items()}
    with _ui(folder) as base, _browser() as browser:
        for name, run, link, expected, height in (
            ("leaderboard", "benchmark", ("table", -1), "random_forest-tpe", 530),
            ("ui-charts", "benchmark", ("charts", -1), "cv/accuracy", 1100),
            ("ui-trials", "replication", ("trials", 0), "trial-0", 600),
            ("ui-parallel", "replication", ("parallel", 0), "Parallel", 740),
        ):
            address = base + _links(said[run], link[0])[link[1]]
            _picture(browser, address, expected, height, DOCS / f"{name}.png")
        report = folder / "benchmark" / "0" / "report.html"
        _picture(browser, report.as_uri(), "Honest score", 715, DOCS / "report.png")


def _run(folder: Path, name: str, overrides: list[str]) -> str:
    """What the command printed, now or in an earlier call."""
    kept = folder / f"{name}.txt"
    if not kept.is_file():
        command = [sys.executable, "-m", "dge_experiments", *overrides, f"out={name}"]
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
        kept.write_text(done.stdout, encoding="utf-8")
    return kept.read_text(encoding="utf-8")


def _links(said: str, name: str) -> list[str]:
    return [link.split("5000", 1)[1] for link in re.findall(rf"^  {name} +(http\S+)", said, re.MULTILINE)]


@contextmanager
def _ui(folder: Path) -> Iterator[str]:
    """Plain ``mlflow ui`` in the folder."""
    command = [sys.executable, "-m", "mlflow", "ui", "--port", str(PORT), "--workers", "1"]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{PORT}"
    try:
        for _ in range(240):
            try:
                urlopen(f"{base}/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.5)
        yield base
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def _browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    for flag in FLAGS:
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield browser
    finally:
        browser.quit()


def _picture(browser: Any, address: str, expected: str, height: int, file: Path) -> None:
    """Wait until the page shows what is expected, close what is beside it, and take its picture."""
    size = {"width": WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get("about:blank")
    browser.get(address)
    for _ in range(120):
        time.sleep(0.5)
        if expected in browser.find_element("tag name", "body").text:
            break
    else:
        raise TimeoutError(f"{address} never showed {expected}")
    time.sleep(3)
    browser.execute_script(CLOSE)
    for _ in range(60):
        time.sleep(1)
        if "CHART" not in address or len(browser.find_elements("css selector", ".main-svg")) > 1:
            break
    time.sleep(4)
    browser.execute_script(HIDE)
    time.sleep(2)
    browser.save_screenshot(str(file))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]).resolve())
    else:
        with tempfile.TemporaryDirectory() as scratch:
            main(Path(scratch))
