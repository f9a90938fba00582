"""Small tables of kinds that real files broke, each with its right reading; not part of the project (set DGE_CASES)."""

import os
from pathlib import Path

import numpy as np
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.tables import Table, describe, read

FOLDER = Path(os.environ.get("DGE_CASES", Path(__file__).parents[3] / "shared" / "cases" / "tables"))
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no cases at {FOLDER} (set DGE_CASES)"),
]
# file -> what is said of its columns, and the right columns; roles that are not named have none
CASES: dict[str, tuple[dict[str, object], str]] = {
    "abs.csv": (
        {},
        "id=ProbeName effect=FC (abs) ([B] Vs [A]) p=p ([B] Vs [A]) adjusted_p=p (Corr) ([B] Vs [A])",
    ),
    "absfc.tsv": ({}, "id=ProbeName effect=FC (abs) ([B] Vs [A]) p=p ([B] Vs [A])"),
    "abslog.csv": ({}, "id=gene effect=|log2FC| p=p-value"),
    "abundance_ratio.csv": ({}, "id=genes effect=abundance_ratio p=p_value"),
    "by.csv": ({}, "id=gene effect=log2FC p=P.value adjusted_p=BY.p.value"),
    "dexseq_id.tsv": (
        {},
        "id=groupID effect=log2fold_B_A mean=exonBaseMean statistic=stat p=pvalue adjusted_p=padj",
    ),
    "fc_log2_cut.csv": ({}, "id= effect=fc adjusted_p=pval.fc.fdr"),
    "fc_only.csv": ({"columns": {"effect": "log2FC"}}, "id=gene effect=log2FC"),
    "fdr_percent.csv": ({}, "id=gene effect=log2FC p=p-value adjusted_p=FDR"),
    "fdr_qval.csv": ({}, "id=gene effect=log2FC p=pvalue adjusted_p=FDR q-val"),
    "footnote.csv": ({}, "id=Gene effect=log2FC p=P value adjusted_p=Adjusted P value"),
    "glued.csv": (
        {"contrast": "AbArc"},
        "id=Protein effect=AbArclogFC p=AbArc.P.Value adjusted_p=AbArc.adj.pval",
    ),
    "id_acc.tsv": ({}, "id=Acc effect=logFC p=PValue adjusted_p=FDR"),
    "japanese.tsv": ({}, "id=遺伝子名 effect=log2変化率 p=P値 adjusted_p=q値"),
    "leak_long.csv": ({}, "id=gene effect=logFC mean=AveExpr p=P.Value adjusted_p=adj.P.Val group=contrast"),
    "log2ratio_hdr.csv": ({}, "id=gene effect=log2(KO/WT) p=p-value adjusted_p=FDR"),
    "long_unknown_group.csv": ({}, "id=gene effect=log2FC p=P.Value adjusted_p=adj.P.Val group=Subset_x"),
    "maanova.csv": (
        {"contrast": "Geno"},
        "id=ProbeID effect=FC.Geno statistic=F_val.Geno p=P_val.Geno adjusted_p=FDR.Geno",
    ),
    "neglog_padj.csv": ({}, "id=gene effect=log2FC adjusted_p=-log10(padj)"),
    "neglog_padj_named.csv": (
        {"columns": {"adjusted_p": "-log10(padj)"}},
        "id=gene effect=log2FC adjusted_p=-log10(padj)",
    ),
    "p_lt.csv": ({}, "id=gene effect=log2FC p=p-value"),
    "p_star.csv": ({}, "id=gene effect=log2FC p=p-value"),
    "p_times.csv": ({}, "id=gene effect=log2FC p=p-value adjusted_p=FDR"),
    "riken.csv": ({}, "id=gene effect=log2FC p=pvalue adjusted_p=padj"),
    "rownum_ensg.csv": ({}, "id=ENSG effect=logFC p=PValue adjusted_p=FDR"),
    "scanpy_nan.csv": (
        {},
        "id=names effect=logfoldchanges statistic=scores p=pvals adjusted_p=pvals_adj group=group",
    ),
    "sleuth4.tsv": ({}, "id=target_id statistic=test_stat p=pval adjusted_p=qval"),
    "sleuth4_named.tsv": (
        {"columns": {"p": "pval", "adjusted_p": "qval"}},
        "id=target_id statistic=test_stat p=pval adjusted_p=qval",
    ),
    "space_allcommas.txt": ({}, "id=gene effect=log2FoldChange mean=baseMean p=pvalue adjusted_p=padj"),
    "space_comma_dec.txt": (
        {},
        "id=gene effect=log2FoldChange mean=baseMean statistic=stat p=pvalue adjusted_p=padj se=lfcSE",
    ),
    "statistics_t.csv": ({}, "id=ID_REF effect=log2_fold_change statistic=Statistics p=p-Value"),
    "sym_x_y.csv": (
        {"contrast": "y"},
        "id=gene effect=logFC_y statistic=stat_y p=pvalue_y adjusted_p=padj_y",
    ),
    "wide_padj_named.tsv": ({"columns": {"adjusted_p": "A vs C"}}, "id= adjusted_p=A vs C"),
}
REFUSED = {
    "fc_only.csv": "a list of genes with one number each",
    "glued.csv": r"2 columns could be the effect: .* data\.contrast=NAME \(ab42, abarc\)",
    "maanova.csv": r"data\.contrast=NAME \(geno, geno_i\)",
    "sym_x_y.csv": r"data\.contrast=NAME \(x, y\)",
    "topTreat_enrich.csv": "genomic intervals",
    "wide_padj.tsv": "no columns for an effect and its p value among '', 'A vs B'",
}


