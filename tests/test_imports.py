"""Imports: the house's rules hold, the check that says so can fail; and a run imports in its main thread alone."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from given import REPOSITORY, limma_table
from whole import CLEAN, RUN

pytestmark = pytest.mark.slow

LINT = Path(sys.executable).parent / "lint-imports"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(REPOSITORY / "src", tmp_path / "src")
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("search/engine.py", "import mlflow", "MLflow"),
        ("experiment/run.py", "import mlflow", "MLflow"),
        ("evaluation/metrics.py", "from hydra import compose", "Hydra"),
        ("explanation/pca.py", "import plotly", "Plotly"),
        ("tables/reader.py", "from dge_experiments.problem import split", "down"),
        ("spare.py", "", "down"),
    ],
)
def test_a_planted_import_fails(copy: Path, file: str, line: str, contract: str) -> None:
    path = copy / "src" / "dge_experiments" / file
    path.write_text(f"{line}\n" + (path.read_text() if path.exists() else ""))
    done = lint(copy)
    assert done.returncode == 1
    broken = [row for row in done.stdout.splitlines() if "BROKEN" in row]
    assert any(contract in row for row in broken), done.stdout


IMPORTED_ELSEWHERE = """
import sys, threading

class Watch:
    def find_spec(name, path=None, target=None):
        if threading.current_thread() is not threading.main_thread():
            print("imported by", threading.current_thread().name, name)

sys.meta_path.insert(0, Watch)
from dge_experiments.cli.command import main
main()
"""


def test_a_run_imports_in_its_main_thread(tmp_path: Path) -> None:
    """SciPy looks for array libraries in ``sys.modules`` and fails on one that another thread is importing."""
    limma_table(120).to_csv(tmp_path / "t.csv", index=False)
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED_ELSEWHERE, *RUN],
        cwd=tmp_path,
        env={**CLEAN, "MLFLOW_DISABLE_TELEMETRY": "true"},  # a thread of MLflow
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mlflow.db").exists() and "imported by" not in done.stdout
