"""Shared fixtures: the published table, stores and projects of their own."""

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest

from dge_experiments.search.started import GC_THRESHOLD
from given import REPOSITORY, limma_table
from mlflow_server import binaries, postgresql

gc.set_threshold(GC_THRESHOLD)  # as the command does
PUBLISHED = Path(
    os.environ.get("DGE_PUBLISHED_TABLE", REPOSITORY.parent / "shared" / "data" / "gene_expression_data.csv")
)


SLOW = {"browser", "corpus", "environment", "postgres", "published", "serve", "server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow files first: a worker takes a whole file, and the last ones should be short."""
    for item in items:
        if SLOW & {mark.name for mark in item.iter_markers()}:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name a failure when it happens: a run that is cut short has no summary."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        crash = getattr(report.longrepr, "reprcrash", None)
        message = getattr(crash, "message", str(report.longrepr)).strip()
        print(f"\nFAILED {report.nodeid}: {message[-1000:]}", file=sys.stderr, flush=True)


@pytest.fixture
def postgres() -> Iterator[str]:
    """A PostgreSQL of our own: its SQLAlchemy URI."""
    pytest.importorskip("psycopg2", reason="needs psycopg2 (pip install psycopg2-binary)")
    if binaries() is None:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    with postgresql() as uri:
        yield uri


@pytest.fixture(scope="session")
def published() -> Path:
    """The published 300-row table, which is not ours to bundle."""
    if not PUBLISHED.is_file():
        pytest.skip(f"the published table is not at {PUBLISHED}; set DGE_PUBLISHED_TABLE")
    return PUBLISHED


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
    mlflow.set_tracking_uri(None)  # type: ignore[arg-type]  # what an earlier test has set
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")  # an earlier test may have set another
    return tmp_path


@pytest.fixture
def table_file(tmp_path: Path) -> Path:
    file = tmp_path / "limma.csv"
    limma_table().to_csv(file, index=False)
    return file


def _without_mlflow() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
