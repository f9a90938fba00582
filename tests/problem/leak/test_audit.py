"""Planted leaks must be found, and nothing else; rows are genes."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dge_experiments import tables
from dge_experiments.errors import BadInput
from dge_experiments.problem.leak import Audit, audit, verdict

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
    assert found.sources == ("logFC", "t")
    assert found.combinations == ()
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
    assert found.sources == ()
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


PLANTS = {
    "copy": lambda z: z,
    "linear": lambda z: -3 * z + 1,
    "exp": np.exp,
    "cube": lambda z: z**3,
    "rank": lambda z: z.rank(),
}


def with_planted(genes: int, plant: str) -> tuple[pd.DataFrame, pd.Series]:
    X = noise(genes, 7)
    z = pd.Series(np.random.default_rng(8).normal(size=genes))
    X.insert(2, "planted", PLANTS[plant](z))
    return X, z


@pytest.mark.parametrize(("genes", "ups"), [(600, 300), (300, 19), (200, 100)])
@pytest.mark.parametrize("plant", PLANTS)
def test_planted_copy_is_found_and_nothing_else(genes, ups, plant):
    X, z = with_planted(genes, plant)
    found = audit(X, up(z, ups), (), seed=0)
    assert found.sources == ("planted",)
    assert found.graded == ()


@pytest.mark.parametrize(("genes", "ups"), [(60, 30), (60, 6), (300, 5)])
@pytest.mark.parametrize("plant", PLANTS)
def test_where_a_strong_honest_statistic_could_part_as_few_genes_a_copy_is_graded(genes, ups, plant):
    X, z = with_planted(genes, plant)
    found = audit(X, up(z, ups), (), seed=0)
    assert found.sources == ()
    assert found.graded == ("planted",)
    assert found.tiers.set_index("feature")["reason"]["planted"].startswith("alone it carries ")


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
    found = audit(X, y, (), seed=0)
    assert (*found.sources, *found.graded) == ("t",)
    assert bool(found.sources) == (min(size) > 50)


@pytest.mark.parametrize("flipped", [0.03, 0.1])
@pytest.mark.parametrize("genes", [300, 5_000])
def test_noisy_copy_is_graded(flipped, genes):
    rng = np.random.default_rng(3)
    y = (rng.random(genes) < 0.4).astype(int)
    X = noise(genes, 4)
    X["noisy"] = np.where(np.arange(genes) % round(1 / flipped) == 0, 1 - y, y) + rng.uniform(
        -0.2, 0.2, genes
    )
    found = audit(X, y, (), seed=0)
    assert tier(found) == {**dict.fromkeys("abcd", "clean"), "noisy": "carries_label"}
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


SHAPES = {
    "difference": lambda a, b, c: a > b,
    "sum": lambda a, b, c: a + b > 0,
    "product": lambda a, b, c: a * b > 0,
    "ratio": lambda a, b, c: (a / b > 0.5) | (a / b < -2),
    "plane": lambda a, b, c: 3 * a - b > 0,
    "box": lambda a, b, c: (a > -0.5) & (b > -0.5),
    "circle": lambda a, b, c: a**2 + b**2 < 1.4,
    "circle off the centre": lambda a, b, c: (a - 1) ** 2 + (b - 0.5) ** 2 < 2.5,
}
SHAPES_OF_THREE = {
    "plane of three": lambda a, b, c: a + b - c > 0,
    "sphere": lambda a, b, c: a**2 + b**2 + c**2 < 2.4,
    "box of three": lambda a, b, c: (a > -0.8) & (b > -0.8) & (c > -0.8),
    "product of three": lambda a, b, c: a * b * c > 0,
    "majority": lambda a, b, c: np.sign(a) + np.sign(b) + np.sign(c) > 0,
}


@pytest.mark.parametrize("flipped", [0.0, 0.05])
@pytest.mark.parametrize("shape", [*SHAPES, *SHAPES_OF_THREE])
def test_leak_of_two_or_three_together(shape, flipped):
    rng = np.random.default_rng(1)
    X = noise(3_000, 5, "abcde")
    y = (SHAPES | SHAPES_OF_THREE)[shape](X["b"], X["d"], X["e"]).to_numpy().astype(int)
    y = np.where(rng.random(3_000) < flipped, 1 - y, y)
    found = audit(X, y, (), seed=0)
    (one,) = found.combinations
    assert set(one.features) == set("bd" if shape in SHAPES else "bde")
    assert one.score.value == pytest.approx(1 - flipped, abs=0.035)
    assert one.independent < one.score.value - 0.05
    together = {tier(found)[name] for name in one.features}
    assert together <= {"leaks_together", "carries_label"}
    if not flipped and shape in ("difference", "sum", "product", "ratio", "plane", "product of three"):
        assert together == {"leaks_together"}
        assert verdict(found).startswith("Together, ")
    assert {tier(found)[name] for name in set("abcde") - set(one.features)} == {"clean"}


def test_of_a_subset_of_the_columns_a_pair_is_no_leak_and_the_sentence_says_so():
    X = noise(3_000, 5)
    found = audit(X, (X["b"] > X["d"]).to_numpy().astype(int), (), seed=0)
    assert found.sources == ("b", "d")
    part = found.of(["a", "b"])
    assert part.sources == part.graded == ()
    assert tier(part) == {"a": "clean", "b": "clean"}
    assert verdict(part).startswith("No label source was found (the best single feature, b, ")


def test_columns_that_no_model_sees_are_not_combined():
    X = noise(3_000, 5)
    y = (X["b"] > X["d"]).to_numpy().astype(int)
    assert audit(X, y, (), seed=0, used=["a", "b", "c"]).sources == ()
    assert audit(X, y, (), seed=0, used=["b", "d"]).sources == ("b", "d")


def test_strong_honest_features_answer_together_and_are_no_leak():
    """Two of AUC 0.95 reach 0.95 in balanced accuracy together: as much as two independent ones do."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 1_000)
    X = pd.DataFrame({name: rng.normal(size=2_000) + 1.9 * y for name in "abcd"})
    found = audit(X, y, (), seed=0)
    assert set(tier(found).values()) == {"clean"}


