"""The luck of a choice is taken off: against a loop, on noise, and where nothing can be said."""

import numpy as np
import pytest

from dge_experiments.evaluation import bias_corrected as bbc
from dge_experiments.evaluation.bias_corrected import BiasCorrected, answers_to_keep, bias_corrected
from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.problem.split import Split, split
from dge_experiments.search.engine import Trial
from dge_experiments.search.prediction import Prediction, from_probability
from dge_experiments.search.study import Study

SCORINGS = [name for name, metric in REGISTRY.items() if metric.greater_is_better]
ONE_OF_A_KIND = ["balanced_accuracy", "roc_auc", "neg_log_loss"]


def dealt(y: np.ndarray, folds: int = 4, groups: np.ndarray | None = None) -> Split:
    classes = tuple(map(str, range(y.max() + 1)))
    return split(y, classes, test_size=0.2, stratify=True, seed=0, folds=folds, shuffle=True, cv_rows="train",
                 groups=groups)  # fmt: skip


def candidate(y: np.ndarray, shift: float, rng: np.random.Generator, coarse: bool = False) -> Prediction:
    """Probabilities of one candidate for all genes; 0 says nothing of the class."""
    logits = rng.normal(size=(len(y), y.max() + 1)) + shift * np.eye(y.max() + 1)[y]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return from_probability(np.round(p, 1) + 0.01 if coarse else p, np.arange(y.max() + 1))


def study_of(y: np.ndarray, parts: Split, predictions: list[Prediction], scoring: str) -> Study:
    keep = answers_to_keep(scoring, y, parts, 0)
    trials = [
        Trial(
            number,
            {"C": number},
            tuple({scoring: REGISTRY[scoring].score(y[on], one.of(on))} for _, on in parts.folds),
            0.0,
            answers=tuple(keep.of(one.of(on), on) for _, on in parts.folds),
        )
        for number, one in enumerate(predictions)
    ]
    return Study(tuple(trials), scoring, {}, len(trials), 0.0)


def corrected(study: Study, y: np.ndarray, parts: Split, draws: int = 200, seed: int = 0) -> BiasCorrected:
    found = bias_corrected(study, study.best.mean(study.scoring), y, parts, seed=seed, draws=draws)
    assert found is not None
    return found


def in_a_loop(
    y: np.ndarray, parts: Split, predictions: list[Prediction], scoring: str, draws: int
) -> tuple[float, float, float]:
    """Optimism, and the interval's ends less the score: gene by gene, draw by draw, with scikit-learn's scores."""
    rng, folds = np.random.default_rng(0), [on for _, on in parts.folds]
    rows = np.concatenate(folds)
    gene = {row: parts.groups[row] if parts.groups is not None else row for row in rows}
    of_gene = {g: [row for row in rows if gene[row] == g] for g in gene.values()}
    names = sorted(of_gene) if parts.groups is not None else list(rows)
    classes = {g: tuple(code in y[of_gene[g]] for code in range(y.max() + 1)) for g in names}

    def mean(one: Prediction, genes: list[int]) -> float:
        each = []
        for on in folds:
            rows_drawn = np.array([row for g in genes for row in of_gene[g]], dtype=np.int64)
            rows_drawn = rows_drawn[np.isin(rows_drawn, on)]
            if set(y[rows_drawn]) == set(y[on]):
                each.append(REGISTRY[scoring].score(y[rows_drawn], one.of(rows_drawn)))
        return float(np.mean(each)) if each else np.nan

    best = max(range(len(predictions)), key=lambda i: mean(predictions[i], names))
    best_scores, chosen = [], []
    for _ in range(draws):
        genes = []
        for kind in sorted(set(classes.values())):
            same_class = [g for g in names if classes[g] == kind]
            genes += [same_class[i] for i in rng.integers(len(same_class), size=len(same_class))]
        left_out = [g for g in names if g not in genes]
        choice = max(range(len(predictions)), key=lambda i: mean(predictions[i], genes))
        best_scores.append(mean(predictions[best], left_out))
        chosen.append(mean(predictions[choice], left_out))
    low, high = np.percentile(chosen, [2.5, 97.5]) - np.mean(best_scores)
    return float(np.mean(best_scores) - np.mean(chosen)), float(low), float(high)


@pytest.mark.parametrize(
    ("kind", "scoring"),
    [("two classes", scoring) for scoring in SCORINGS]
    + [(kind, scoring) for kind in ("three classes", "rows share genes") for scoring in ONE_OF_A_KIND],
)
def test_it_is_what_a_plain_loop_gives(kind: str, scoring: str) -> None:
    rng = np.random.default_rng(len(scoring))
    classes = 3 if kind == "three classes" else 2
    y = rng.permutation(np.arange(90) % classes)
    groups = np.repeat(np.arange(45), 2) if kind == "rows share genes" else None
    parts = dealt(y, folds=3, groups=groups)
    predictions = [candidate(y, shift, rng, coarse=True) for shift in (0.0, 0.1, 0.2, 0.0)]
    found = corrected(study_of(y, parts, predictions, scoring), y, parts, draws=12)
    tuned = found.score + found.optimism
    optimism, low, high = in_a_loop(y, parts, predictions, scoring, 12)
    assert found.optimism == pytest.approx(optimism, abs=1e-6)
    low, high = np.clip([tuned + low, tuned + high], *REGISTRY[scoring].bounds)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize("scoring", ["roc_auc", "balanced_accuracy"])
