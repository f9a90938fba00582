import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from dge_experiments.studies.agreement import agreement, by_rank
from dge_experiments.studies.examples import Study, study
from dge_experiments.tables import Table

RNG = np.random.default_rng(0)
TRUTH = np.where(RNG.random(6000) < 0.2, RNG.normal(0, 3, 6000), 0)


def study_of(z: np.ndarray) -> Study:
    frame = pd.DataFrame(
        {"gene": [f"g{i}" for i in range(len(z))], "logFC": z, "P.Value": 2 * norm.sf(np.abs(z))}
    )
    return study(Table(frame, "t", "t.csv", "0" * 16, "limma", {}))


def noise() -> np.ndarray:
    return RNG.normal(size=6000)


def test_shared_samples_are_suspected_and_true_effects_are_not() -> None:
    samples = noise()
    found = agreement(
        {
            "one": study_of(TRUTH + samples),
            "two": study_of(TRUTH + noise()),
            "again": study_of(TRUTH + 0.95 * samples + np.sqrt(1 - 0.95**2) * noise()),
        }
    )
    pairs = found.pairs.set_index(["first", "second"])
    assert pairs.loc[("one", "again"), "unmoved"] == pytest.approx(0.95, abs=0.03)
    assert abs(pairs.loc[("one", "two"), "unmoved"]) < 0.25
    assert pairs["shared"].tolist() == [False, True, False]
    assert found.sentences[0].startswith("one and again may share samples")


def test_the_outlier_is_named() -> None:
    studies = {name: study_of(TRUTH + noise()) for name in "abcd"} | {"e": study_of(noise())}
    found = agreement(studies)
    assert found.per_study.set_index("study")["outlier"].to_dict() == {
        **dict.fromkeys("abcd", False),
        "e": True,
    }
    assert found.sentences[-1].startswith("e agrees least") and "an outlier" in found.sentences[-1]


def test_agreement_falls_with_the_rank_of_p() -> None:
    first, second = study_of(TRUTH + noise()), study_of(TRUTH + noise())
    found = by_rank(first.frame["P.Value"], first.frame["logFC"], second.frame["logFC"])
    assert found["top"].tolist()[-1] == 6000
    assert found["same_sign"].iloc[2] == 1.0 and found["same_sign"].iloc[-1] < 0.7
    z = first.frame["z"].to_numpy(), second.frame["z"].to_numpy()
    assert found["same_sign"].iloc[-1] == pytest.approx((np.sign(z[0]) == np.sign(z[1])).mean())
    assert found["correlation"].iloc[-1] == pytest.approx(np.corrcoef(*z)[0, 1])


def test_two_studies_have_no_outlier() -> None:
    found = agreement({"a": study_of(noise()), "b": study_of(noise())})
    assert not found.per_study["outlier"].any() and found.sentences == []
