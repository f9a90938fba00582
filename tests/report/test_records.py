"""What a run writes down: parts and folds of the genes, curve points, no table without rows."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hydra.utils import instantiate
from sklearn.metrics import auc, average_precision_score, log_loss, roc_auc_score

from dge_experiments.experiment.plan import prepare
from dge_experiments.experiment.result import Result
from dge_experiments.experiment.run import run
from dge_experiments.report.finished import records
from dge_experiments.report.held_out import membership, out_of_fold
from dge_experiments.report.metrics import metrics, numbers
from dge_experiments.report.records import Frame, Metrics
from dge_experiments.search.study import Study
from given import limma_table, settings


@pytest.fixture(scope="module")
def frames(finished: Result) -> dict[str, pd.DataFrame]:
    return {record.path: record.frame for record in records(finished, "") if isinstance(record, Frame)}


def test_each_gene_has_its_part_and_its_fold(finished: Result, frames: dict[str, pd.DataFrame]) -> None:
    parts, split = finished.plan.problem.split, frames["split.csv"]
    assert split["gene"].tolist() == finished.plan.problem.table.frame["gene"].tolist()
    assert np.flatnonzero(split["part"] == "test").tolist() == sorted(parts.test)
    assert (split["fold"].isna() == (split["part"] == "test")).all()
    for number, (_, score_on) in enumerate(parts.folds, 1):
        assert np.flatnonzero(split["fold"].fillna(0) == number).tolist() == sorted(score_on)


def test_out_of_fold_answers_have_the_scores_of_the_folds(
    finished: Result, frames: dict[str, pd.DataFrame]
) -> None:
    said, best = frames["cv/predictions.csv"], finished.study.best
    assert sorted(said["gene"]) == sorted(frames["split.csv"].query("part == 'train'")["gene"])
    for number, fold in enumerate(best.folds, 1):
        there = said[said["fold"] == number]
        assert (there["true"] == there["predicted"]).mean() == pytest.approx(fold["accuracy"])


@pytest.mark.parametrize(
    ("scoring", "target", "columns"),
    [
        ("roc_auc", "direction", ["ranking"]),
        ("neg_log_loss", "regulation", ["probability_down", "probability_ns", "probability_up"]),
    ],
)
def test_out_of_fold_answers_are_what_the_metric_reads(
    tmp_path: Path, scoring: str, target: str, columns: list[str]
) -> None:
    limma_table(200).to_csv(tmp_path / "t.csv", index=False)
    given = settings(
        f"data.path={tmp_path / 't.csv'}", f"search.scoring={scoring}", f"target={target}", "experiment=smoke",
        "explanation=none", "compute.workers=1",
    )  # fmt: skip
    done = run(given, prepare(given, instantiate(given.model.estimator)))
    said = out_of_fold(done)
    assert list(said.columns) == ["gene", "fold", "true", *columns]
    first = said[said["fold"] == 1]
    codes = [done.plan.problem.labels.classes.index(name) for name in first["true"]]
    score = {"roc_auc": roc_auc_score, "neg_log_loss": lambda y, p: -log_loss(y, p)}[scoring]
    answers = first[columns].to_numpy(float)
    fold = done.study.best.folds[0][scoring]
    assert score(codes, answers[:, 0] if len(columns) == 1 else answers) == pytest.approx(fold, abs=1e-5)
    without = replace(done, studies={**done.studies, "as given": bare(done.study)})
    assert out_of_fold(without).empty


def bare(study: Study) -> Study:
    """The study as one that has kept no answers."""
    return replace(study, trials=tuple(replace(trial, answers=()) for trial in study.trials))


def test_genes_that_a_sample_leaves_out_are_called_so(finished: Result) -> None:
    problem = finished.plan.problem
    half = problem.split.train[::2]
    sampled = replace(problem, split=replace(problem.split, train=half, folds=(), full=problem.split))
    assert (membership(sampled)["part"] == "left out").sum() == len(problem.split.train) - len(half)


def test_curve_points_have_the_area_that_is_reported(
    finished: Result, frames: dict[str, pd.DataFrame]
) -> None:
    roc, pr = frames["test/roc.csv"], frames["test/precision_recall.csv"]
    assert set(roc["reading"]) == set(pr["reading"]) == {"as given", "honest"}
    for reading, test in finished.tests.items():
        points = roc[roc["reading"] == reading]
        expected = roc_auc_score(test.y, test.prediction.ranking)
        assert auc(points["false_positive_rate"], points["true_positive_rate"]) == pytest.approx(expected)
        steps = pr[pr["reading"] == reading]
        area = (steps["recall"].diff() * steps["precision"]).sum()
        assert area == pytest.approx(average_precision_score(test.y, test.prediction.ranking))


def test_no_table_is_without_rows_and_shap_names_its_genes(
    finished: Result, frames: dict[str, pd.DataFrame]
) -> None:
    assert all(len(frame) for frame in frames.values())
    contributions = frames["shap/contributions.csv"]
    names = finished.plan.problem.table.frame["gene"].iloc[contributions["row"]].tolist()
    assert contributions["gene"].tolist() == names


def test_the_store_gets_the_numbers_that_are_read_and_a_file_all(finished: Result) -> None:
    found = list(records(finished, ""))
    (kept,) = [record.values for record in found if isinstance(record, Metrics)]
    (frame,) = [
        record.frame for record in found if isinstance(record, Frame) and record.path == "metrics.csv"
    ]
    written = pd.read_csv(io.StringIO(frame.to_csv(index=False)), float_precision="round_trip")
    every = numbers(written.fillna({"reading": "", "part": ""}))
    assert every == {name: value for name, value in metrics(finished).items() if np.isfinite(value)}
    assert set(kept) <= set(metrics(finished)) and len(kept) <= 40 < len(every)
    scoring = finished.settings.search.scoring
    read = {
        f"cv/{scoring}",
        f"cv/{scoring}_std",
        f"test/{scoring}_low",
        f"baseline/test/{scoring}",
        "test/brier",
    }
    assert read <= set(kept)
    assert not any("gap/" in name or name.startswith("ranking/") for name in kept)