def expected_roles(text: str) -> dict[str, str | None]:
    roles = ("id", "effect", "mean", "statistic", "p", "adjusted_p", "se", "log_odds", "group")
    cuts = sorted((text.index(f"{role}="), role) for role in roles if f" {role}=" in f" {text}")
    ends = [start for start, _ in cuts[1:]] + [len(text) + 1]
    found = {
        role: text[start + len(role) + 1 : end - 1] for (start, role), end in zip(cuts, ends, strict=True)
    }
    return {role: found.get(role) for role in roles}


def case(name: str, **options: object) -> Table:
    return read(FOLDER / name, **options)


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_read_right(name):
    options, columns = CASES[name]
    assert describe(case(name, **options))["columns"] == expected_roles(columns)


@pytest.mark.parametrize("name", REFUSED)
def test_a_case_that_is_unclear_or_no_table_is_refused_in_one_line(name):
    with pytest.raises(BadInput, match=REFUSED[name]) as refusal:
        case(name)
    assert "\n" not in str(refusal.value)


def test_every_case_is_tried():
    assert {file.name for file in FOLDER.iterdir()} == set(CASES) | set(REFUSED)


def test_the_values_of_the_cases():
    up_and_down = case("abs.csv").frame["logFC"]
    assert (up_and_down > 0).sum() > 300 and (up_and_down < 0).sum() > 300
    np.testing.assert_allclose(
        case("absfc.tsv").frame["logFC"], np.log2([2.1, 1.5, 3.9, 1.1, 2.7]) * [-1, 1, -1, 1, 1]
    )
    assert list(case("abslog.csv").frame["logFC"]) == [-2.1, 1.5, -3.9, 0.1, 2.7]
    np.testing.assert_allclose(case("fdr_percent.csv").frame["adj.P.Val"], [0.0015, 0.4, 0, 0.8, 0.01])
    np.testing.assert_allclose(case("p_times.csv").frame["P.Value"], [3.1e-5, 0.2, 1.4e-9, 0.7, 2e-3])
    np.testing.assert_allclose(case("p_star.csv").frame["P.Value"], [3e-5, 0.2, 1e-9, 0.003, 0.002])
    assert list(case("p_lt.csv").frame["P.Value"]) == [0.001, 0.2, 0.001, 0.7, 0.002]
    for name, options in (
        ("neglog_padj.csv", {}),
        ("neglog_padj_named.csv", CASES["neglog_padj_named.csv"][0]),
    ):
        np.testing.assert_allclose(
            case(name, **options).frame["adj.P.Val"], 10.0 ** -np.array([5.2, 3.1, 0.05, 1.2, 0.4])
        )
    assert case("space_allcommas.txt").frame["P.Value"].tolist() == [
        1.3e-61,
        1.08e-9,
        1.08e-22,
        9.9e-175,
        0.5,
    ]
    as_logs = case("fc_log2_cut.csv", columns={"effect_scale": "log2"})
    assert as_logs.frame["logFC"].tolist() == [2.3, -2.26, 1.21, -1.25, 5.4]
    assert len(case("footnote.csv").frame) == 5
    assert "excel_numbers" in {f.code for f in case("riken.csv").findings}
    assert case("leak_long.csv").counted == "1,000 rows of 250 genes"
    assert describe(case("sleuth4.tsv"))["targets"] == []
