"""The end of a run, broken off at each of its writes: resumed, it is one whole run."""

import os
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
import skops.io
from mlflow import MlflowClient
from mlflow.entities import LoggedModelStatus, Run
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from dge_experiments.errors import BadInput
from dge_experiments.experiment.plan import prepare
from dge_experiments.experiment.result import Result
from dge_experiments.experiment.run import run
from dge_experiments.report import finished
from dge_experiments.report.records import Model, Record, Text
from dge_experiments.settings.estimator import estimator
from dge_experiments.tracking import journal, later, parent_run, resume, runs, spill, store, writing
from given import limma_table, settings

pytestmark = pytest.mark.slow

QUESTION, TAGS, HASH = "t-direction", {"role": "model", "model": "m"}, {"config_hash": "c", "command": "x"}
LONG = bool(os.environ.get("DGE_FAULTS"))


class Kill(KeyboardInterrupt):
    """A process that ends here."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Result:
    file = tmp_path_factory.mktemp("data") / "t.csv"
    limma_table(120).to_csv(file, index=False)
    chosen = settings(
        "model=random_forest", f"data.path={file}", "search=random", "search.n_trials=4", "search.batch=4",
        "search.racing=true", "explanation=none", "split.folds=3", "compute.workers=1",
    )  # fmt: skip
    return run(chosen, prepare(chosen, estimator(chosen.model)))


@pytest.fixture
def records(made: Result) -> list[Record]:
    return list(finished.records(made, "<html>the report</html>"))


def attempt(made: Result, records: list[Record], folder: Path, trials: int = 4) -> str:
    """One start of the same run: a new one, or the one that an earlier start left."""
    client = store.connect(None)
    resume.close_stale(client)
    earlier = resume.find(client, QUESTION, True, "c", needed=False)
    known = resume.recorded(client, earlier) if earlier else {}
    with runs.parent(client, QUESTION, "n", TAGS, folder, 0.0, own_tags=HASH,
                     resumed=earlier.info.run_id if earlier else None) as parent:  # fmt: skip
        for trial in made.study.trials[:trials]:
            if trial.number not in known:
                parent.log_trial(trial, "accuracy")
        parent.log(records)
    return parent.run_id


def whole(made: Result, records: list[Record]) -> Run:
    """The one run of the store, seen to be whole."""
    client = MlflowClient()
    where = [client.get_experiment_by_name(QUESTION).experiment_id]
    (parent,) = client.search_runs(where, "tags.role = 'model'")
    assert parent.info.status == "FINISHED"
    trials = client.search_runs(where, "tags.role = 'trial'")
    assert sorted(int(t.data.tags["trial"]) for t in trials) == [t.number for t in made.study.trials]
    assert all(t.info.status != "RUNNING" and "fit_seconds" in t.data.metrics for t in trials)
    models = client.search_logged_models(where)
    assert sorted(model.name for model in models) == sorted(r.name for r in records if isinstance(r, Model))
    assert {model.status for model in models} == {LoggedModelStatus.READY}
    there = {f.path for f in client.list_artifacts(parent.info.run_id)}
    assert {record.path.split("/")[0] for record in records if isinstance(record, Text)} <= there
    assert mlflow.artifacts.load_text(f"{parent.info.artifact_uri}/report.html") == "<html>the report</html>"
    return parent


def moments(number: int) -> Iterator[tuple[int, bool]]:
    """(record, whether it was written before the break)."""
    for at in range(0, number, 1 if LONG else 8):
        yield at, bool(at % 2)
        if LONG:
            yield at, not at % 2
    if not LONG:
        yield from ((number - 1, False), (number - 1, True))


def test_broken_off_at_any_write_of_the_end_it_is_gone_on_with(
    project: Path, made: Result, records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = writing.write
    for at, after in moments(len(records)):
        count = 0

        def broken(*arguments: object, at: int = at, after: bool = after, **more: object) -> str | None:
            nonlocal count
            count += 1
            if count == at + 1 and not after:
                raise Kill
            done = write(*arguments, **more)  # type: ignore[arg-type]
            if count == at + 1:
                raise Kill
            return done

        with monkeypatch.context() as patch:
            patch.setattr(parent_run.writing, "write", broken)
            with pytest.raises(Kill):
                attempt(made, records, project / "one")
        attempt(made, records, project / "two")
        parent = whole(made, records)
        client = MlflowClient()
        for trial in client.search_runs([parent.info.experiment_id]):
            client.delete_run(trial.info.run_id)
        for model in client.search_logged_models([parent.info.experiment_id]):
            client.delete_logged_model(model.model_id)


@pytest.mark.parametrize("step", ["log_batch", "set_terminated"])
def test_a_trial_half_written_is_there_once(
    project: Path, made: Result, records: list[Record], step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        with monkeypatch.context() as patch:
            kill_at(patch, step, number)
            with pytest.raises(Kill):
                attempt(made, records, project / "one")
    attempt(made, records, project / "two")
    whole(made, records)
    attempt(made, records, project / "three")
    whole(made, records)


def kill_at(patch: pytest.MonkeyPatch, step: str, number: int) -> None:
    """End the process at a step of the trial of that place, counted from the first that is written."""
    real, count = getattr(MlflowClient, step), 0

    def broken(self: MlflowClient, run_id: str, *arguments: object, **more: object) -> object:
        nonlocal count
        if self.get_run(run_id).data.tags.get("role") == "trial":
            count += 1
            if count > number:
                raise Kill
        return real(self, run_id, *arguments, **more)

    patch.setattr(MlflowClient, step, broken)


def test_an_extended_run_has_one_model_and_keeps_one_that_was_registered(
    project: Path, made: Result, records: list[Record]
) -> None:
    attempt(made, records, project / "one", trials=2)
    client = MlflowClient()
    where = [client.get_experiment_by_name(QUESTION).experiment_id]
    model = next(record for record in records if isinstance(record, Model))
    (first,) = (found for found in client.search_logged_models(where) if found.name == model.name)
    other = make_pipeline(KNeighborsClassifier(1)).fit(model.X, 1 - model.predicted)
    better = Model(model.name, other, model.X, other.predict(model.X), model.requirements, model.metadata)
    rest = [record for record in records if record is not model]
    attempt(made, [*rest, better], project / "two")
    (second,) = (found for found in client.search_logged_models(where) if found.name == model.name)
    assert second.model_id != first.model_id
    client.create_registered_model("r")
    client.create_model_version("r", second.model_uri, second.source_run_id)
    attempt(made, records, project / "three")
    kept = [found for found in client.search_logged_models(where) if found.name == model.name]
    assert len(kept) == 2 and second.model_id in {found.model_id for found in kept}


def test_what_another_start_has_finished_is_not_sent_again(
    project: Path, made: Result, records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(journal, "answers", lambda: False)
        patch.setattr(parent_run, "answers", lambda: False)
        patch.setattr(journal, "send", _away)
        attempt(made, records, project / "one")
    assert (project / "one" / journal.FILE).is_file()
    run_id = attempt(made, records, project / "two")
    (said,) = later.send(MlflowClient(), project / "one")
    assert "resumed by another start" in said
    assert whole(made, records).info.run_id == run_id
    with pytest.raises(BadInput, match="nothing waits"):
        later.folders(project / "one")


def _away(*_: object, **__: object) -> None:
    raise mlflow.MlflowException("away")  # type: ignore[no-untyped-call]


def test_a_run_that_was_taken_over_ends_without_a_word_in_the_store(
    project: Path, made: Result, records: list[Record]
) -> None:
    client = store.connect(None)
    with (
        pytest.raises(runs.TakenOver, match="another start went on with this run"),
        runs.parent(client, QUESTION, "n", TAGS, project / "one", own_tags=HASH) as parent,
    ):
        client.set_tag(parent.run_id, "writer", "another")
        parent.log(records)
    assert client.get_run(parent.run_id).info.status == "RUNNING"
    assert not client.search_logged_models([parent.experiment_id])


def test_an_experiment_that_was_deleted_is_one_line(
    project: Path, made: Result, records: list[Record]
) -> None:
    attempt(made, records, project / "one")
    client = MlflowClient()
    client.delete_experiment(client.get_experiment_by_name(QUESTION).experiment_id)
    with pytest.raises(
        BadInput, match="t-direction was deleted; bring it back with mlflow experiments restore"
    ):
        attempt(made, records, project / "two")


@pytest.mark.parametrize("kind", [HistGradientBoostingClassifier(max_iter=3), KNeighborsClassifier(3)])
def test_a_model_of_any_type_waits_on_disk_and_is_read_back(
    tmp_path: Path, records: list[Record], kind: object
) -> None:
    model = next(record for record in records if isinstance(record, Model))
    fitted = make_pipeline(kind).fit(model.X, model.predicted)
    spill.write(tmp_path, {}, [Model("m", fitted, model.X, fitted.predict(model.X), ["x"], {})])
    ((_, back),) = spill.read(tmp_path)
    assert isinstance(back, Model)
    assert (back.pipeline.predict(model.X) == back.predicted).all()


def test_a_type_that_is_slipped_in_among_what_waits_is_refused(tmp_path: Path, records: list[Record]) -> None:
    from sklearn.preprocessing import FunctionTransformer

    model = next(record for record in records if isinstance(record, Model))
    spill.write(tmp_path, {}, [model])
    ((file, _),) = spill.read(tmp_path)
    skops.io.dump(FunctionTransformer(os.system), file.with_suffix(".skops"))
    text = file.read_text().replace('"types": [', '"types": ["posix.system", ')
    file.write_text(text)
    with pytest.raises(BadInput, match="posix.system, which is of no trusted package"):
        list(spill.read(tmp_path))


def test_a_database_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MLFLOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    real = store.SqlAlchemyStore

    def interrupted(*arguments: object) -> object:
        real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store, "SqlAlchemyStore", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store.connect(uri)
    assert not (tmp_path / "mlflow.db").exists()
    assert store.connect(uri).search_experiments()
    assert (tmp_path / "mlflow.db").is_file() and not list(tmp_path.glob("*.part"))
