"""A finished experiment on a table whose first genes are called like scripts, and its report."""

import pytest
from hydra.utils import instantiate

from dge_experiments.experiment.plan import prepare
from dge_experiments.experiment.result import Result
from dge_experiments.experiment.run import run
from dge_experiments.report import document
from dge_experiments.report.page.page import page
from given import limma_table, settings


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """All explanations and twelve trials on 300 genes."""
    file = tmp_path_factory.mktemp("report") / "table.csv"
    table = limma_table()
    names = ["<script>alert(1)</script>", "</script><img src=x onerror=alert(2)>"]
    table["ID"] = [*names, *table["ID"][2:]]
    table.to_csv(file, index=False)
    given = settings("data=table", f"data.path={file}", "split.folds=3",
                     "model=logistic_regression", "search.n_trials=12", "compute.workers=1")  # fmt: skip
    given.data.name = "evil <b>table</b>"  # settings refuse it; the page escapes it all the same
    return run(given, prepare(given, instantiate(given.model.estimator)))


@pytest.fixture(scope="session")
def html(finished: Result) -> str:
    return page(document.report(finished, [("The same run again:", "python -m dge_experiments a=<b>")]))