def test_noise_is_worth_nothing(scoring: str) -> None:
    """The best of 20 candidates that know nothing: tuned it is far above 0.5, corrected it is 0.5."""
    tuned, worth, covered = [], [], 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        y = rng.permutation(np.arange(100) % 2)
        parts = dealt(y)
        study = study_of(y, parts, [candidate(y, 0.0, rng) for _ in range(20)], scoring)
        found = corrected(study, y, parts, draws=100, seed=seed)
        tuned.append(study.best.mean(scoring))
        worth.append(found.score)
        covered += found.low < 0.5 < found.high
    assert np.mean(tuned) > 0.58
    assert abs(np.mean(worth) - 0.5) < 4 * np.std(worth) / np.sqrt(20) < 0.06
    assert covered >= 18


def test_where_one_candidate_is_far_better_nothing_is_taken_off() -> None:
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(300) % 2)
    parts = dealt(y)
    predictions = [candidate(y, shift, rng) for shift in (0.0, 2.0, 0.0)]
    found = corrected(study_of(y, parts, predictions, "roc_auc"), y, parts)
    assert found.optimism == 0 and found.candidates == 3


@pytest.mark.parametrize("scoring", ["average_precision", "mcc"])
def test_of_one_candidate_nothing_is_taken_off(scoring: str) -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(120) < 0.15).astype(np.int64)
    parts = dealt(y)
    study = study_of(y, parts, [candidate(y, 1.0, rng)], scoring)
    found = bias_corrected(study, 0.4, y, parts, seed=0)
    assert found is not None and (found.score, found.optimism, found.candidates) == (0.4, 0, 1)
    assert found.low < 0.4 < found.high


def test_what_was_raced_out_is_not_chosen() -> None:
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(100) % 2)
    parts = dealt(y)
    study = study_of(y, parts, [candidate(y, 0.0, rng) for _ in range(3)], "accuracy")
    perfect = study_of(y, parts, [candidate(y, 9.0, rng)], "accuracy").trials[0]
    early = Trial(3, {}, perfect.folds[:2], 0.0, raced_out=True, answers=perfect.answers[:2])
    failed = Trial(4, {}, (), 0.0, error="no")
    more = Study((*study.trials, early, failed), "accuracy", {}, 5, 0.0)
    assert corrected(more, y, parts) == corrected(study, y, parts)


def test_answers_that_are_lost_are_said(caplog: pytest.LogCaptureFixture) -> None:
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(100) % 2)
    parts = dealt(y)
    first, second = study_of(y, parts, [candidate(y, 0.0, rng) for _ in range(2)], "accuracy").trials
    for answers in ((), second.answers[:3], (*second.answers[:3], second.answers[3][:2])):
        without = Trial(1, second.candidate, second.folds, 0.0, answers=answers)
        study = Study((first, without), "accuracy", {}, 2, 0.0)
        assert bias_corrected(study, 0.5, y, parts, seed=0) is None
    assert caplog.messages == ["no bias-corrected score: 1 of 2 trials have kept no answers"] * 3


def test_a_class_of_which_none_is_ever_left_out_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """Each fold's only gene of class 1 holds another class-mix than the others, so it is in every draw."""
    y = np.array([0, 0, 1, 0, 0, 0, 1, 0])
    groups = np.array([0, 1, 2, 3, 4, 5, 6, 6])
    folds = tuple(
        (rest, on) for on, rest in ((np.arange(4), np.arange(4, 8)), (np.arange(4, 8), np.arange(4)))
    )
    parts = Split(np.arange(8), np.arange(0), folds, folds, np.arange(8), groups=groups)
    study = study_of(y, parts, [candidate(y, 0.0, np.random.default_rng(0))], "accuracy")
    assert bias_corrected(study, 0.5, y, parts, seed=0) is None
    assert "too few genes of a class" in caplog.text


def test_of_many_genes_a_sample_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bbc, "MOST_GENES", 400)
    rng = np.random.default_rng(0)
    y = (rng.random(5000) < 0.01).astype(np.int64)
    parts = dealt(y)
    keep = answers_to_keep("roc_auc", y, parts, 0)
    assert keep.rows is not None and len(keep.rows) == 400
    assert all(set(y[keep.among(on)]) == {0, 1} for _, on in parts.folds)
    predictions = [candidate(y, 0.0, rng) for _ in range(3)]
    trials = tuple(
        Trial(n, {}, tuple({"roc_auc": REGISTRY["roc_auc"].score(y[on], one.of(on))} for _, on in parts.folds), 0.0,
              answers=tuple(keep.of(one.of(on), on) for _, on in parts.folds))
        for n, one in enumerate(predictions)
    )  # fmt: skip
    study = Study(trials, "roc_auc", {}, 3, 0.0)
    assert all(each.dtype == np.float32 and len(each) == 100 for trial in trials for each in trial.answers)
    assert corrected(study, y, parts).candidates == 3
