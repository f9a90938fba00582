"""A run in a real SQLite store: the tree, the tags, the records, the model."""

import json
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from hydra.utils import instantiate

from dge_experiments.errors import BadInput
from dge_experiments.experiment.plan import prepare
from dge_experiments.experiment.run import run
from dge_experiments.problem.problem import AS_GIVEN
from dge_experiments.report import document
from dge_experiments.report import finished as outcome
from dge_experiments.report.metrics import numbers
from dge_experiments.report.page.page import page
from dge_experiments.search.engine import Trial
from dge_experiments.settings.choices import LeakGate
from dge_experiments.settings.commands import Gate
from dge_experiments.tracking import champion, runs, store, views
from dge_experiments.tracking import chosen as chosen_run
from dge_experiments.tracking import tags as run_tags
from given import limma_table, settings

pytestmark = pytest.mark.slow

TAGS = set(
    "role model search target features data_digest split_hash sweep_id leak git_commit scoring".split()
)

RULES = Gate(dummy=False, champion=True, leak=LeakGate.warn)


def track(folder: Path, model: str = "logistic_regression", *overrides: str) -> runs.ParentRun:
    limma_table().to_csv(folder / "t.csv", index=False)
    given = settings("data=table", f"data.path={folder / 't.csv'}", f"model={model}", "search.n_trials=3",
                     "split.folds=3", "compute.workers=1", "explanation=brief", *overrides)  # fmt: skip
    plan = prepare(given, instantiate(given.model.estimator))
    tags = run_tags.tags(given, plan)
    with runs.parent(store.connect(None), plan.problem.name, f"{model}-tpe", tags) as parent:

        def on_trial(reading: str, trial: Trial) -> None:
            if reading == AS_GIVEN:
                parent.log_trial(trial, "accuracy")

        done = run(given, plan, on_trial)
        link = parent.artifact_link("report.html")
        parent.log(outcome.records(done, page(document.report(done)), link))
    parent.done = done  # type: ignore[attr-defined]
    return parent


def children(parent: runs.ParentRun) -> list[mlflow.entities.Run]:
    query = f"tags.`mlflow.parentRunId` = '{parent.run_id}'"
    return list(parent.client.search_runs([parent.experiment_id], query))


def test_the_tree(project: Path) -> None:
    parent = track(project)
    run = parent.client.get_run(parent.run_id)
    assert parent.client.get_experiment(parent.experiment_id).name == "t-direction"
    assert run.info.status == "FINISHED"
    assert set(run.data.tags) >= TAGS
    assert run.data.tags["role"] == "model"
    assert run.data.tags["leak"].startswith("logFC")
    trials = children(parent)
    assert len(trials) == 3
    for trial in trials:
        assert trial.info.status == "FINISHED"
        assert trial.data.tags["role"] == "trial"
        for key in TAGS - {"role"}:
            assert trial.data.tags[key] == run.data.tags[key]
        assert set(trial.data.metrics) >= {"cv/accuracy", "cv/accuracy_std", "fit_seconds", "fold/accuracy"}
        folds = parent.client.get_metric_history(trial.info.run_id, "fold/accuracy")
        assert np.mean([f.value for f in folds]) == pytest.approx(trial.data.metrics["cv/accuracy"])
        assert float(trial.data.params["C"]) > 0
        assert not children(runs.ParentRun(parent.client, trial.info.run_id, parent.experiment_id, {}))


def test_parameters_are_written_at_full_precision(project: Path) -> None:
    parent = track(project)
    written = {int(c.data.tags["trial"]): json.loads(c.data.params["C"]) for c in children(parent)}
    done = parent.done  # type: ignore[attr-defined]
    assert written == {trial.number: trial.candidate["C"] for trial in done.study.trials}


