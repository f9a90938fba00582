"""The Python API: what a notebook does, the same numbers as the command, nothing printed."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import dge_experiments as dge
from given import limma_table

SMALL = ("model=logistic_regression", "experiment=smoke", "tracking=none", "explanation=none")


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> dge.Experiment:
    folder = tmp_path_factory.mktemp("api")
    trials = []
    made = dge.run(*SMALL, f"out={folder}", table=limma_table(150), on_trial=trials.append)
    assert sorted(trial.number for trial in trials) == [0, 1, 2]
    return made


def test_a_run_gives_scores_verdict_and_predictions(experiment: dge.Experiment) -> None:
    scores = experiment.scores.set_index(["metric", "reading"])
    assert set(experiment.scores["reading"]) == {"as given", "honest", "constant answer"}
    assert "LEAK" in experiment.verdict
    predictions = experiment.predictions
    assert list(predictions)[:3] == ["gene", "true", "predicted"]
    assert len(predictions) == 30
    right = (predictions["true"] == predictions["predicted"]).mean()
    assert right == pytest.approx(scores.loc[("accuracy", "as given"), "score"])


def test_the_same_settings_give_the_same_run(experiment: dge.Experiment, tmp_path: Path) -> None:
    again = dge.run(*SMALL, f"out={tmp_path}", table=limma_table(150).set_index("ID"))
    pd.testing.assert_frame_equal(again.scores, experiment.scores)


def test_files_have_stable_names_and_the_log_says_what_was_done(experiment: dge.Experiment) -> None:
    names = {str(file.relative_to(experiment.folder)) for file in experiment.folder.rglob("*.*")}
    assert {
        "report.html",
        "config.yaml",
        "trials.csv",
        "test/predictions.csv",
        "importance/permutation.csv",
    } <= names
    text = (experiment.folder / "run.log").read_text()
    assert "trial 2" in text and "150 genes" in text and "took" in text


def test_a_notebook_shows_the_report(experiment: dge.Experiment, tmp_path: Path) -> None:
    assert "srcdoc" in experiment._repr_html_()
    assert experiment.save_report(tmp_path / "r.html").read_text() == experiment.report


def test_bad_input_is_raised(tmp_path: Path) -> None:
    with pytest.raises(dge.BadInput, match="no such model, did you mean svm"):
        dge.run("model=svn", f"out={tmp_path}")
    with pytest.raises(dge.BadInput, match="no such key"):
        dge.run("sed=3", f"out={tmp_path}")


def test_nothing_is_printed_and_the_import_is_light(tmp_path: Path) -> None:
    limma_table(100).to_csv(tmp_path / "t.csv", index=False)
    script = (
        "import sys, dge_experiments as dge\n"
        "assert not {'sklearn', 'mlflow', 'pandas', 'hydra'} & set(sys.modules)\n"
        "table = dge.read_table('t.csv')\n"
        "assert len(table.frame) == 100\n"
        "dge.run('data.path=t.csv', 'model=dummy', 'search=none', 'explanation=none', 'tracking=none')\n"
        "assert 'mlflow' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
