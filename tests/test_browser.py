"""MLflow's own UI in a real browser: the printed links open the right tables, and a run's figures draw."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chromium import chromium
from commands import run_command
from given import limma_table

pytestmark = pytest.mark.browser


ASKED = ", search.n_trials=3"  # what differs from the preset is part of a run's name


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with chromium("3000,1400") as found:
        yield found


@pytest.fixture(scope="module")
def served(browser: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Plain ``mlflow ui`` where a sweep of two models was registered, and what the sweep and compare said."""
    folder = tmp_path_factory.mktemp("ui")
    limma_table().to_csv(folder / "limma.csv", index=False)
    small = ["data=table", "data.path=limma.csv", ASKED.removeprefix(", ")]
    said = run_command(folder, "-m", *small, "model=logistic_regression,xgboost").stdout
    assert run_command(folder, "gate.leak=warn", command="register").returncode == 0
    said += run_command(folder, command="compare").stdout
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mlflow = Path(sys.executable).parent / "mlflow"
    server = subprocess.Popen(
        [mlflow, "ui", "--port", str(port), "--workers", "1"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield f"http://127.0.0.1:{port}", said
    server.terminate()
    server.wait(120)  # on a busy machine


def text(browser: object, address: str, *expected: str, seconds: float = 90) -> str:
    """The page's text once it holds all that is expected."""
    seen = ""
    deadline = time.time() + seconds
    browser.get("about:blank")  # type: ignore[attr-defined]
    while time.time() < deadline:
        try:
            if not seen:
                browser.get(address)  # type: ignore[attr-defined]
            time.sleep(0.5)
            seen = browser.find_element("tag name", "body").text  # type: ignore[attr-defined]
        except Exception:  # the server is still starting
            seen = ""
            time.sleep(1)
        if all(word in seen for word in expected):
            return seen
    raise AssertionError(f"{address} never showed {expected}:\n{seen}")


def links(said: str, name: str) -> list[str]:
    return [link.split("5000")[1] for link in re.findall(rf"^  {name} +(http\S+)", said, re.MULTILINE)]


SCORES = ("features", "leak", "bbc/accuracy", "honest/bbc/accuracy", "test/accuracy", "honest/test/accuracy")


@pytest.mark.parametrize(("place", "name"), [(-2, "Leaderboard, sweep"), (-1, "Leaderboard by bbc/accuracy")])
def test_a_leaderboard_link_opens_the_table(
    browser: object, served: tuple[str, str], place: int, name: str
) -> None:
    base, said = served
    link = links(said, "table")[place]
    seen = text(browser, base + link, "logistic_regression-tpe", "xgboost-tpe", "2 matching runs", *SCORES)
    assert name in seen
    assert set(SCORES) <= set(seen.splitlines())


@pytest.mark.parametrize("place", [-2, -1])
def test_a_charts_link_draws_test_against_cross_validation_and_honest_beside_as_given(
    browser: object, served: tuple[str, str], place: int
) -> None:
    base, said = served
    link = links(said, "charts")[place]
    drawn = "cv/accuracy vs test/accuracy vs honest/test/accuracy"
    text(browser, base + link, "Charts\n(5)", drawn, "cv/accuracy vs. test/accuracy", "xgboost-tpe")
    assert "test/accuracy" in _axes_until(browser, ".xtitle, .ytitle", 2)


def test_a_trials_link_opens_the_trials(browser: object, served: tuple[str, str]) -> None:
    base, said = served
    link = links(said, "trials")[0]
    searched = ("C", "class_weight", "cv/accuracy", "cv/accuracy_std", "fit_seconds")
    seen = text(browser, base + link, "trial-000", "trial-001", "trial-002", "3 matching runs", *searched)
    assert set(searched) <= set(seen.splitlines())
    assert "Trials of logistic_regression" in seen


def test_a_parallel_link_draws_the_searched_parameters_and_the_score(
    browser: object, served: tuple[str, str]
) -> None:
    base, said = served
    link = links(said, "parallel")[1]
    text(browser, base + link, "Parallel Coordinates", "trial-000", "3 matching runs")
    titles = _axes_until(browser, ".parcoords .label", 4)
    assert titles == ["n_estimators", "max_depth", "learning_rate", "cv/accuracy"]


def _axes_until(browser: object, selector: str, least: int) -> list[str]:
    """What is written on a chart's axes, once there are as many."""
    titles: list[str] = []
    for _ in range(60):
        found = browser.find_elements("css selector", selector)  # type: ignore[attr-defined]
        titles = [axis.text for axis in found]
        if len(titles) >= least:
            return titles
        time.sleep(0.5)
    raise AssertionError(f"no chart with {least} axes: {titles}")


def test_without_a_link_the_question_is_found_from_the_first_page(
    browser: object, served: tuple[str, str]
) -> None:
    base, _ = served
    text(browser, f"{base}/#/experiments", "limma-direction")
    _click(browser, "//a[normalize-space()='limma-direction']")
    _click(browser, "//*[normalize-space()='Model training']")
    _click(browser, "//a[normalize-space()='Runs']")
    names = _names_until(browser, f"xgboost-tpe{ASKED}")
    assert {f"logistic_regression-tpe{ASKED}", f"xgboost-tpe{ASKED}"} <= set(names)


def test_the_page_of_an_experiment_leads_to_its_runs(browser: object, served: tuple[str, str]) -> None:
    base, _ = served
    text(browser, f"{base}/#/experiments/1", "with their scores under Views")
    first = browser.current_window_handle  # type: ignore[attr-defined]
    browser.find_element("link text", "The runs").click()  # type: ignore[attr-defined]
    browser.switch_to.window(browser.window_handles[-1])  # type: ignore[attr-defined]
    _names_until(browser, f"xgboost-tpe{ASKED}")
    browser.close()  # type: ignore[attr-defined]
    browser.switch_to.window(first)  # type: ignore[attr-defined]


def _click(browser: object, path: str) -> None:
    """Click the last element of an XPath, once it is there: the innermost."""
    for _ in range(120):
        elements = browser.find_elements("xpath", path)  # type: ignore[attr-defined]
        if elements:
            browser.execute_script("arguments[0].click()", elements[-1])  # type: ignore[attr-defined]
            return
        time.sleep(0.5)
    raise AssertionError(f"never there: {path}")


def test_children_stand_under_their_parents(browser: object, served: tuple[str, str]) -> None:
    base, _ = served
    address = f"{base}/#/experiments/1/runs?workflowType=machine_learning"
    text(browser, address, "leaderboard-", "xgboost-tpe", "logistic_regression-tpe")
    (expander,) = [
        button
        for row in browser.find_elements("css selector", "[role=row]")  # type: ignore[attr-defined]
        if "xgboost-tpe" in row.text
        for button in row.find_elements("css selector", "[data-component-id*=runnamecell]")
        if button.tag_name == "button"
    ][:1]
    browser.execute_script("arguments[0].click()", expander)  # type: ignore[attr-defined]
    names = _names_until(browser, "trial-000")
    below = names[names.index(f"xgboost-tpe{ASKED}") + 1 :]
    assert sorted(below[:3]) == ["trial-000", "trial-001", "trial-002"]


def _names_until(browser: object, expected: str) -> list[str]:
    """Run names from the top of the table down, once ``expected`` is among them."""
    names: list[str] = []
    for _ in range(60):
        cells = browser.find_elements("css selector", "[role=gridcell][col-id='attributes.`Run Name`']")  # type: ignore[attr-defined]
        placed = sorted(cells, key=lambda cell: cell.rect["y"])
        names = [cell.text.split("\n")[-1].strip() for cell in placed]
        if expected in names:
            return names
        time.sleep(0.5)
    raise AssertionError(f"{expected} never appeared: {names}")


def test_a_runs_figures_draw_inside_the_artifact_viewer(browser: object, served: tuple[str, str]) -> None:
    base, said = served
    run = re.findall(r"^  run +(\w{32})", said, re.MULTILINE)[0]
    text(browser, f"{base}/#/experiments/1/runs/{run}/artifacts/report.html", "report.html")
    deadline = time.time() + 60
    while time.time() < deadline:
        time.sleep(1)
        for frame in browser.find_elements("tag name", "iframe"):  # type: ignore[attr-defined]
            browser.switch_to.frame(frame)  # type: ignore[attr-defined]
            scroll = (
                "document.querySelector('.plot')?.scrollIntoView()"  # figures are drawn when they come near
            )
            browser.execute_script(scroll)  # type: ignore[attr-defined]
            time.sleep(2)
            drawn = browser.find_elements("css selector", ".js-plotly-plot .main-svg")  # type: ignore[attr-defined]
            words = browser.find_element("tag name", "body").text  # type: ignore[attr-defined]
            browser.switch_to.default_content()  # type: ignore[attr-defined]
            if drawn and "Permutation importance" in words and "LEAK" in words:
                return
    raise AssertionError("no figure was drawn in the artifact viewer")


def test_the_champion_is_in_the_registry(browser: object, served: tuple[str, str]) -> None:
    base, _ = served
    text(browser, f"{base}/#/models/limma-direction", "champion", "Version 1", "is the version to use")
    seen = text(browser, f"{base}/#/models/limma-direction/versions/1", "Source Run", "Source Model", "LEAK")
    assert "champion" in seen


def test_the_page_of_a_model_says_what_it_is_and_that_it_is_registered(
    browser: object, served: tuple[str, str]
) -> None:
    base, _ = served
    text(browser, f"{base}/#/experiments/1/models?workflowType=machine_learning", "xgboost-honest")
    _click(browser, "//a[normalize-space()='xgboost-honest']")
    parts = ("Made without logFC and t", "Datasets used", "honest/bbc/accuracy", "Model versions", "columns")
    deadline, seen = time.time() + 60, ""
    while not all(part in seen for part in parts) and time.time() < deadline:
        time.sleep(0.5)
        seen = browser.find_element("tag name", "body").text  # type: ignore[attr-defined]
    assert all(part in seen for part in parts), seen
