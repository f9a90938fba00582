"""How fast reports open in Chromium, network off: ``python benchmarks/report_load.py report.html ...``.

Opened: until the page's load event has passed and its figures can be drawn. Drawn: from scrolling to the volcano plot
until it is there. A frame: one step of panning that figure (without a graphics card WebGL runs on the processor).
"""

import shutil
import statistics
import sys
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

REPETITIONS, STEPS = 5, 30
FLAGS = (
    "--headless --no-sandbox --disable-gpu --enable-unsafe-swiftshader --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync --window-size=1280,900"
).split()
OPENED = """
    const done = arguments[0];
    const look = () => {
      const [ready] = performance.getEntriesByName("figures"), [page] = performance.getEntriesByType("navigation");
      if (ready && page.loadEventEnd) done(Math.max(ready.startTime, page.loadEventEnd)); else setTimeout(look, 20);
    };
    look();
"""
CLOUD = """
    const done = arguments[0], started = performance.now();
    const points = (plot) => plot.data.filter((t) => t.meta === "all").reduce((n, t) => n + t.text.length, 0);
    const look = () => {
      const plot = document.getElementById(arguments[1]);
      if (plot.data && plot.querySelector("canvas, .scatterlayer")) done([performance.now() - started, points(plot)]);
      else setTimeout(look, 10);
    };
    document.getElementById(arguments[1]).scrollIntoView({behavior: "instant", block: "center"});
    look();
"""
PAN = """
    const done = arguments[0], plot = document.getElementById(arguments[1]), times = [];
    const [low, high] = plot.layout.xaxis.range, width = high - low;
    let last = performance.now();
    const step = async (k) => {
      if (k === arguments[2]) return done(times);
      await Plotly.relayout(plot, {"xaxis.range": [low + width * k / 100, high + width * k / 100]});
      requestAnimationFrame((now) => { times.push(performance.now() - last); last = performance.now(); step(k + 1); });
    };
    step(0);
"""


def browser() -> Any:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in FLAGS:
        options.add_argument(flag)
    made = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    made.set_script_timeout(60)
    made.execute_cdp_cmd("Network.enable", {})
    off = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    made.execute_cdp_cmd("Network.emulateNetworkConditions", off)
    return made


def called(page: Any, script: str, *arguments: object) -> Any:
    """An asynchronous script's answer; its first argument is where to put it."""
    wrapped = f"const args = [...arguments]; (function () {{ {script} }})(args.pop(), ...args);"
    return page.execute_async_script(wrapped, *arguments)


def measure(file: Path) -> list[str]:
    page = browser()
    try:
        opened = []
        for _ in range(REPETITIONS):
            page.get("about:blank")
            page.get(file.resolve().as_uri())
            opened.append(called(page, OPENED) / 1000)
        place = page.execute_script(
            "const named = (a) => a.querySelector('h3').textContent === 'Volcano plot';"
            "return [...document.querySelectorAll('article')].find(named).querySelector('.plot').id"
        )
        drawn, points = called(page, CLOUD, place)
        frames = called(page, PAN, place, STEPS)[5:]
        errors = [e for e in page.get_log("browser") if e["level"] == "SEVERE"]
    finally:
        page.quit()
    size = file.stat().st_size / 1e6
    return [
        file.name, f"{size:.2f}", f"{opened[0]:.2f}", f"{statistics.median(opened[1:]):.2f}", f"{drawn / 1000:.2f}",
        f"{int(points):,}", f"{statistics.median(frames):.0f}", str(len(errors)),
    ]  # fmt: skip


def main() -> None:
    print(
        "| report | MB | opened first, s | opened again, s | drawn, s | genes | a frame, ms | console errors |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name in sys.argv[1:]:
        print(f"| {' | '.join(measure(Path(name)))} |", flush=True)


if __name__ == "__main__":
    main()
