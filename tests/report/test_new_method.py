"""A new explanation method is one file: found by the settings, the records and the page."""

import sys
from pathlib import Path

import pandas as pd
import pytest
from hydra.utils import instantiate

from dge_experiments.experiment.plan import prepare
from dge_experiments.experiment.run import run
from dge_experiments.explanation import methods
from dge_experiments.report import document, finished
from dge_experiments.report.page.page import page
from dge_experiments.report.records import Frame
from given import limma_table, settings

MODULE = """
from dge_experiments.explanation.method import Method

METHOD = Method(
    name="variance",
    title="Variance of the features",
    run=lambda subject: subject.X.var().rename_axis("feature").rename("variance").reset_index(),
    frames=lambda found: {"variance/features.csv": found},
    text=lambda found: f"the variance of {len(found)} features",
    cite="Fisher RA. The correlation between relatives on the supposition of Mendelian inheritance. "
    "Transactions of the Royal Society of Edinburgh 52:399 (1918).",
    importance=lambda found: {"variance": found.set_index("feature")["variance"]},
)
"""


def test_a_method_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "variance.py").write_text(MODULE)
    monkeypatch.setattr(methods, "__path__", [*methods.__path__, str(tmp_path)])
    table = tmp_path / "table.csv"
    limma_table().to_csv(table, index=False)
    given = settings("data=table", f"data.path={table}", "model=logistic_regression", "search=none",
                     "explanation=none", "explanation.methods=[variance]", "compute.workers=1")  # fmt: skip
    done = run(given, prepare(given, instantiate(given.model.estimator)))
    frames = {r.path: r.frame for r in finished.records(done, "") if isinstance(r, Frame)}
    X = done.plan.problem.X
    expected = pd.DataFrame({"feature": X.columns, "variance": X.var().to_numpy()})
    pd.testing.assert_frame_equal(frames["variance/features.csv"], expected)
    assert "variance" in frames["importance/ranks.csv"]
    report = document.report(done)
    assert "Variance of the features" in page(report)
    assert f"the variance of {len(X.columns)} features [" in report.methods
    assert any(work.startswith("Fisher RA. The correlation") for work in report.citations)
    del sys.modules["dge_experiments.explanation.methods.variance"]
