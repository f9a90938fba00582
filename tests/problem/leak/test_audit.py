"""Planted leaks must be found, and nothing else; rows are genes."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dge_experiments import tables
from dge_experiments.errors import BadInput
from dge_experiments.problem.leak import Audit, audit

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = Path(
    os.environ.get("DGE_PUBLISHED_TABLE", ROOT.parent / "shared" / "data" / "gene_expression_data.csv")
)
HALVES = [PUBLISHED.parent / f"all_bcrabl_{half}.csv" for half in ("discovery", "replication")]


def tier(found: Audit) -> dict[str, str]:
    return dict(zip(found.tiers["feature"], found.tiers["tier"], strict=True))


def noise(genes: int, seed: int, columns: str = "abcd") -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(genes, len(columns))), columns=list(columns))


def up(x: pd.Series, genes: int) -> np.ndarray:
    """Label 1 for the `genes` largest values."""
    return (x.rank(method="first") > len(x) - genes).to_numpy().astype(int)


def limma(genes: int, seed: int = 0) -> pd.DataFrame:
    """A table with limma's relations: P, adj.P and B follow from |t|, logFC does not."""
    rng = np.random.default_rng(seed)
    t = rng.standard_t(5, genes) * 3
    p = 2 * stats.norm.sf(np.abs(t))
    return pd.DataFrame(
        {
            "logFC": t * rng.gamma(4, 0.05, genes),
            "AveExpr": rng.gamma(4, 2, genes),
            "t": t,
            "P.Value": p,
            "adj.P.Val": stats.false_discovery_control(p),
            "B": 0.5 * t**2 - 4.6,
        }
    )


@pytest.mark.published
@pytest.mark.skipif(not PUBLISHED.is_file(), reason=f"no {PUBLISHED}; set DGE_PUBLISHED_TABLE")
def test_published_table_is_answered_by_logfc_and_t():
    table = tables.read(PUBLISHED)
    X = table.frame[table.features]
    y = (X["logFC"] > 0).to_numpy().astype(int)
    assert (y.sum(), len(y)) == (19, 300)
    found = audit(X, y, {"logFC"}, seed=0)
    assert tier(found) == {
        "logFC": "defines_label",
        "AveExpr": "clean",
        "t": "encodes_label",
        "P.Value": "redundant",
        "adj.P.Val": "redundant",
        "B": "redundant",
    }
    assert found.groups == {"|t|": ("t", "P.Value", "adj.P.Val", "B")}
    assert found.tag == "logFC, t"
    assert found.pairs == ()
    reasons = found.tiers.set_index("feature")["reason"]
    assert reasons["B"] == "a monotone function of |t|"
    assert found.tiers.set_index("feature")["balanced_accuracy"]["t"] == 1.0


@pytest.mark.published
@pytest.mark.skipif(not HALVES[0].is_file(), reason=f"no {HALVES[0]}; set DGE_PUBLISHED_TABLE")
def test_replication_has_no_label_source():
    discovery, replication = (tables.read(path).frame.set_index("gene") for path in HALVES)
    second = replication.loc[discovery.index]
    y = (np.sign(second["logFC"]) == np.sign(discovery["logFC"])) & (second["P.Value"] < 0.05)
    assert len(y) == 12_625
    found = audit(discovery, y.to_numpy().astype(int), (), seed=0)
    assert found.tag == "none"
    assert found.groups == {"|t|": ("t", "P.Value", "adj.P.Val", "B")}
    assert {n for n, t in tier(found).items() if t == "clean"} == {"logFC", "AveExpr", "t"}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("order", [1, -1])
def test_limma_columns_in_any_order(seed, order):
    X = limma(2_000).iloc[:, ::order]
    found = audit(X, (X["logFC"] > 0).to_numpy().astype(int), {"logFC"}, seed=seed)
    assert set(found.sources) == {"logFC", "t"}
    assert {n for n, t in tier(found).items() if t == "redundant"} == {"P.Value", "adj.P.Val", "B"}
    assert found.groups["|t|"][0] == "t"


