"""Each gate opens and shuts, and says why."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dge_experiments.evaluation.answers import Answers
from dge_experiments.evaluation.gates import Ruling, difference, judge
from dge_experiments.evaluation.key import Key
from dge_experiments.evaluation.run_row import RunRow
from dge_experiments.search.prediction import Prediction
from dge_experiments.settings.choices import LeakGate
from dge_experiments.settings.commands import Gate

ABOUT = {"data_digest": "d", "target": "direction", "rule": "logFC > 0", "split_hash": "s"}
MCC = Key("mcc")
GATE = Gate(dummy=True, champion=True, leak=LeakGate.warn)


def candidate(cv: float = 0.9, *, leak: tuple[str, ...] = (), folds: list[float] | None = None, split: str = "s",
              **metrics: float) -> RunRow:  # fmt: skip
    logged = {"cv/mcc": cv, "test/mcc": 0.8, "test/mcc_low": 0.7, "baseline/test/mcc": 0.0}
    logged |= {name.replace("__", "/"): value for name, value in metrics.items()}
    frame = None if folds is None else pd.DataFrame({"cv/mcc": folds})
    return RunRow(
        "r",
        "lasso",
        "mcc",
        ABOUT | {"split_hash": split},
        logged,
        leak,
        dealt=3,
        folds=lambda: frame,
        label="v1",
    )


def rule(
    one: RunRow, champion: RunRow | None = None, gate: Gate = GATE, best: RunRow | None = None
) -> Ruling:
    return judge(one, champion, MCC, gate, best)


def reasons_of(found: Ruling) -> str:
    return " | ".join(found.reasons)


def test_the_first_is_champion() -> None:
    assert rule(candidate()).alias == "champion"


@pytest.mark.parametrize(("low", "alias"), [(0.001, "champion"), (0.0, None), (-0.1, None)])
def test_the_lower_bound_must_lie_above_the_constant_answers(low: float, alias: str | None) -> None:
    found = rule(candidate(test__mcc_low=low))
    assert found.alias == alias and f"{low:.4f} (bound of the interval)" in reasons_of(found)
    assert [gate.passed for gate in found.gates if gate.name == "dummy"] == [alias is not None]
    assert rule(candidate(test__mcc_low=low), gate=replace(GATE, dummy=False)).alias == "champion"


def test_a_leak_is_said_or_refused() -> None:
    leaky = candidate(leak=("logFC",))
    assert rule(leaky).alias == "champion" and "leak: logFC holds the answer" in reasons_of(rule(leaky))
    for leak in (LeakGate.refuse, LeakGate.honest):
        assert rule(leaky, gate=replace(GATE, leak=leak)).alias is None
        assert rule(candidate(), gate=replace(GATE, leak=leak)).alias == "champion"


def test_what_nearly_answers_is_taken_without_it_where_that_can_be_and_said() -> None:
    graded = replace(candidate(), metrics={**candidate().metrics, "honest/cv/mcc": 0.3}, graded=("B",))
    assert "B nearly gives the answer, no proof of a leak" in reasons_of(rule(graded))
    assert rule(graded).alias == "champion"
    assert rule(graded, gate=replace(GATE, leak=LeakGate.refuse)).alias is None
    alone = rule(graded, gate=replace(GATE, leak=LeakGate.honest))
    assert alone.alias == "champion" and "has kept no honest model: taken as given" in reasons_of(alone)
    honest = graded.as_honest
    assert honest.unearned == "" and honest.metrics["cv/mcc"] == 0.3


def test_a_score_that_measures_memory_is_registered_with_a_warning_alone() -> None:
    shared = replace(candidate(), shared="44 of 80")
    assert rule(shared).alias == "champion" and "44 of 80 held-out rows repeat a training row" in reasons_of(
        rule(shared)
    )
    for leak in (LeakGate.refuse, LeakGate.honest):
        assert rule(shared, gate=replace(GATE, leak=leak)).alias is None
    assert shared.as_honest.shared == "44 of 80"
    crowned = rule(candidate(), shared, gate=replace(GATE, leak=LeakGate.honest))
    assert crowned.alias == "champion" and "the score of v1 is not earned" in reasons_of(crowned)


NOISY = [0.7, 0.9, 0.8]


@pytest.mark.parametrize(
    ("one", "alias", "reason"),
    [
        (candidate(0.91), "champion", "better"),
        (candidate(0.90), "challenger", "not better"),
        (candidate(0.89), "challenger", "not better"),
        (candidate(0.95, cv__mcc_low=0.91), "champion", "better with its interval"),
        (candidate(0.95, cv__mcc_low=0.89), "challenger", "not better with its interval"),
        (candidate(0.91, folds=[0.73, 0.87, 0.82]), "challenger", "a tie"),
        (candidate(0.99, folds=[0.9, 1.101, 1.0]), "champion", "better (p"),
        (candidate(0.5, folds=[0.3, 0.501, 0.4]), "challenger", "worse (p"),
        (candidate(0.99, split="other"), "challenger", "another split_hash"),
    ],
)
def test_only_a_better_model_takes_the_champions_place(one: RunRow, alias: str, reason: str) -> None:
    found = rule(one, candidate(0.9, folds=NOISY))
    assert (found.alias, reason in reasons_of(found)) == (alias, True), found.reasons
    assert rule(one, candidate(0.9, folds=NOISY), replace(GATE, champion=False)).alias == "champion"


def test_ties_within_a_margin_of_the_best_so_far_do_not_ratchet_down() -> None:
    """Each model ties with the one before; measured against the best so far the third is too far below."""
    folds = np.array([0.70, 0.90, 0.80])
    first, second, third = (
        candidate(0.8 - by, folds=list(folds - by + wobble))
        for by, wobble in ((0, 0), (0.035, np.array([0.01, -0.01, 0])), (0.07, np.array([0, 0.01, -0.01])))
    )
    gate = replace(GATE, margin=0.106)
    assert rule(second, first, gate, first).alias == "champion"
    assert rule(third, second, gate, second).alias == "champion"
    found = rule(third, second, gate, first)
    assert found.alias == "challenger" and "not within gate.margin=0.106" in reasons_of(found)


def answers(shift: float, seed: int) -> Answers:
    y = np.arange(600) % 2
    ranking = np.random.default_rng(seed).normal(size=600) + shift * y
    return Answers(
        ("a", "b"), y, {"as given": Prediction((ranking > shift / 2).astype(int), ranking, None)}, 0
    )


def test_the_same_genes_tell_before_the_folds_do() -> None:
    good, bad = (
        replace(candidate(cv), answers=lambda s=shift: answers(s, 1)) for cv, shift in ((0.9, 2.5), (0.8, 1))
    )
    found = difference(good, bad, MCC)
    assert found is not None and found.on == "600 held-out genes" and found.low > 0
    assert rule(good, bad).alias == "champion"
    assert "on the same 600 held-out genes: better" in reasons_of(rule(good, bad))
    assert rule(bad, good).alias == "challenger"
    assert difference(good, bad, Key("f1")) is not None


def test_an_honest_pipeline_is_judged_as_a_run_of_its_own() -> None:
    metrics = {"honest/cv/mcc": 0.2, "honest/test/mcc": 0.3, "honest/test/mcc_low": 0.1}
    folds = pd.DataFrame({"cv/mcc": [1.0] * 3, "honest/cv/mcc": [0.1, 0.2, 0.3]})
    leaky = replace(candidate(1.0, leak=("logFC",)), folds=lambda: folds)
    honest = replace(leaky, metrics=leaky.metrics | metrics).as_honest
    assert (
        honest.leak == () and honest.metrics["cv/mcc"] == 0.2 and honest.metrics["baseline/test/mcc"] == 0.0
    )
    frame = honest.folds()
    assert frame is not None and list(frame["cv/mcc"]) == [0.1, 0.2, 0.3]
    gate = replace(GATE, leak=LeakGate.honest)
    assert "test/mcc 0.1000 (bound of the interval) is better" in reasons_of(rule(honest, gate=gate))
    crowned = rule(honest, leaky, gate)
    assert (
        crowned.alias == "champion"
        and "the score of v1 is not earned (logFC holds the answer)" in reasons_of(crowned)
    )
    assert rule(candidate(0.4, folds=[0.3, 0.45, 0.4]), honest, gate).alias == "challenger"
    assert candidate().as_honest == candidate()


def test_a_champion_whose_run_is_gone_is_not_replaced_unasked() -> None:
    gone = RunRow("", "none", "none", {}, {}, label="version 3")
    found = rule(candidate(), gone)
    assert found.alias == "challenger" and "the run of version 3 is not in this store" in reasons_of(found)
    assert rule(candidate(), gone, replace(GATE, champion=False)).alias == "champion"


@pytest.mark.parametrize(("general", "alias"), [("yes: gain", "champion"), ("no: no gain", "challenger")])
def test_only_a_general_model_of_several_studies_is_champion(general: str, alias: str) -> None:
    metrics = {"cv/mcc": 0.6, "cv/mcc_low": 0.55, "baseline/cv/mcc": 0.5}
    found = rule(replace(candidate(), general=general, metrics=metrics))
    assert found.alias == alias and f"general: {general.partition(': ')[2]}" in found.reasons
    assert "cv/mcc 0.5500 (bound of the interval) is better than the constant answer's 0.5000" in reasons_of(
        found
    )