def test_metrics_and_artifacts(project: Path) -> None:
    parent = track(project, "random_forest", "search=none")
    run = parent.client.get_run(parent.run_id)
    for metric in ("accuracy", "balanced_accuracy", "mcc", "roc_auc", "average_precision"):
        assert {f"test/{metric}", f"honest/test/{metric}"} <= set(run.data.metrics)
    done = parent.done  # type: ignore[attr-defined]
    assert run.data.metrics["test/accuracy"] == done.given.test.scores["accuracy"]
    folder = Path(mlflow.artifacts.download_artifacts(run_id=parent.run_id))
    every = numbers(pd.read_csv(folder / "metrics.csv", keep_default_na=False))
    assert set(run.data.metrics) | {"cv/mcc_std", "test/mcc_low"} <= set(every)
    assert every["test/up/genes"] + every["test/down/genes"] == 60
    assert {str(f.relative_to(folder)) for f in folder.rglob("*.csv")} >= {
        "trials.csv",
        "test/per_class.csv",
        "test/confusion.csv",
        "test/reliability.csv",
        "leak_audit.csv",
        "cv/folds.csv",
        "importance/native.csv",
        "importance/permutation.csv",
        "pca/scores.csv",
        "pca/loadings.csv",
        "pca/variance.csv",
        "pca/separation.csv",
        "importance/ranks.csv",
    }
    assert pd.read_csv(folder / "test/confusion.csv", index_col="true").equals(done.given.test.confusion)
    page = (folder / "report.html").read_text()
    assert page.count('id="plotly"') == 1
    assert len(page) < 6e6
    assert "src=" not in page.split("</script>")[-1]
    assert "data:\n  name:" in (folder / "config.yaml").read_text()
    dataset = run.inputs.dataset_inputs[0].dataset
    assert (dataset.name, dataset.digest) == ("t", run.data.tags["data_digest"])
    note = run.data.tags["mlflow.note.content"]
    assert "LEAK" in note.splitlines()[0]
    assert f"runs/{parent.run_id}/artifacts/report.html)" in note


@pytest.mark.parametrize(
    "model", ["dummy", "logistic_regression", "lasso", "svm", "random_forest", "xgboost"]
)
def test_the_registered_champion_answers_as_the_run_did_and_holds_no_pickle(
    project: Path, model: str
) -> None:
    parent = track(project, model, "search=none")
    chosen = chosen_run.best(parent.client, "t-direction", None, LeakGate.warn)
    version, _ = champion.register(parent.client, chosen, "champions", RULES)
    assert (version.version, str(chosen.metric)) == ("1", "bbc/accuracy")
    described = parent.client.get_model_version("champions", "1").description
    assert described.startswith("**LEAK") and "| accuracy |" in described
    assert f"runs/{parent.run_id}/artifacts/report.html)" in described
    assert parent.client.get_model_version_by_alias("champions", "champion").run_id == parent.run_id
    again = mlflow.sklearn.load_model("models:/champions@champion")
    done = parent.done  # type: ignore[attr-defined]
    held = done.plan.problem.X.iloc[done.plan.problem.split.test]
    assert np.array_equal(again.predict(held), done.given.test.prediction.predicted)
    served = mlflow.pyfunc.load_model("models:/champions@champion")
    answers, prediction = served.predict(held), done.given.test.prediction
    classes = np.array(done.plan.problem.labels.classes)
    assert answers["predicted"].tolist() == classes[prediction.predicted].tolist()
    if prediction.probability is not None:
        np.testing.assert_allclose(answers[[f"probability_{c}" for c in classes]], prediction.probability)
    assert served.metadata.signature.inputs.input_names() == list(held.columns)
    assert served.input_example is not None
    files = {f.suffix for f in (project / "mlruns").rglob("*") if f.is_file() and "models" in f.parts}
    assert ".skops" in files and not files & {".pkl", ".pickle", ".joblib"}


def test_the_best_run_is_registered_and_the_alias_moves(project: Path) -> None:
    weak = track(project, "dummy", "search=none")
    strong = track(project)
    client = strong.client
    best = chosen_run.best(client, chosen_run.newest_experiment(client), None, LeakGate.warn)
    assert (best.run.info.run_id, best.why) == (strong.run_id, "best of 2 by bbc/accuracy")
    for each in (chosen_run.named(client, weak.run_id, None, LeakGate.warn), best):
        champion.register(client, each, "m", RULES)
    now = client.get_model_version_by_alias("m", "champion")
    assert (str(now.version), now.run_id) == ("2", strong.run_id)
    tags, values = best.run.data.tags, best.run.data.metrics
    for key in ("leak", "data_digest", "target", "rule", "features", "split_hash", "git_commit"):
        assert now.tags[key] == tags[key]
    assert (now.tags["metric"], float(now.tags["score"])) == ("bbc/accuracy", values["bbc/accuracy"])
    assert float(now.tags["score_low"]) == values["bbc/accuracy_low"]
    test, low, high = (values[f"test/accuracy{end}"] for end in ("", "_low", "_high"))
    assert f"accuracy {test:.4f} [{low:.4f}, {high:.4f}]" in now.tags["held_out"]
    assert now.description.startswith("**LEAK: logFC and t hold the answer")


def test_the_best_is_looked_for_on_the_newest_split(project: Path) -> None:
    other = track(project, "logistic_regression", "search=none", "split.folds=4")
    newest = track(project, "dummy", "search=none")
    assert other.client.get_run(other.run_id).data.metrics["cv/accuracy"] > 0.9
    best = chosen_run.best(newest.client, "t-direction", None, LeakGate.warn)
    assert best.run.info.run_id == newest.run_id
    assert best.why == "best of 1 by bbc/accuracy; 1 on another table, target or split not looked at"
    worst = chosen_run.best(newest.client, "t-direction", "test/brier", LeakGate.warn)
    assert worst.run.info.run_id == newest.run_id


