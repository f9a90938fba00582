"""Several studies from files to records: one simulated set, all surfaces."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from scipy.stats import norm

import contents
from commands import run_command
from dge_experiments.api.execute import Output
from dge_experiments.api.model import Model, load
from dge_experiments.api.studies import FinishedStudies, execute, tables_of
from dge_experiments.cli.studies import show
from dge_experiments.errors import BadInput
from given import one_line, settings


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Three studies of one truth, and a fourth without any; the last calls its P values ``signif``."""
    folder, rng = tmp_path_factory.mktemp("studies"), np.random.default_rng(0)
    truth = np.where(rng.random(800) < 0.3, rng.normal(0, 3, 800), 0)
    made = []
    for name in "abcd":
        effect = (truth if name != "d" else 0) + rng.normal(size=800)
        p = "signif" if name == "d" else "P.Value"
        frame = pd.DataFrame(
            {"ID": [f"g{i}" for i in range(800)], "logFC": effect, p: 2 * norm.sf(np.abs(effect))}
        )
        frame.to_csv(folder / f"{name}.csv", index=False)
        made.append(str(folder / f"{name}.csv"))
    return made


def given(files: list[str], *more: str) -> list[str]:
    last = f"{{path: {files[3]}, name: last, columns: {{p: signif}}}}"
    return [
        "experiment=studies",
        f"studies=[{','.join([*files[:3], last])}]",
        "model.estimator.n_estimators=10",
        *more,
    ]


@pytest.fixture(scope="module")
def done(files: list[str], tmp_path_factory: pytest.TempPathFactory) -> FinishedStudies:
    folder = tmp_path_factory.mktemp("out")
    return execute(settings(*given(files)), Output(folder, "again"))


def test_every_study_is_left_out_and_the_odd_one_is_named(done: FinishedStudies) -> None:
    assert list(done.studies.tables) == ["a", "b", "c", "last"]
    assert set(done.studies.unseen.scores["held_out"]) == {"a", "b", "c", "last"}
    pairs = done.studies.replication.set_index(["first", "second"])["beyond"]
    assert pairs.loc[[("a", "b"), ("b", "c"), ("c", "a")]].all()
    assert not pairs.loc[[("a", "last"), ("last", "b")]].any()
    assert any(s.startswith("last agrees least") and "an outlier" in s for s in done.studies.sentences)


def test_everything_is_written(done: FinishedStudies) -> None:
    written = {str(file.relative_to(done.folder)) for file in done.folder.rglob("*") if file.is_file()}
    assert written == {
        "consensus.csv", "cv/folds.csv", "metrics.csv", "report.html", "studies/agreement.csv", "studies/board.csv",
        "studies/each.csv", "studies/predictions.csv", "studies/promises.csv", "studies/replication.csv",
        "studies/scores.csv",
    }  # fmt: skip
    page = (done.folder / "report.html").read_text(encoding="utf-8")
    for title in (
        "Studies never seen",
        "Replication and luck",
        "Hits over studies",
        "Same sign by rank of P",
    ):
        assert title in page
    consensus = pd.read_csv(done.folder / "consensus.csv")
    assert len(consensus) == 800 and {"gene", "logFC", "I2", "stouffer_z", "agreeing"} <= set(consensus)


