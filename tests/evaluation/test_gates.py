"""Each gate opens and shuts, and says why."""

import pandas as pd
import pytest

from dge_experiments.evaluation.gates import Candidate, judge

ABOUT = {"data_digest": "d", "target": "direction", "rule": "logFC > 0", "split_hash": "s"}


def candidate(cv: float = 0.9, *, leak: str = "none", folds: list[float] | None = None, split: str = "s",
              **metrics: float) -> Candidate:  # fmt: skip
    own = {"cv/mcc": cv, "test/mcc": 0.8, "test/mcc_low": 0.7, "baseline/test/mcc": 0.0}
    own |= {name.replace("__", "/"): value for name, value in metrics.items()}
    frame = None if folds is None else pd.DataFrame({"cv/mcc": folds})
    return Candidate("v1", own, ABOUT | {"split_hash": split}, leak, frame, 3)


def rule(one: Candidate, champion: Candidate | None = None, **gates: object) -> tuple[str | None, str]:
    found = judge(one, champion, "cv/mcc", **({"dummy": True, "beat": True, "leak": "warn"} | gates))  # type: ignore[arg-type]
    return found.alias, " | ".join(found.reasons)


def test_the_first_is_champion() -> None:
    assert rule(candidate())[0] == "champion"


@pytest.mark.parametrize(("low", "alias"), [(0.001, "champion"), (0.0, None), (-0.1, None)])
def test_the_lower_bound_must_lie_above_the_dummy(low: float, alias: str | None) -> None:
    found, said = rule(candidate(test__mcc_low=low))
    assert found == alias and f"{low:.4f} (bound of the interval)" in said
    assert rule(candidate(test__mcc_low=low), dummy=False)[0] == "champion"


def test_a_leak_is_said_or_refused() -> None:
    found, said = rule(candidate(leak="logFC"))
    assert found == "champion" and "leak: logFC holds the answer" in said
    assert rule(candidate(leak="logFC"), leak="refuse")[0] is None
    assert rule(candidate(), leak="refuse")[0] == "champion"


NOISY = [0.7, 0.9, 0.8]


@pytest.mark.parametrize(
    ("one", "alias", "said"),
    [
        (candidate(0.91), "champion", "as good or better"),
        (candidate(0.90), "champion", "as good or better"),
        (candidate(0.89), "challenger", "worse"),
        (candidate(0.89, cv__mcc_high=0.91), "champion", "within the interval"),
        (candidate(0.85, cv__mcc_high=0.89), "challenger", "outside the interval"),
        (candidate(0.89, folds=[0.71, 0.87, 0.8]), "champion", "a tie on the same folds"),
        (candidate(0.5, folds=[0.3, 0.501, 0.4]), "challenger", "worse on the same folds"),
        (candidate(0.99, split="other"), "challenger", "another split_hash"),
    ],
)
def test_the_champion_is_beaten_tied_or_stays(one: Candidate, alias: str, said: str) -> None:
    found, reasons = rule(one, candidate(0.9, folds=NOISY))
    assert (found, said in reasons) == (alias, True), reasons
    assert rule(one, candidate(0.9, folds=NOISY), beat=False)[0] == "champion"


def test_by_the_honest_metric_a_leaky_model_is_judged_without_its_label_sources() -> None:
    own = {"honest/cv/mcc": 0.2, "honest/test/mcc": 0.3, "honest/test/mcc_low": 0.1, "baseline/test/mcc": 0.0}
    leaky = Candidate("v1", {"cv/mcc": 1.0, "test/mcc": 1.0, "test/mcc_low": 0.99} | own, ABOUT, "logFC")
    clean = candidate(0.4)

    def honest(one: Candidate, champion: Candidate | None) -> tuple[str | None, str]:
        found = judge(one, champion, "honest/cv/mcc", dummy=True, beat=True, leak="warn")
        return found.alias, " | ".join(found.reasons)

    assert "honest/test/mcc 0.1000 (bound of the interval) is better" in honest(leaky, None)[1]
    alias, said = honest(clean, leaky)
    assert alias == "champion" and "honest/cv/mcc 0.4000 against 0.2000 of v1: as good or better" in said
    assert honest(leaky, clean)[0] == "challenger"


def test_a_champion_whose_run_is_gone_is_not_replaced_unasked() -> None:
    gone = Candidate("version 3", {}, {}, "none")
    alias, said = rule(candidate(), gone)
    assert alias == "challenger" and "the run of version 3 is not in this store" in said
    assert rule(candidate(), gone, beat=False)[0] == "champion"
