"""The built wheel works outside the checkout: conf/ and the bundled table are inside it."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from commands import start_command
from given import REPOSITORY

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; the locked dependencies are lent to it by a .pth file."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    venv.create(folder / "env", with_pip=True)
    made = folder / "env" / "bin" / "python"
    (wheel,) = folder.glob("*.whl")
    subprocess.run([made, "-m", "pip", "install", "--quiet", "--no-deps", wheel], check=True)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([made, "-c", where], check=True, capture_output=True, text=True).stdout.strip()
    (Path(site) / "lent.pth").write_text(sysconfig.get_path("purelib"))
    return made


def test_the_wheel_runs_the_smoke_experiment_from_an_empty_directory(python: Path, tmp_path: Path) -> None:
    where = "import dge_experiments; print(dge_experiments.__file__)"
    origin = subprocess.run([python, "-c", where], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert str(REPOSITORY / "src") not in origin.stdout
    done = start_command(tmp_path, "experiment=smoke", python=str(python))
    assert done.returncode == 0, done.stderr
    assert "12,625 genes" in done.stdout
    assert (tmp_path / "mlflow.db").is_file()


def test_the_console_script_is_the_same_command(python: Path, tmp_path: Path) -> None:
    script = python.parent / "dge-experiments"
    done = subprocess.run([script, "model=xgbost"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "did you mean xgboost?" in done.stderr