def test_what_cannot_be_registered_is_said(project: Path) -> None:
    client = store.connect(None)
    with pytest.raises(BadInput, match="no finished run"):
        chosen_run.newest_experiment(client)
    with pytest.raises(BadInput, match="question=nope: no such MLflow experiment"):
        chosen_run.best(client, "nope", None, LeakGate.warn)
    track(project, "dummy", "search=none")
    with pytest.raises(BadInput, match="metric=test/f7: no run"):
        chosen_run.best(client, "t-direction", "test/f7", LeakGate.warn)
    with pytest.raises(BadInput, match="run=123: no such run"):
        chosen_run.named(client, "123", None, LeakGate.warn)


def test_a_run_whose_artifacts_only_a_server_takes_is_refused_before_any_work(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = store.connect(None)
    as_mlflow_ui_makes_it = client.create_experiment("Ui", artifact_location="mlflow-artifacts:/0")
    monkeypatch.setenv("MLFLOW_RUN_ID", client.create_run(as_mlflow_ui_makes_it).info.run_id)
    with (
        pytest.raises(BadInput, match="use mlflow run --experiment-name NAME"),
        runs.parent(client, "q", "n", {}),
    ):
        pass


def test_only_a_finished_model_run_is_registered(project: Path) -> None:
    parent = track(project)
    trial = children(parent)[0].info.run_id
    with pytest.raises(BadInput, match=f"of role trial; its model is that of run={parent.run_id}"):
        chosen_run.named(parent.client, trial, None, LeakGate.warn)
    with pytest.raises(BadInput, match=f"metric=test/f7: run {parent.run_id} does not have it"):
        chosen_run.named(parent.client, parent.run_id, "test/f7", LeakGate.warn)
    parent.client.update_run(parent.run_id, "RUNNING")
    with pytest.raises(BadInput, match="is RUNNING, only finished runs"):
        chosen_run.named(parent.client, parent.run_id, None, LeakGate.warn)


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt, "KILLED"), (SystemExit, "KILLED"), (ValueError, "FAILED")]
)
def test_a_run_that_is_stopped_is_not_left_running(
    project: Path, error: type[BaseException], status: str
) -> None:
    with pytest.raises(error), runs.parent(store.connect(None), "x", "n", {}) as parent:
        raise error
    assert parent.client.get_run(parent.run_id).info.status == status
    assert mlflow.active_run() is None


def test_the_run_that_mlflow_made_is_the_parent(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = store.connect(None)
    made = client.create_run(client.create_experiment("given"))
    monkeypatch.setenv("MLFLOW_RUN_ID", made.info.run_id)
    with runs.parent(client, "other", "n", {"role": "model"}) as parent:
        pass
    assert parent.run_id == made.info.run_id
    assert client.get_run(made.info.run_id).data.tags["role"] == "model"
    assert client.get_experiment_by_name("other") is None


def test_a_view_that_cannot_be_written_fails_nothing(project: Path) -> None:
    client = store.connect(None)
    links = views.save(client, "no such experiment", "k", "n", "", ["metrics.`m`"], "metrics.`m`", [])
    assert links.table.endswith("workflowType=machine_learning")


def test_a_store_that_cannot_be_opened_is_one_line(project: Path) -> None:
    with pytest.raises(BadInput, match="tracking.uri=http://127.0.0.1:9: no MLflow server answers"):
        store.connect("http://127.0.0.1:9")
    with pytest.raises(BadInput, match="MLflow cannot open this store"):
        store.connect("nosuch://x")


def test_a_search_on_a_sample_says_so(project: Path) -> None:
    parent = track(project, "svm", "search=none", "model.max_rows=150")
    tags = parent.client.get_run(parent.run_id).data.tags
    assert tags["sample"] == "150 of 240"
    assert "stratified sample of 150 of the 240 training genes" in tags["mlflow.note.content"]
    assert "same sample" in tags["mlflow.note.content"]
    done = parent.done  # type: ignore[attr-defined]
    assert done.given.pipeline[-1].shape_fit_ == (150, 6)
    (child,) = children(parent)
    assert child.data.tags["sample"] == "150 of 240"
    whole = track(project, "svm", "search=none", "model.max_rows=150", "model.final_fit=all")
    assert whole.done.given.pipeline[-1].shape_fit_ == (240, 6)  # type: ignore[attr-defined]
    assert "fitted on all of them" in whole.client.get_run(whole.run_id).data.tags["mlflow.note.content"]
