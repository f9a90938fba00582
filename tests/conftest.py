"""Shared fixtures: the published table, composed settings, and the command line in a fresh directory."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from hydra import compose, initialize_config_dir

from dge_experiments.settings import Settings, conf_folder, read

REPOSITORY = Path(__file__).parents[1]
PUBLISHED = Path(
    os.environ.get("DGE_PUBLISHED_TABLE", REPOSITORY.parent / "shared" / "data" / "gene_expression_data.csv")
)
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def published() -> Path:
    """The published 300-row table, which is not ours to bundle."""
    if not PUBLISHED.is_file():
        pytest.skip(f"the published table is not at {PUBLISHED}; set DGE_PUBLISHED_TABLE")
    return PUBLISHED


def settings(*overrides: str) -> Settings:
    """The main door's configuration with command-line overrides."""
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        return read(compose("config", ["sweep_id=test", "tracking=none", *overrides]), Settings)


def run_door(
    folder: Path, *arguments: str, door: str = "", python: str = sys.executable, **environment: str
) -> subprocess.CompletedProcess[str]:
    """``python -m dge_experiments[.door] arguments`` in ``folder``."""
    module = f"dge_experiments.{door}" if door else "dge_experiments"
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "PYTEST_"))}
    return subprocess.run(
        [python, "-m", module, *arguments],
        cwd=folder,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="session")
def ready_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty, migrated mlflow.db, made once."""
    folder = tmp_path_factory.mktemp("store")
    script = "from dge_experiments.tracking.store import connect; connect(None)"
    subprocess.run([sys.executable, "-c", script], cwd=folder, check=True, env=_without_mlflow())
    return folder


@pytest.fixture
def project(ready_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh working directory with a store of its own; the process stands in it."""
    shutil.copy(ready_store / "mlflow.db", tmp_path / "mlflow.db")
    for name in list(os.environ):
        if name.startswith("MLFLOW_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")  # an earlier test may have set another
    return tmp_path


def limma_table(genes: int = 300, seed: int = 0) -> pd.DataFrame:
    """A limma-like table whose t has the sign of logFC in every row; rows are genes."""
    rng = np.random.default_rng(seed)
    effect = rng.normal(size=genes)
    t = effect * rng.uniform(2, 4, size=genes)
    p = np.exp(-np.abs(t))
    return pd.DataFrame(
        {
            "ID": [f"g{i}" for i in range(genes)],
            "logFC": effect,
            "AveExpr": rng.normal(8, 2, size=genes),
            "t": t,
            "P.Value": p,
            "adj.P.Val": np.minimum(1, p * 1.5),
            "B": np.abs(t) - 3,
        }
    )


@pytest.fixture
def table_file(tmp_path: Path) -> Path:
    file = tmp_path / "limma.csv"
    limma_table().to_csv(file, index=False)
    return file


def one_line(stderr: str) -> str:
    """The one line that a door may say on stderr after bad input."""
    lines: Sequence[str] = [line for line in stderr.splitlines() if line.strip()]
    assert len(lines) == 1, stderr
    assert lines[0].startswith("dge_experiments: ")
    return lines[0]


def _without_mlflow() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
