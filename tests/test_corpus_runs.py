"""A tuned run, in smoke sizes, on one real table of every tool; where the question has one answer, that is said."""

import os
from pathlib import Path

import pandas as pd
import pytest
from hydra.utils import instantiate

from dge_experiments.errors import BadInput
from dge_experiments.experiment.plan import prepare
from dge_experiments.experiment.run import run
from given import REPOSITORY, settings

pytestmark = pytest.mark.corpus
CORPUS = Path(os.environ.get("DGE_CORPUS", REPOSITORY.parent / "shared" / "corpus"))
TABLES = (
    pd.read_csv(CORPUS / "manifest.tsv", sep="\t")["file"].tolist() if CORPUS.is_dir() else ["manifest.tsv"]
)
ONE_ANSWER = {
    "17_Seurat_FindAllMarkers_giaBINF-Single-Cell-RNA-Seq.csv": "into one class, 'up'",
    "66_Seurat_FindAllMarkers_LBRN-LTP-single_cell_data_analysis.csv": "into one class, 'up'",
    "46_edgeR_LRT_catherinelebek-isoformproject.csv": "3 genes of class 'up'",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_tuned_run(name: str) -> None:
    if not (CORPUS / name).is_file():
        pytest.skip(f"the corpus is not at {CORPUS}; set DGE_CORPUS")
    given = settings(
        "experiment=smoke", "data=table", f"data.path={CORPUS / name}", "compute.workers=1", "split=grouped"
    )
    estimator = instantiate(given.model.estimator)
    if name in ONE_ANSWER:
        with pytest.raises(BadInput, match=ONE_ANSWER[name]):
            prepare(given, estimator)
        return
    done = run(given, prepare(given, estimator))
    problem = done.plan.problem
    assert "logFC" in problem.leak
    assert len(done.study.trials) == 3
    assert done.given.test.scores["accuracy"] >= 0.9 * done.given.test.baseline["accuracy"]
    genes = problem.table.frame["gene"]
    known = genes != ""
    train, test = (
        set(genes[known].reindex(part).dropna()) for part in (problem.split.train, problem.split.test)
    )
    assert not train & test