def test_group_means_give_the_direction_away_together():
    rng = np.random.default_rng(0)
    mean = rng.lognormal(4, 2, 2_000)
    X = pd.DataFrame({"baseMean": mean, "meanA": mean * rng.lognormal(0, 0.5, 2_000)})
    X["meanB"] = mean * rng.lognormal(0, 0.5, 2_000)
    found = audit(X, (X["meanA"] > X["meanB"]).to_numpy().astype(int), (), seed=0)
    assert found.sources == ("meanA", "meanB")


@pytest.mark.parametrize("size", [(7, 7), (12, 6), (281, 19), (295, 5), (15, 15), (500, 500), (60, 30, 5)])
@pytest.mark.parametrize("seed", range(3))
def test_noise_gives_no_alarm(size, seed):
    y = np.repeat(np.arange(len(size)), size)
    X = noise(len(y), seed, "abcde")
    X["constant"] = 1.0
    X["rounded"] = X["a"].round()
    found = audit(X, y, (), seed=seed)
    assert found.sources == ()
    assert set(tier(found).values()) <= {"clean", "redundant"}, found.tiers
    assert tier(found)["constant"] == "clean"


def test_strong_feature_that_answers_most_is_clean():
    y = np.repeat([0, 1], 1_000)
    X = noise(2_000, 0)
    X["strong"] = np.random.default_rng(0).normal(size=2_000) + 3.5 * y  # best possible: Phi(1.75) = 0.96
    X["second"] = np.random.default_rng(1).normal(size=2_000) + 1.0 * y
    found = audit(X, y, (), seed=0)
    assert found.sources == ()
    assert found.graded == ("strong",)
    assert "Alone, strong carries 96 % of the label" in verdict(found)


