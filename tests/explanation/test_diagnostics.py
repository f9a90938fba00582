"""Search diagnostics of trials whose answers are known."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dge_experiments.explanation.diagnostics import best_at_edge, diagnostics
from dge_experiments.explanation.search_importance import search_importance
from dge_experiments.search.engine import Trial
from dge_experiments.search.space import parse
from dge_experiments.search.study import Study

SPACE = parse(
    {
        "C": {"low": 0.01, "high": 10.0, "log": True},
        "depth": {"low": 1, "high": 9},
        "kind": {"choices": [None, 5, 10]},
    }
)


@pytest.fixture(autouse=True)
def few_shuffles(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three shuffles, but for the tests of the range that they give."""
    if "shuffled" not in request.node.name:
        monkeypatch.setattr("dge_experiments.explanation.search_importance.SHUFFLES", 3)


def trials(n: int = 60, seed: int = 0, **values: Any) -> list[Trial]:
    """Random trials whose value depends on log C alone, best at C = 10; ``values`` replace the scores by number."""
    rng = np.random.default_rng(seed)
    c, depth, kind = 10 ** rng.uniform(-2, 1, n), rng.integers(1, 10, n), rng.integers(0, 3, n)
    candidates = [
        {"C": float(c[i]), "depth": int(depth[i]), "kind": (None, 5, 10)[kind[i]]} for i in range(n)
    ]
    scores = values.get("scores", np.log10(c))
    return [Trial(i, candidates[i], ({"auc": float(scores[i])},), 0.5) for i in range(n)]


def diagnose(finished: list[Trial]) -> Any:
    return diagnostics(Study(tuple(finished), "auc", SPACE, len(finished), 1.0), seed=0)


def test_history_keeps_the_best_so_far_and_skips_what_has_not_finished() -> None:
    six_trials = trials(6, scores=[0.5, 9.0, 0.4, 0.9, 0.7, 0.7])
    six_trials[1] = replace(six_trials[1], folds=(), error="ValueError: no")
    six_trials[3] = replace(six_trials[3], raced_out=True)
    history = diagnose(six_trials).history
    assert history["number"].tolist() == [0, 1, 2, 3, 4, 5]
    assert history["value"].isna().tolist() == [False, True, False, True, False, False]
    assert history["best"].tolist() == [0.5, 0.5, 0.5, 0.5, 0.7, 0.7]
    assert history["is_best"].tolist() == [True, False, False, False, True, False]


def test_raced_out_trials_count_nowhere_as_scores() -> None:
    made = trials(30)
    top = max(made, key=lambda t: t.mean("auc"))
    made[top.number] = replace(top, raced_out=True)
    found = diagnose(made)
    finished = [t for t in made if t.finished]
    assert found.history["best"].max() == max(t.mean("auc") for t in finished)
    assert set(found.slices["number"]) == {t.number for t in finished}
    assert len(found.times) == 30
    pd.testing.assert_frame_equal(found.edges, best_at_edge(finished, SPACE, "auc"))
    assert "29 trials" in found.note


def test_times_add_up() -> None:
    assert diagnose(trials(12)).times["cumulative_seconds"].iloc[-1] == pytest.approx(6.0)


def test_slices_hold_each_trial_once_per_parameter_with_settings_as_they_were() -> None:
    made = trials(12)
    slices = diagnose(made).slices
    assert slices.groupby("parameter").size().to_dict() == {"C": 12, "depth": 12, "kind": 12}
    for name in SPACE:
        settings = slices.loc[slices["parameter"] == name, "setting"].tolist()
        assert settings == [t.candidate[name] for t in made]
        assert [type(s) for s in settings] == [type(t.candidate[name]) for t in made]
    assert slices["place"].between(0, 1).all()
    kinds = slices[slices["parameter"] == "kind"]
    assert dict(zip(kinds["setting"], kinds["place"], strict=True)) == {None: 0.0, 5: 0.5, 10: 1.0}


