"""Options meet each other: random valid combinations, and what must hold whichever they are."""

import os
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

import contents
import dge_experiments as dge
from dge_experiments.experiment.forecast import forecast
from dge_experiments.experiment.result import Result
from dge_experiments.problem.problem import HONEST
from dge_experiments.report import finished
from dge_experiments.report.metrics import logged
from given import limma_table

pytestmark = pytest.mark.slow

DRAWS = int(os.environ.get("DGE_DRAWS", "20"))  # make fuzz: a few hundred
MODELS = ["dummy", "lasso", "logistic_regression", "svm", "random_forest", "xgboost", "boosting"]
OWN = """\
name: boosting
estimator: {_target_: sklearn.ensemble.HistGradientBoostingClassifier, max_iter: 20, random_state: "${seed}"}
space: {max_leaf_nodes: {choices: [3, 7]}, min_samples_leaf: {low: 2, high: 8, points: 2}}
"""
TARGETS = {
    "direction": [[]],
    "regulation": [["target.lfc=0.5", "target.fdr=0.3"]],
    "replication": [
        ["target.path=second.csv", "target.alpha=0.3"],
        [
            "target.tables={one: second.csv, two: {path: repeats.csv}}",
            "target.alpha=0.3",
            "target.agreement=1",
        ],
    ],
    "column": [["target.column=kind"]],
}
EVALUATIONS = [
    ["evaluation=single"],
    ["evaluation=repeated", "evaluation.repeats=2"],
    ["evaluation=nested", "evaluation.outer_folds=2"],
    ["evaluation=permutation", "evaluation.permutations=19"],
]
METHODS = ["dominance", "stability", "regularization_path", "shap", "honest_pca"]


def write_tables(folder: Path) -> None:
    """120 rows of one table, a table in which genes repeat, and a second study; a model of one's own in conf/."""
    (folder / "conf/model").mkdir(parents=True)
    (folder / "conf/model/boosting.yaml").write_text(OWN)
    first = limma_table(120, seed=1).assign(
        kind=["a", "b", "c"] * 40, length=np.arange(120.0), arm=["p", "q", "7"] * 40
    )
    first[["ID"]].assign(gc=np.arange(120) / 120).to_csv(folder / "genes.csv", index=False)
    first.to_csv(folder / "first.csv", index=False)
    first.assign(ID=[f"g{i // 2}" for i in range(120)]).to_csv(folder / "repeats.csv", index=False)
    noise = np.random.default_rng(2).normal(size=120) / 2
    first.assign(logFC=first["logFC"] + noise).to_csv(folder / "second.csv", index=False)


def draw(seed: int) -> list[str]:
    """A random combination that is allowed."""
    rng = np.random.default_rng(seed)

    def one(options: list[object]) -> object:
        return options[rng.integers(len(options))]

    target = str(one([*TARGETS]))
    grouped = target != "replication" and rng.random() < 0.3
    by = [f"split={'grouped' if grouped else 'stratified'}"]
    if rng.random() < 0.25:
        by = ["split=by_column", f"split.by={one(['arm', 'kind'])}", f"split.test=[{one(['7', 'p', 'a'])}]"]
    search = str(one(["none", "random", "tpe"]))
    evaluation = EVALUATIONS[rng.choice(4, p=[0.5, 0.2, 0.2, 0.1])]
    overrides = [
        f"data.path={'repeats' if grouped else 'first'}.csv",
        f"target={target}",
        *one(TARGETS[target]),
        f"model={one([*MODELS])}",
        f"search={search}",
        f"calibration={one(['none', 'sigmoid', 'isotonic'])}",
        *by,
        f"split.folds={one([2, 3])}",
        f"split.test_size={one([0.2, 0.35])}",
        f"split.cv_rows={one(['train', 'all'])}",
        f"leak.policy={one(['warn', 'warn', 'drop'])}",
        f"leak.search={one(['own', 'own', 'same'])}",
        f"evaluation.bias_corrected={one(['true', 'true', 'true', 'false'])}",
        f"seed={one([1, 2, 3])}",
        f"explanation.methods=[{','.join(m for m in METHODS if rng.random() < 0.3)}]",
        *evaluation,
    ]
    if search != "none":
        overrides += [f"search.n_trials={one([2, 4])}", f"search.batch={one([1, 3])}"]
        overrides += [
            f"search.racing={one(['true', 'false'])}",
            f"search.timeout={one(['null', '0.001', '60'])}",
        ]
    if rng.random() < 0.3:
        overrides += [
            "features=list",
            f"features.columns=[{one(['AveExpr,B', 'logFC,AveExpr', 'AveExpr,P.Value,B'])}]",
        ]
    elif rng.random() < 0.3:
        overrides += ["features=honest"]
    if rng.random() < 0.3:
        overrides += ["model.max_rows=60", f"model.final_fit={one(['sample', 'all'])}"]
    if rng.random() < 0.3:
        overrides += ["data.filter=AveExpr > 6"]
    if rng.random() < 0.3:
        overrides += ["features.extra=[length,gc]", "features.join=genes.csv"]
    if rng.random() < 0.3 and target != "replication":
        overrides += ["evaluation.external=[second.csv]"]
    return overrides