def test_the_terminal_shows_the_board_or_it_is_in_plain_values(
    done: FinishedStudies, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(done, "text") is None
    text = capsys.readouterr().out
    assert "4 studies, each left out in turn" in text and "ordered pairs of studies" in text
    printed = show(done, "json")
    assert printed is not None and not capsys.readouterr().out
    assert printed["verdict"] == done.studies.sentences
    assert {"unseen/hits/logFC", "unseen/all/xgboost_others", "luck/hits/seen", "cv/roc_auc"} <= set(
        printed["scores"]
    )
    assert printed["model"] is None


def dge_load(uri: str, folder: Path) -> Model:
    return load(uri, f"sqlite:///{folder / 'mlflow.db'}")


def test_the_model_that_is_kept_answers_for_a_whole_new_table(files: list[str], tmp_path: Path) -> None:
    done = run_command(tmp_path, *given(files, "search=tpe", "search.n_trials=2", "format=json"))
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    (run,) = client.search_runs([client.get_experiment_by_name("studies-replication").experiment_id])
    contents.metrics_can_be_scanned(run)
    contents.artifacts_say_something_once(run)
    assert [each.dataset.name for each in run.inputs.dataset_inputs] == ["a", "b", "c", "last"]
    assert {"n_jobs", "C", "by"} & set(run.data.params)  # the estimator's, whichever model was kept
    registered = run_command(tmp_path, "format=json", "gate.dummy=false", command="register")
    assert registered.returncode == 0, registered.stderr
    registered_model = json.loads(registered.stdout)
    word = {"yes": "champion", "no": "challenger"}
    general = next(gate for gate in registered_model["gates"] if gate["name"] == "general")
    assert registered_model["alias"] == word["yes" if general["passed"] else "no"]
    assert registered_model["score"] == printed["scores"]["cv/roc_auc"]
    overrides = [f"model_uri={registered_model['uri']}", f"data.path={files[0]}", "chunk=100", "out=p.csv"]
    scored = run_command(tmp_path, *overrides, command="predict")
    assert scored.returncode == 0, scored.stderr
    for line in ("general", "rate", "decision Of the top 40"):
        assert line in scored.stdout
    assert "outside" not in scored.stdout
    table = pd.read_csv(tmp_path / "p.csv")
    raw = dge_load(printed["model"], tmp_path).predict(files[0])
    assert table["probability_replicated"].to_numpy() == pytest.approx(
        raw["probability_replicated"].to_numpy()
    )
    best = table.nlargest(40, "probability_replicated")
    assert best["P.Value"].max() < table["P.Value"].median()


@pytest.mark.parametrize(
    "unused",
    ["features.extra=[length]", "features.join=x.csv", "features.columns=[logFC]", "data.filter='B > 0'",
     "data.group=a", "evaluation.external=x.csv", "resume=true"],
)  # fmt: skip
def test_a_setting_that_studies_have_no_use_for_is_refused(
    files: list[str], tmp_path: Path, unused: str
) -> None:
    for dry in ("false", "true"):
        done = run_command(tmp_path, *given(files, unused, f"dry_run={dry}"))
        assert done.returncode == 2
        line = one_line(done.stderr)
        assert f"{unused.partition('=')[0]}: experiment=studies does not use it" in line
    assert not list(tmp_path.glob("outputs/*"))


def test_tuning_takes_four_studies(files: list[str], tmp_path: Path) -> None:
    three = settings(
        "experiment=studies", f"studies=[{','.join(files[:3])}]", "search=tpe", "search.n_trials=2"
    )
    with pytest.raises(BadInput, match="takes 4 or more in all, or search=none"):
        execute(three, Output(tmp_path, ""))


@pytest.mark.parametrize(
    ("studies", "message"),
    [
        ("[a.csv,b.csv]", "a.csv"),
        ("[{columns: {p: x}}]", "must be a path, a mapping"),
        (
            "[{path: bundled:all_quarter_1, colums: {p: x}}]",
            "colums",
        ),
        ("[bundled:all_quarter_1,bundled:all_quarter_2]", "studies: 2 given; to leave one out it takes 3"),
    ],
)
def test_what_cannot_be_used_is_one_line(studies: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=message):
        execute(settings("experiment=studies", f"studies={studies}"), Output(tmp_path, ""))


def test_tables_of_one_name_are_told_apart(files: list[str]) -> None:
    assert list(tables_of(settings("experiment=studies", f"studies=[{files[0]},{files[0]}]"))) == [
        "a",
        "a (2)",
    ]