@pytest.mark.parametrize("evaluator", ["PED-ANOVA", "fANOVA"])
def test_both_evaluators_find_the_one_parameter_that_matters(evaluator: str) -> None:
    importance = diagnose(trials(100)).importance
    rated = importance[importance["evaluator"] == evaluator].set_index("parameter")
    assert rated["importance"].sum() == pytest.approx(1)
    assert rated.index[0] == "C"
    assert rated["importance"]["C"] > 0.8
    assert rated["importance"]["C"] > rated["chance_high"]["C"]
    assert (rated["chance_low"] <= rated["chance_high"]).all()


def test_of_noise_the_largest_importance_is_high_and_within_what_shuffled_scores_give() -> None:
    """4 searches x 2 evaluators x 3 parameters without any effect: about 5 % lie outside their range."""
    outside, first = [], []
    for seed in range(4):
        noise = np.random.default_rng([7, seed]).normal(size=20)
        rated, _ = search_importance(trials(20, seed, scores=noise), SPACE, "auc", seed=seed)
        ped = rated[rated["evaluator"] == "PED-ANOVA"]
        first.append(ped["importance"].max())
        outside += list(~rated["importance"].between(rated["chance_low"], rated["chance_high"]))
    assert np.mean(first) > 0.4
    assert np.mean(outside) < 0.15


def test_fanova_finds_the_variance_shares_of_an_additive_score() -> None:
    """value = 2a + b with a, b uniform: shares of variance 4/5 and 1/5."""
    rng = np.random.default_rng(0)
    space = parse({"a": {"low": 0.0, "high": 1.0}, "b": {"low": 0.0, "high": 1.0}})
    made = [
        Trial(i, {"a": float(a), "b": float(b)}, ({"auc": float(2 * a + b)},), 0.1)
        for i, (a, b) in enumerate(rng.uniform(size=(200, 2)))
    ]
    importance, _ = search_importance(made, space, "auc", seed=0)
    rated = importance[importance["evaluator"] == "fANOVA"].set_index("parameter")["importance"]
    assert rated["a"] == pytest.approx(0.8, abs=0.05)


def test_importance_is_the_same_for_the_same_seed() -> None:
    one, two = (search_importance(trials(20), SPACE, "auc", seed=1)[0] for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize("few_trials", [trials(9), trials(20, scores=np.ones(20)), trials(3)])
def test_too_little_to_rate_is_said_so(few_trials: list[Trial]) -> None:
    importance, note = search_importance(few_trials, SPACE, "auc", seed=0)
    assert importance.empty
    assert note.startswith("No parameter importance:")


def test_scores_that_hardly_differ_are_rated_without_an_error() -> None:
    importance, _ = search_importance(trials(12, scores=[1.0] + [0.5] * 11), SPACE, "auc", seed=0)
    assert np.isfinite(importance["importance"]).all()


def test_best_at_the_high_edge_gives_the_override_that_widens_it() -> None:
    made = trials(10)
    made[4] = replace(made[4], candidate={"C": 9.9, "depth": 5, "kind": None}, folds=({"auc": 9.0},))
    edges = diagnose(made).edges
    assert edges.to_dict("records") == [
        {
            "parameter": "C",
            "setting": 9.9,
            "low": 0.01,
            "high": 10.0,
            "edge": "high",
            "override": "model.space.C.high=100",
        }
    ]


def test_a_tie_inside_the_range_is_no_edge() -> None:
    made = trials(10, scores=[0.5] * 10)
    for number, c in ((2, 10.0), (3, 0.3)):
        candidate = {"C": c, "depth": 1, "kind": None}
        made[number] = replace(made[number], candidate=candidate, folds=({"auc": 1.0},))
    edges = best_at_edge(made, SPACE, "auc")
    assert edges["parameter"].tolist() == ["depth"]
    assert edges["override"].tolist() == [""]


def test_where_there_was_nothing_to_choose_there_is_nothing_to_say() -> None:
    assert diagnose(trials(1)) is None
    assert diagnostics(Study(tuple(trials(3)), "auc", {}, 3, 1.0), seed=0) is None


def test_a_search_without_a_finished_trial_is_refused() -> None:
    failed = [replace(trial, folds=(), error="no") for trial in trials(5)]
    for made in (failed, []):
        with pytest.raises(ValueError, match=f"none of {len(made)} trials has finished"):
            diagnose(made)