@pytest.mark.parametrize("seed", range(DRAWS))
def test_whatever_is_combined_holds_together(project: Path, seed: int) -> None:
    write_tables(project)
    overrides = draw(seed)
    try:
        experiment = dge.run(*overrides, "compute.workers=1")
    except dge.BadInput as refused:
        assert "\n" not in str(refused), overrides
        return
    result = experiment.result
    best_is_the_best(result)
    honest_score_has_its_own_search(result)
    dry_run_foretells_the_searches(result)
    store_holds_what_was_said(experiment)
    served_model_answers_as_described(experiment)
    comparison_says_the_same(experiment)
    if seed % 10 == 7 and result.settings.search.timeout is None:
        a_cluster_says_the_same(overrides, result)
    if seed % 3 == 0 and result.settings.search.name != "none":
        trials = result.settings.search.n_trials + 1
        again = dge.run(*overrides, "compute.workers=1", f"search.n_trials={trials}", "resume=true")
        assert again.run_id == experiment.run_id
        best_is_the_best(again.result)
        store_holds_what_was_said(again)


def a_cluster_says_the_same(overrides: list[str], result: Result) -> None:
    """Every trial and every number but times, on two worker processes of Dask."""
    there = dge.run(*overrides, "compute=dask", "compute.workers=2", "tracking=none").result
    tried = [[(trial.candidate, trial.folds) for trial in each.study.trials] for each in (result, there)]
    assert tried[0] == tried[1]
    kept, found = ({name: value for name, value in finished.metrics(each).items() if "seconds" not in name}
                   for each in (result, there))  # fmt: skip
    assert found == pytest.approx(kept, nan_ok=True)


def dry_run_foretells_the_searches(result: Result) -> None:
    """A plan names as many trials, folds and searches as were made."""
    foretold = forecast(result.settings, result.plan)
    own = result.settings.leak.search == "own" and HONEST in result.plan.problem.readings
    assert (foretold.trials, foretold.searches) == (result.study.planned, 1 + own)
    assert foretold.fits == foretold.trials * foretold.searches * len(result.plan.problem.split.folds)


def best_is_the_best(result: Result) -> None:
    """The study's best has the highest mean of the finished trials, and the history agrees."""
    study, scoring = result.study, result.settings.search.scoring
    assert study.best.mean(scoring) == max(trial.mean(scoring) for trial in study.finished)
    searched = result.diagnostics
    corrected = result.corrected.get("as given")
    assert (corrected is not None) == result.settings.evaluation.bias_corrected
    if corrected is not None:
        assert corrected.candidates == len(study.finished)
        assert corrected.score + corrected.optimism == pytest.approx(result.given.cv.mean(scoring))
        assert corrected.low < corrected.high or study.best.std(scoring) == pytest.approx(0, abs=1e-12)
    if searched is not None:
        assert searched.history["best"].iloc[-1] == pytest.approx(study.best.mean(scoring))


def honest_score_has_its_own_search(result: Result) -> None:
    """The honest reading is of the best of as many trials on its own columns, or of the same parameters."""
    if "honest" not in result.readings:
        assert set(result.studies) == {"as given"}
        return
    honest, assessed = result.studies["honest"], result.readings["honest"]
    assert assessed.pipeline.n_features_in_ == len(result.plan.problem.honest)
    assert all(assessed.pipeline[-1].get_params()[k] == v for k, v in honest.best.candidate.items())
    if result.settings.leak.search == "same":
        assert [trial.candidate for trial in honest.trials] == [result.study.best.candidate]
    elif result.settings.search.timeout is None:
        assert len(honest.trials) == honest.planned == result.study.planned


def store_holds_what_was_said(experiment: dge.Experiment) -> None:
    """MLflow's metrics are the result's, each trial is there once, and the table's digest is that of its rows."""
    result = experiment.result
    client = mlflow.MlflowClient()
    run = client.get_run(experiment.run_id)
    assert run.info.status == "FINISHED"
    kept = logged(finished.metrics(result), result.settings.search.scoring)
    expected = {name: value for name, value in kept.items() if np.isfinite(value)}
    assert {name: run.data.metrics[name] for name in expected} == pytest.approx(expected)
    children = client.search_runs(
        [run.info.experiment_id], f"tags.`mlflow.parentRunId` = '{run.info.run_id}'"
    )
    numbers = sorted(int(child.data.tags["trial"]) for child in children)
    assert numbers == [trial.number for trial in result.study.trials]
    contents.metrics_can_be_scanned(run, len(result.external))
    contents.parameters_are_whole(run, list(children), result)
    contents.artifacts_say_something_once(run)
    plain = dge.read_table(result.settings.data.path).digest
    filtered = len(result.plan.problem.table.frame) < 120
    assert (result.plan.problem.table.digest != plain) == filtered


def comparison_says_the_same(experiment: dge.Experiment) -> None:
    """The row of ``compare`` holds the scores that the run itself reports."""
    frame = dge.compare(experiment.result.plan.problem.name).set_index("run_id")
    row = frame.loc[experiment.run_id]
    for name, value in finished.metrics(experiment.result).items():
        if name in frame and np.isfinite(value):
            assert row[name] == pytest.approx(value), name


def served_model_answers_as_described(experiment: dge.Experiment) -> None:
    """The logged model, loaded, gives the held-out genes the classes and probabilities of predictions.csv."""
    problem = experiment.result.plan.problem
    model = dge.load(experiment.sink.links(experiment.result)["model"])
    assert list(model.scorer.features) == list(problem.X.columns)
    answers = model.predict(problem.table).iloc[problem.split.test].reset_index(drop=True)
    said = experiment.predictions
    assert answers["predicted"].tolist() == said["predicted"].tolist()
    shared = [name for name in answers if name.startswith("probability_")]
    pd.testing.assert_frame_equal(answers[shared], said[shared], check_exact=False, atol=1e-9)
