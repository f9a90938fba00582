"""What a run writes down: parts and folds of the genes, curve points, no table without rows."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import auc, average_precision_score, roc_auc_score

from dge_experiments.experiment.result import Result
from dge_experiments.report.finished import records
from dge_experiments.report.held_out import membership
from dge_experiments.report.metrics import metrics, numbers
from dge_experiments.report.records import Frame, Metrics


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