def test_pvalues_that_underflow_or_are_rounded_stay_redundant():
    X = limma(3_000)
    X["P.Value"] = np.where(np.abs(X["t"]) > 8, 0.0, X["P.Value"])
    X["adj.P.Val"] = [float(f"{v:.2e}") for v in X["adj.P.Val"]]
    X["t"] = X["t"].round(2)
    X["B"] = X["B"].round(1)
    found = audit(X, up(X["AveExpr"], 900), (), seed=0)
    assert found.groups == {"|t|": ("t", "P.Value", "adj.P.Val", "B")}
    assert found.sources == ("AveExpr",)


def test_tiny_pvalues_are_told_apart():
    X = noise(400, 0)
    X["p"] = 10.0 ** -np.random.default_rng(1).uniform(100, 300, 400)
    found = audit(X, (X["p"] < 1e-200).to_numpy().astype(int), (), seed=0)
    assert found.sources == ("p",)


@pytest.mark.parametrize(("genes", "ups"), [(600, 300), (300, 19), (300, 5), (12, 6), (10, 5)])
@pytest.mark.parametrize(
    "plant",
    [lambda z: z, lambda z: -3 * z + 1, np.exp, lambda z: z**3, lambda z: z.rank()],
    ids=["copy", "linear", "exp", "cube", "rank"],
)
def test_planted_copy_is_found_and_nothing_else(genes, ups, plant):
    X = noise(genes, 7)
    z = pd.Series(np.random.default_rng(8).normal(size=genes))
    X.insert(2, "planted", plant(z))
    found = audit(X, up(z, ups), (), seed=0)
    assert found.sources == ("planted",)
    assert found.tag == "planted"


def test_sign_is_found():
    X = limma(300)
    X["direction"] = np.sign(X["logFC"])
    found = audit(X[["AveExpr", "direction", "B"]], (X["logFC"] > 0).to_numpy().astype(int), (), seed=0)
    assert found.sources == ("direction",)


def test_two_tails_are_found():
    X = noise(500, 1)
    found = audit(X, (X["b"].abs() > 1.5).to_numpy().astype(int), (), seed=0)
    assert found.sources == ("b",)


@pytest.mark.parametrize("size", [[100, 300, 80], [290, 12, 7]])
def test_three_classes(size):
    y = np.repeat([0, 1, 2], size)
    X = noise(len(y), 2)
    X["t"] = np.choose(y, [0, 5, -5]) + np.random.default_rng(0).uniform(-1, 1, len(y))
    assert audit(X, y, (), seed=0).sources == ("t",)


@pytest.mark.parametrize("flipped", [0.03, 0.1])
@pytest.mark.parametrize("genes", [300, 5_000])
def test_noisy_copy_is_no_leak(flipped, genes):
    rng = np.random.default_rng(3)
    y = (rng.random(genes) < 0.4).astype(int)
    X = noise(genes, 4)
    X["noisy"] = np.where(np.arange(genes) % round(1 / flipped) == 0, 1 - y, y) + rng.uniform(
        -0.2, 0.2, genes
    )
    found = audit(X, y, (), seed=0)
    assert found.tag == "none"
    right = np.arange(genes) % round(1 / flipped) != 0
    expected = (right[y == 0].mean() + right[y == 1].mean()) / 2
    score = found.tiers.set_index("feature")["balanced_accuracy"]["noisy"]
    assert score == pytest.approx(expected, abs=0.03)


def test_copy_with_few_mistakes_is_a_leak():
    rng = np.random.default_rng(3)
    y = (rng.random(4_000) < 0.4).astype(int)
    X = noise(4_000, 4)
    X["copy"] = np.where(np.arange(4_000) % 250 == 0, 1 - y, y) + rng.uniform(-0.2, 0.2, 4_000)
    assert audit(X, y, (), seed=0).sources == ("copy",)


