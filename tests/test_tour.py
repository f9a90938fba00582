"""The tour in docs/ runs from the first cell to the last, in a folder of its own."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from given import REPOSITORY


@pytest.mark.slow
def test_the_tour_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)
    tour = nbformat.read(REPOSITORY / "docs" / "tour.ipynb", as_version=4)
    NotebookClient(tour, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [str(cell.outputs) for cell in tour.cells if cell.cell_type == "code"]
    assert "LEAK" in outputs[1]
    assert not any("Warning" in output for output in outputs)
    assert any("iframe" in output for output in outputs)
    assert "probability_replicated" in outputs[-1]