def test_classes_too_small_to_tell_are_said():
    X = noise(100, 0)
    found = audit(X, up(X["a"], 3), (), seed=0)
    assert found.sources == ()
    assert "3 in class 1" in found.uncertain
    assert "too few genes to tell" in verdict(found)
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
    """A copy that errs in rows outside any sample: 6 % of the small class and none of the large."""
    rng = np.random.default_rng(0)
    y = (np.arange(150_000) % 5 == 0).astype(int)
    X = noise(150_000, 0, "a")
    wrong = np.where(y == 1, rng.random(150_000) < 0.06, False)
    X["copy"] = np.where(wrong, 1 - y, y) + rng.uniform(-0.3, 0.3, 150_000)
    found = audit(X, y, (), seed=0)
    assert found.sources == ()
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


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_bad_input(bad):
    with pytest.raises(BadInput, match=f"column 'a', row 2: {bad}") as error:
        audit(pd.DataFrame({"a": [1.0, bad]}), np.array([0, 1]), (), seed=0)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (pd.DataFrame({"a": ["x", "y"]}), [0, 1], "'a' is"),
        (pd.DataFrame({"a": [1.0, 2.0]}), [0, 0], "two classes or more"),
        (pd.DataFrame({"a": [1.0, 2.0]}), [0, 1, 1], "2 rows and 3 labels"),
        (pd.DataFrame([[1.0, 2.0], [3.0, 4.0]], columns=["a", "a"]), [0, 1], "its own name"),
        (pd.DataFrame(index=[0, 1]), [0, 1], "at least one"),
    ],
)
def test_arguments_that_cannot_be(X, y, message):
    with pytest.raises(ValueError, match=message):
        audit(X, np.array(y), (), seed=0)


def test_the_verdict_says_what_was_looked_for_and_what_the_best_feature_reaches():
    y = np.repeat([0, 1], 150)
    X = noise(300, 0)
    found = audit(X, y, (), seed=0, genes=pd.Series(np.random.default_rng(0).permutation(300)).astype(str))
    best = found.tiers.set_index("feature")["balanced_accuracy"]
    assert verdict(found).startswith(
        f"No label source was found (the best single feature, {best.idxmax()}, has a balanced accuracy of "
        f"{best.max():.3f}); looked at: columns that the rule reads or that follow from them, each feature alone, "
        "pairs and triples of 4 features, gene names and row order; with 300 genes a leak of two or three features "
        "together may be missed."
    )


@pytest.mark.parametrize(("genes", "features", "missed"), [(100, 4, True), (500, 4, False), (100, 1, False)])
def test_a_clean_verdict_on_few_genes_says_that_a_joint_leak_may_be_missed(genes, features, missed):
    X, y = noise(genes, 0).iloc[:, :features], np.arange(genes) % 2
    sentence = verdict(audit(X, y, (), seed=0))
    assert sentence.startswith("No label source")
    assert (
        f"; with {genes} genes a leak of two or three features together may be missed." in sentence
    ) == missed


@pytest.mark.parametrize(
    ("columns", "defines", "sentence"),
    [
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
def test_verdict(columns, defines, sentence):
    y = np.repeat([0, 1], 150)
    X = noise(300, 0, columns)
    if "t" in X:
        X["t"] = y - 0.5 + X["t"] * 0.01
    assert verdict(audit(X, y, defines, seed=0)) == sentence


def test_verdict_on_what_nearly_answers():
    y = np.repeat([0, 1], 500)
    X = noise(1_000, 0)
    X["a"] = np.where(np.arange(1_000) % 25 == 0, 1 - y, y) + X["a"] * 0.01
    sentence = verdict(audit(X, y, (), seed=0))
    assert sentence.startswith("Alone, a carries 96 % of the label [95 %, 97 %]: nearly the answer")


def test_verdict_on_stand_ins():
    X = limma(3_000)
    y = ((X["P.Value"] < 0.05) & (X["AveExpr"] > 8)).to_numpy().astype(int)
    found = audit(X[["AveExpr", "P.Value", "B"]], y, {"AveExpr", "P.Value"}, seed=0)
    assert found.stand_ins == {"B": "P.Value"}
    assert "; a stand-in for P.Value: B: " in verdict(found)
    found = audit(X[["AveExpr", "t", "P.Value", "B"]], y, {"AveExpr", "P.Value"}, seed=0)
    assert "; stand-ins for P.Value: t and B: " in verdict(found)