@pytest.mark.parametrize(
    ("rule", "combination"),
    [
        (lambda a, b: a > b, "b - d"),
        (lambda a, b: a + b > 1, "b + d"),
        (lambda a, b: a * b > 0, "b * d"),
        (lambda a, b: (a / b > 0.5) | (a / b < -2), "b / d"),
        (lambda a, b: 3 * a - b > 1.5, "linear in b and d"),
        (lambda a, b: (a > 0) & (b > -0.5), "cuts of b and d"),
    ],
)
def test_leak_of_two_together(rule, combination):
    X = noise(3_000, 5)
    found = audit(X, rule(X["b"], X["d"]).to_numpy().astype(int), (), seed=0)
    assert [(p.first, p.second, p.combination) for p in found.pairs] == [("b", "d", combination)]
    assert tier(found) == {"a": "clean", "b": "leaks_together", "c": "clean", "d": "leaks_together"}
    assert found.tag == "b, d"
    assert found.verdict.startswith("Together, b and d give the answer away: ")


@pytest.mark.parametrize(("mended", "tag"), [(0.3, "none"), (0.8, "near, mends")])
def test_pair_that_adds_little_to_a_near_answer_is_none(mended, tag):
    """`near` errs in 1.2 % of the rows; `mends` marks some of those. Above half, the pair is to blame."""
    rng = np.random.default_rng(0)
    y = (rng.random(10_000) < 0.5).astype(int)
    wrong = np.arange(10_000) % 83 == 0
    X = pd.DataFrame({"near": np.where(wrong, 1 - y, y) + rng.uniform(-0.2, 0.2, 10_000)})
    X["mends"] = rng.random(10_000) + 5 * (wrong & (rng.random(10_000) < mended))
    found = audit(X, y, (), seed=0)
    assert found.tiers["balanced_accuracy"].iloc[0] < 0.99
    assert found.tag == tag


def test_group_means_give_the_direction_away_together():
    rng = np.random.default_rng(0)
    mean = rng.lognormal(4, 2, 2_000)
    X = pd.DataFrame({"baseMean": mean, "meanA": mean * rng.lognormal(0, 0.5, 2_000)})
    X["meanB"] = mean * rng.lognormal(0, 0.5, 2_000)
    found = audit(X, (X["meanA"] > X["meanB"]).to_numpy().astype(int), (), seed=0)
    assert found.sources == ("meanA", "meanB")


@pytest.mark.parametrize("size", [(5, 5), (7, 7), (281, 19), (295, 5), (15, 15), (500, 500), (60, 30, 5)])
@pytest.mark.parametrize("seed", range(3))
def test_noise_gives_no_alarm(size, seed):
    y = np.repeat(np.arange(len(size)), size)
    X = noise(len(y), seed, "abcde")
    X["constant"] = 1.0
    X["rounded"] = X["a"].round()
    found = audit(X, y, (), seed=seed)
    assert found.tag == "none"
    assert set(tier(found).values()) <= {"clean", "redundant"}
    assert tier(found)["constant"] == "clean"


def test_strong_feature_that_answers_most_is_clean():
    y = np.repeat([0, 1], 1_000)
    X = noise(2_000, 0)
    X["strong"] = np.random.default_rng(0).normal(size=2_000) + 3.5 * y  # best possible: Phi(1.75) = 0.96
    X["second"] = np.random.default_rng(1).normal(size=2_000) + 1.0 * y
    assert audit(X, y, (), seed=0).tag == "none"


def test_classes_too_small_to_tell_are_said():
    X = noise(100, 0)
    found = audit(X, up(X["a"], 3), (), seed=0)
    assert found.tag == "none"
    assert "3 in class 1" in found.uncertain
    assert "too few genes to tell" in found.verdict
    assert found.tiers["balanced_accuracy"].isna().all()


def test_stand_in_for_a_column_that_the_rule_reads():
    X = limma(3_000)
    sig = (X["adj.P.Val"] < 0.05) & (X["logFC"].abs() > 1)
    y = np.where(sig, np.where(X["logFC"] > 0, 2, 0), 1)
    found = audit(X, y, {"logFC", "adj.P.Val"}, seed=0)
    assert set(found.sources) == {"logFC", "adj.P.Val", "t", "P.Value", "B"}
    assert found.stand_ins["P.Value"] == "adj.P.Val"
    assert tier(found)["AveExpr"] == "clean"


