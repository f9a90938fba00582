"""Search diagnostics of trials whose answers are known."""

import numpy as np
import pandas as pd
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.explanation.diagnostics import best_at_edge, diagnostics, widened
from dge_experiments.explanation.search_importance import in_space, search_importance

SPACE = {
    "C": {"low": 0.01, "high": 10.0, "log": True},
    "depth": {"low": 1, "high": 9},
    "kind": {"choices": [None, 5, 10]},
}


def trials(n: int = 60, seed: int = 0) -> pd.DataFrame:
    """Random trials whose value depends on log C alone, best at C = 10."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "number": np.arange(n),
            "params.C": 10 ** rng.uniform(-2, 1, n),
            "params.depth": rng.integers(1, 10, n),
            "params.kind": rng.choice([np.nan, 5.0, 10.0], n),
            "fit_seconds": np.full(n, 0.5),
        }
    )
    return frame.assign(value=np.log10(frame["params.C"]))


def test_history_keeps_the_best_so_far_and_skips_failed_trials():
    frame = trials(5).assign(value=[0.5, np.nan, 0.4, 0.7, 0.7])
    history = diagnostics(frame.sample(frac=1, random_state=0), SPACE, seed=0).history
    assert history["number"].tolist() == [0, 1, 2, 3, 4]
    assert history["best"].tolist() == [0.5, 0.5, 0.5, 0.7, 0.7]
    assert history["is_best"].tolist() == [True, False, False, True, False]
    down = diagnostics(frame, SPACE, seed=0, maximize=False).history
    assert down["best"].tolist() == [0.5, 0.5, 0.4, 0.4, 0.4]


def test_times_add_up():
    times = diagnostics(trials(12), SPACE, seed=0).times
    assert times["cumulative_seconds"].iloc[-1] == pytest.approx(6.0)


def test_slices_hold_each_trial_once_per_parameter_with_choices_as_given():
    slices = diagnostics(trials(12), SPACE, seed=0).slices
    assert slices.groupby("parameter").size().to_dict() == {"C": 12, "depth": 12, "kind": 12}
    assert set(slices.loc[slices["parameter"] == "kind", "setting"]) <= {None, 5, 10}


@pytest.mark.parametrize("evaluator", ["PED-ANOVA", "fANOVA"])
@pytest.mark.parametrize("maximize", [True, False])
def test_both_evaluators_find_the_one_parameter_that_matters(evaluator, maximize):
    importance = diagnostics(trials(100), SPACE, seed=0, maximize=maximize).importance
    rated = importance[importance["evaluator"] == evaluator].set_index("parameter")["importance"]
    assert rated.sum() == pytest.approx(1)
    assert rated.index[0] == "C"
    assert rated["C"] > 0.8


def test_fanova_finds_the_variance_shares_of_an_additive_score():
    """value = 2a + b with a, b uniform: shares of variance 4/5 and 1/5."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.uniform(size=(400, 2)), columns=["params.a", "params.b"])
    frame["value"] = 2 * frame["params.a"] + frame["params.b"]
    space = {"a": {"low": 0.0, "high": 1.0}, "b": {"low": 0.0, "high": 1.0}}
    importance, _ = search_importance(frame, space, seed=0)
    rated = importance[importance["evaluator"] == "fANOVA"].set_index("parameter")["importance"]
    assert rated["a"] == pytest.approx(0.8, abs=0.05)


def test_importance_is_the_same_for_the_same_seed():
    one, two = (search_importance(trials(), SPACE, seed=1)[0] for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize(
    "frame", [trials(9), trials(20).assign(value=1.0), trials(20)[lambda t: t["number"] < 3]]
)
def test_too_little_to_rate_is_said_so(frame):
    importance, note = search_importance(frame, SPACE, seed=0)
    assert importance.empty
    assert note.startswith("No parameter importance:")


def test_trials_outside_a_range_that_was_moved_are_rated_too():
    moved = SPACE | {"C": {"low": 0.1, "high": 1.0, "log": True}, "kind": {"choices": [None, 5]}}
    importance, _ = search_importance(trials(), moved, seed=0)
    assert set(importance["parameter"]) == {"C", "depth", "kind"}


def test_best_at_the_high_edge_gives_the_override_that_widens_it():
    frame = trials(10)
    frame.loc[4, ["params.C", "params.depth", "value"]] = [9.9, 5, 9.0]
    edges = diagnostics(frame, SPACE, seed=0).edges
    assert edges.drop(columns="setting").to_dict("records") == [
        {"parameter": "C", "low": 0.01, "high": 10.0, "edge": "high", "override": "model.space.C.high=100"}
    ]
    assert edges["setting"].iloc[0] == 9.9


def test_a_tie_inside_the_range_is_no_edge():
    frame = trials(10).assign(value=0.5)
    frame.loc[[2, 3], "value"] = 1.0
    frame.loc[[2, 3], "params.C"] = [10.0, 0.3]
    frame.loc[[2, 3], "params.depth"] = [1, 1]
    edges = best_at_edge(frame, SPACE)
    assert edges["parameter"].tolist() == ["depth"]
    assert edges["override"].tolist() == [""]


@pytest.mark.parametrize(
    ("name", "spec", "edge", "wider"),
    [
        ("C", {"low": 0.01, "high": 10.0, "log": True}, "low", 0.001),
        ("n_estimators", {"low": 50, "high": 200, "log": True}, "high", 2000),
        ("n_estimators", {"low": 50, "high": 200, "log": True}, "low", 5),
        ("max_depth", {"low": 2, "high": 8}, "high", 14),
        ("min_samples_split", {"low": 2, "high": 5}, "low", 2),
        ("min_samples_leaf", {"low": 1, "high": 4, "log": True}, "low", 1),
        ("subsample", {"low": 0.5, "high": 0.9}, "high", 1),
        ("gamma", {"low": 0.0, "high": 5.0}, "low", 0.0),
        ("shift", {"low": -1.0, "high": 1.0}, "low", -3.0),
    ],
)
def test_wider_ends_stay_within_what_the_parameter_allows(name, spec, edge, wider):
    assert widened(name, spec, edge) == pytest.approx(wider)


def test_settings_are_read_back_as_the_range_has_them():
    assert in_space(float("nan"), SPACE["kind"]) is None
    assert in_space(5.0, SPACE["kind"]) == 5
    assert isinstance(in_space(5.0, SPACE["kind"]), int)
    assert isinstance(in_space(np.float64(3.0), SPACE["depth"]), int)


def test_a_conditional_parameter_is_missing_where_none_is_no_choice():
    frame = trials(30)
    frame["params.gate"] = np.where(frame["number"] % 2, "open", None)
    space = SPACE | {"gate": {"choices": ["open", "shut"]}}
    result = diagnostics(frame.assign(value=frame["number"] / 30), space, seed=0)
    assert result.slices.query("parameter == 'gate'")["setting"].isna().sum() == 15
    assert "fANOVA" not in set(result.importance.query("parameter == 'gate'")["evaluator"])


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (trials(5).drop(columns="params.C"), "no column 'params.C'"),
        (trials(5).assign(value=np.nan), "none of 5 has a value"),
        (trials(5).iloc[:0], "none of 0 has a value"),
    ],
)
def test_bad_input_is_one_line(frame, message):
    with pytest.raises(BadInput, match=message):
        diagnostics(frame, SPACE, seed=0)
