"""Two runs side by side: only what differs, and a test only where there is one."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dge_experiments.evaluation.answers import Answers
from dge_experiments.evaluation.comparison import corrected_t_test
from dge_experiments.evaluation.contrast import contrast
from dge_experiments.evaluation.gain import gain
from dge_experiments.evaluation.run_row import RunRow
from dge_experiments.report import contrast as side_by_side
from dge_experiments.search.prediction import Prediction

ABOUT = {"data_digest": "d", "target": "direction", "rule": "r", "split_hash": "s"}
Y = np.arange(200) % 2


def prediction_of(shift: float, seed: int) -> Prediction:
    ranking = np.random.default_rng(seed).normal(size=200) + shift * Y
    return Prediction((ranking > shift / 2).astype(int), ranking, None)


def run(name: str, shift: float, folds: list[float], **settings: str) -> RunRow:
    answers = Answers(("a", "b"), Y, {"as given": prediction_of(shift, 1)}, 0)
    metrics = {"cv/mcc": float(np.mean(folds)), "test/mcc": 0.5, "fit_seconds": 1.0}
    return RunRow(
        name, "svm", "mcc", ABOUT, metrics, settings={"seed": "1", "search.n_trials": "5"} | settings, dealt=3,
        folds=lambda: pd.DataFrame({"cv/mcc": folds}), answers=lambda: answers, parameters={"C": name},
    )  # fmt: skip


def test_only_what_differs_is_shown_and_scores_are_tested_on_the_same_genes_and_folds() -> None:
    one, other = run("a1", 2.0, [0.8, 0.9, 0.7], **{"search.n_trials": "9"}), run("b2", 1.0, [0.6, 0.75, 0.4])
    found = contrast(one, other)
    assert found.comparable and found.data.empty
    assert found.settings.to_numpy().tolist() == [["search.n_trials", "9", "5"], ["C", "a1", "b2"]]
    scores = found.scores.set_index("score")
    assert list(scores.index) == ["cv/mcc", "test/mcc"]
    assert scores.loc["cv/mcc", "p_value"] == pytest.approx(corrected_t_test([0.2, 0.15, 0.3], 2, 1)[1])
    expected = gain(Y, prediction_of(2.0, 1), prediction_of(1.0, 1), "mcc")
    assert scores.loc["test/mcc", "difference"] == expected.difference
    assert scores.loc["test/mcc", "p_value"] == expected.p_value
    printed = json.loads(side_by_side.as_json(found))
    assert [each["run_id"] for each in printed["runs"]] == ["a1", "b2"] and printed["comparable"]
    assert "search.n_trials" in side_by_side.as_html(found)
    assert side_by_side.as_csv(found).splitlines()[0].startswith("table,what,first,second")


def test_runs_on_other_data_are_not_tested() -> None:
    other = replace(run("b", 1.0, [0.6, 0.7, 0.4]), about=ABOUT | {"data_digest": "e"})
    found = contrast(run("a", 2.0, [0.8, 0.9, 0.7]), other)
    assert not found.comparable and found.data["what"].tolist() == ["data_digest"]
    assert found.scores["p_value"].isna().all() and "are not compared" in side_by_side.sentence(found)


def test_a_run_beside_itself_differs_in_nothing() -> None:
    one = run("a", 2.0, [0.8, 0.9, 0.7])
    found = contrast(one, one)
    assert found.settings.empty and found.scores["p_value"].tolist() == [1, 1]
    assert found.scores["difference"].to_numpy() == pytest.approx(0)


def test_honest_scores_are_tested_as_the_pipelines_they_are_of() -> None:
    answers = Answers(("a", "b"), Y, {"as given": prediction_of(9, 1), "honest": prediction_of(1, 2)}, 0)
    leaky = replace(
        run("a", 2.0, [1, 1, 1]), leak=("t",), answers=lambda: answers,
        metrics={"test/mcc": 1.0, "honest/test/mcc": 0.4},
    )  # fmt: skip
    clean = run("b", 1.0, [0.6, 0.7, 0.4])
    scores = contrast(leaky, clean).scores.set_index("score")
    assert (
        scores.loc["honest/test/mcc", "difference"]
        == gain(Y, prediction_of(1, 2), prediction_of(1.0, 1), "mcc").difference
    )
    assert scores.loc["honest/test/mcc", ["first", "second"]].tolist() == [0.4, 0.5]