def test_million_rows_are_judged_on_all_rows():
    """A copy that errs in rows outside any sample: 1.5 % of the small class and none of the large."""
    rng = np.random.default_rng(0)
    y = (np.arange(150_000) % 5 == 0).astype(int)
    X = noise(150_000, 0, "a")
    wrong = np.where(y == 1, rng.random(150_000) < 0.03, False)
    X["copy"] = np.where(wrong, 1 - y, y) + rng.uniform(-0.3, 0.3, 150_000)
    found = audit(X, y, (), seed=0)
    assert found.tag == "none"
    expected = 1 - np.mean(wrong[y == 1]) / 2
    assert found.tiers["balanced_accuracy"].iloc[1] == pytest.approx(expected, abs=5e-4)


def test_same_seed_same_audit():
    X = limma(1_000)
    y = up(X["AveExpr"] + noise(1_000, 0)["a"], 200)
    pd.testing.assert_frame_equal(audit(X, y, (), seed=3).tiers, audit(X, y, (), seed=3).tiers)


def test_label_codes_and_row_labels_do_not_matter():
    X = limma(500)
    y = (X["logFC"] > 0).to_numpy().astype(int)
    shuffled = X.set_axis(np.arange(500)[::-1] * 3)
    one, two = audit(X, y, {"logFC"}, seed=0), audit(shuffled, y * 5 - 2, {"logFC", "absent"}, seed=0)
    pd.testing.assert_frame_equal(one.tiers, two.tiers)


@pytest.mark.parametrize(
    ("X", "y", "said"),
    [
        (pd.DataFrame({"a": [1.0, np.nan]}), [0, 1], "column 'a', row 2: nan"),
        (pd.DataFrame({"a": [1.0, np.inf]}), [0, 1], "column 'a', row 2: inf"),
        (pd.DataFrame({"a": ["x", "y"]}), [0, 1], "column 'a' is not numeric"),
        (pd.DataFrame({"a": [1.0, 2.0]}), [0, 0], "one class only"),
        (pd.DataFrame({"a": [1.0, 2.0]}), [0, 1, 1], "2 rows of features and 3 labels"),
        (pd.DataFrame([[1.0, 2.0], [3.0, 4.0]], columns=["a", "a"]), [0, 1], "column 'a' is there twice"),
        (pd.DataFrame(index=[0, 1]), [0, 1], "without features"),
    ],
)
def test_bad_input_is_one_line(X, y, said):
    with pytest.raises(BadInput, match=said) as error:
        audit(X, np.array(y), (), seed=0)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("columns", "defines", "said"),
    [
        (
            "abcd",
            (),
            "No feature, alone or with one other, gives the label away: the score has to be earned.",
        ),
        (
            "abcd",
            {"a"},
            "The label is computed from a: a high score with this feature only repeats the label, "
            "so trust the honest score, made without it.",
        ),
        (
            "abct",
            {"a", "b"},
            "The label is computed from a and b; alone, t gives the answer away: a high score with these "
            "features only repeats the label, so trust the honest score, made without them.",
        ),
    ],
)
def test_verdict(columns, defines, said):
    y = np.repeat([0, 1], 150)
    X = noise(300, 0, columns)
    if "t" in X:
        X["t"] = y - 0.5 + X["t"] * 0.01
    assert audit(X, y, defines, seed=0).verdict == said


def test_verdict_on_stand_ins():
    X = limma(3_000)
    y = ((X["P.Value"] < 0.05) & (X["AveExpr"] > 8)).to_numpy().astype(int)
    found = audit(X[["AveExpr", "P.Value", "B"]], y, {"AveExpr", "P.Value"}, seed=0)
    assert found.stand_ins == {"B": "P.Value"}
    assert "; in place of P.Value stands B: " in found.verdict
    found = audit(X[["AveExpr", "t", "P.Value", "B"]], y, {"AveExpr", "P.Value"}, seed=0)
    assert "; in place of P.Value stand t and B: " in found.verdict
