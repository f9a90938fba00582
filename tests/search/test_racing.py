"""Who leaves a race, by hand; and a race against the whole search."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import t as student
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.metrics import scores
from dge_experiments.search.compute import parallel
from dge_experiments.search.racing import Race, leaving
from dge_experiments.search.recall import Recorded, written
from dge_experiments.search.space import parse
from dge_experiments.search.strategies import make
from dge_experiments.search.study import Options, Session, Study, search
from dge_experiments.search.task import Task

RNG = np.random.default_rng(4)
X = RNG.normal(size=(400, 4))
Y = (X[:, 0] + 0.3 * RNG.normal(size=400) > 0).astype(np.int64)
FOLDS = list(StratifiedKFold(6).split(X, Y))
TREE = make_pipeline(StandardScaler(), DecisionTreeClassifier(random_state=0))
TASK = Task(TREE, X, Y, FOLDS, scores)
RACE = Options("roc_auc", racing=True, workers=1)
SPACE = parse({"max_depth": {"low": 1, "high": 8}, "min_samples_leaf": {"low": 1, "high": 150}})


def test_whom_the_rest_cannot_bring_above_the_leader_leaves() -> None:
    # 4 of 5 folds: at best 0 + 1 = 1.0, while the leader has 4 * 0.9 - 1 = 2.6 for sure
    noisy = {0: [0.9] * 4, 1: [0.0, 0.0, 0.0, 0.0]}
    assert leaving(noisy, None, 5) == [1]
    # the earlier winner's 4.5 of 5 is certain; 3 * 0.8 + 2 = 4.4 is below it, 3 * 0.84 + 2 = 4.52 is not
    assert leaving({0: [0.8, 0.7, 0.9]}, [0.99, 0.61, 0.9, 1.0, 1.0], 5) == [0]
    assert leaving({0: [0.84, 0.74, 0.94]}, [0.99, 0.61, 0.9, 1.0, 1.0], 5) == []


def test_a_score_without_a_lower_bound_makes_no_lead_certain() -> None:
    # the same leads as above; a log loss of the leader's last fold may be of any size
    negative = {0: [-0.1] * 4, 1: [-1.0, -1.0, -1.0, -1.0]}
    assert leaving(negative, None, 5, (-np.inf, 0.0)) == []
    assert leaving({0: [-0.9, -0.8, -0.9]}, [-0.1, -0.1, -0.1, -0.2, -0.1], 5, (-np.inf, 0.0)) == [0]


def test_of_two_candidates_the_paired_t_test_decides() -> None:
    # leads 0.018, 0.020, 0.022: t = 17.3 on 2 degrees of freedom; significant at 1 % is 6.96
    assert leaving({0: [0.918, 0.920, 0.922], 1: [0.90, 0.90, 0.90]}, None, 5) == [1]
    # leads 0.01, 0.02, 0.03: t = 3.46
    assert leaving({0: [0.91, 0.92, 0.93], 1: [0.90, 0.90, 0.90]}, None, 5) == []
    assert leaving({0: [0.9, 0.8, 0.7], 1: [0.9, 0.8, 0.7]}, None, 5) == []
    # the same lead on every fold tells nothing of the noise
    assert leaving({0: [0.9, 0.8, 0.7], 1: [0.8, 0.7, 0.6]}, None, 5) == []


def test_of_many_candidates_the_pooled_least_significant_difference_decides() -> None:
    rng = np.random.default_rng(1)
    for folds in (2, 3, 4):
        table = rng.normal(0.8, 0.02, (8, 1)) + rng.normal(0, 0.05, folds) + rng.normal(0, 0.01, (8, folds))
        candidate, fold = (each.ravel() for each in np.indices(table.shape))
        design = np.column_stack([np.eye(8)[candidate], np.eye(folds)[fold]])
        rest = table.ravel() - design @ np.linalg.lstsq(design, table.ravel())[0]
        freedom = 7 * (folds - 1)
        least = student.ppf(0.99, freedom) * np.sqrt(2 * np.sum(rest**2) / freedom / folds)
        mean = table.mean(axis=1)
        gone = [i for i in range(8) if mean.max() - mean[i] > least]
        assert 0 < len(gone) < 7
        assert leaving({i: list(row) for i, row in enumerate(table)}, None, 5) == gone
        twins = {i: list(table[i % 8]) for i in range(16)}
        assert leaving(twins, None, 5) == sorted([*gone, *(i + 8 for i in gone)])


def test_nobody_leaves_after_the_last_fold_and_the_leader_never() -> None:
    assert leaving({0: [0.9] * 5, 1: [0.1] * 5}, None, 5) == []
    assert leaving({}, None, 5) == []
    rng = np.random.default_rng(0)
    for _ in range(50):
        field = {i: list(rng.uniform(size=3)) for i in range(10)}
        top = max(field, key=lambda i: (np.mean(field[i]), -i))
        assert top not in leaving(field, None, 5)


def run(name: str = "tpe", racing: bool = True, workers: int = 1, **given: Any) -> Study:
    strategy = make(name, SPACE, 24, 8, seed=5)
    return search(strategy, TASK, Options("roc_auc", racing, workers=workers), Session(**given))


def test_a_race_finds_the_winner_with_fewer_fits() -> None:
    whole, raced = run("random", racing=False), run("random")
    assert [t.candidate for t in whole.trials] == [t.candidate for t in raced.trials]
    out = [t for t in raced.trials if t.raced_out]
    assert len(out) > 5
    assert all(2 <= len(t.folds) < 6 for t in out)
    for ours, theirs in zip(raced.trials, whole.trials, strict=True):
        assert ours.folds == theirs.folds[: len(ours.folds)]
        assert ours.raced_out or len(ours.folds) == 6
    assert raced.best.candidate == whole.best.candidate
    assert raced.frame["raced_out"].sum() == len(out)


@pytest.mark.parametrize("name", ["tpe", "random"])
def test_a_race_is_the_same_on_two_processes_and_after_an_interruption(name: str) -> None:
    one = run(name)
    two = run(name, workers=2)
    assert [(t.candidate, t.folds, t.raced_out) for t in one.trials] == [
        (t.candidate, t.folds, t.raced_out) for t in two.trials
    ]
    kept = {
        t.number: Recorded({k: written(v) for k, v in t.candidate.items()}, t.folds, 0, raced_out=t.raced_out)
        for t in one.trials
        if t.number in (0, 1, 2, 3, 4, 5, 6, 7, 9, 12)
    }
    made = []
    again = run(name, known=kept, on_trial=made.append)
    assert sorted(t.number for t in made) == sorted(set(range(24)) - set(kept))
    assert [(t.candidate, t.folds, t.raced_out) for t in one.trials] == [
        (t.candidate, t.folds, t.raced_out) for t in again.trials
    ]


def test_a_candidate_that_raises_leaves_with_its_error() -> None:
    space = parse({"n_neighbors": {"choices": [5, -1, 60]}})
    pipeline = make_pipeline(KNeighborsClassifier())
    strategy = make("grid", space, None, None, 0)
    study = search(strategy, Task(pipeline, X, Y, FOLDS, scores), RACE)
    assert [bool(t.error) for t in study.trials] == [False, True, False]
    assert not study.trials[1].raced_out


@pytest.mark.parametrize("name", ["grid", "tpe", "random"])
@pytest.mark.parametrize("timeout", [1e-9, 0.05, 0.3])
def test_a_race_that_runs_out_of_time_has_a_finished_trial(name: str, timeout: float) -> None:
    space = parse({"max_depth": {"choices": [1, 2, 8]}, "min_samples_leaf": {"choices": [1, 20, 150]}})
    study = search(make(name, space, 40, 8, 5), TASK, replace(RACE, timeout=timeout))
    assert study.best in study.finished
    assert len(study.best.folds) == len(FOLDS)


def test_a_race_out_of_time_lets_only_the_leader_meet_the_rest() -> None:
    whole = {t.number: t for t in run("random", racing=False).trials}
    strategy = make("random", SPACE, 8, 8, seed=5)
    (candidates,) = strategy.batches()
    with parallel(1):
        *others, only = Race("roc_auc", time_is_over=lambda: True).run(TASK, dict(enumerate(candidates)))
    leader = max(range(8), key=lambda n: (np.mean([f["roc_auc"] for f in whole[n].folds[:2]]), -n))
    assert all(trial.raced_out and len(trial.folds) == 2 for trial in others)
    assert (only.number, only.folds, only.finished) == (leader, whole[leader].folds, True)


class Fickle(DecisionTreeClassifier):
    """Fits the first two folds and then raises: it leads the race and never finishes."""

    def fit(self, X: Any, y: Any) -> Any:
        if self.max_depth == 7 and X.sum() not in FIRST_FOLDS:
            raise ValueError("a late failure")
        return super().fit(X, y)


FIRST_FOLDS = [X[fit_on].sum() for fit_on, _ in FOLDS[:2]]


def test_a_race_in_which_none_finishes_says_so() -> None:
    # the deep tree leads; the stumps with huge leaves are raced out before it fails
    space = parse({"max_depth": {"choices": [7, 1]}, "min_samples_leaf": {"choices": [2, 190, 180]}})
    pipeline = make_pipeline(Fickle(random_state=0))
    strategy = make("grid", space, None, None, 0)
    strategy.candidates = [
        c for c in strategy.candidates if (c["max_depth"] == 7) == (c["min_samples_leaf"] == 2)
    ]  # type: ignore[attr-defined]
    with pytest.raises(BadInput, match=r"all 1 trials failed \(2 were raced out before\); .* a late failure"):
        search(strategy, Task(pipeline, X, Y, FOLDS, scores), RACE)
