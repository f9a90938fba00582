"""Header lines as tools and people write them; the values are made to fit the headers' roles."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, norm

from dge_experiments.tables import describe, read

N = 60
RNG = np.random.default_rng(7)
Z = RNG.normal(size=N) * 2
P = 2 * norm.sf(np.abs(Z))
SE = RNG.uniform(0.2, 0.4, N)
LOG = Z * SE
COLUMN = {
    "id": [f"ENSG{i:011d}" for i in RNG.permutation(N)],
    "symbol": [f"GENE{i}" for i in RNG.permutation(N)],
    "row": list(range(1, N + 1)),
    "effect": LOG,
    "fold": np.sign(LOG) * 2 ** np.abs(LOG),
    "ratio": 2.0**LOG,
    "mean": RNG.uniform(3, 12, N),
    "counts": RNG.uniform(10, 9000, N),
    "t": Z,
    "F": Z**2,
    "se": SE,
    "p": P,
    "logp": -np.log10(P),
    "adj": false_discovery_control(P),
    "B": Z**2 - 4,
    "group": ["a"] * (N // 2) + ["b"] * (N // 2),
    "one": ["treated vs control"] * N,
    "text": ["kinase"] * N,
    "flag": np.where(P < 0.05, "yes", "no"),
    "count": RNG.integers(0, 900, N),
    "share": RNG.uniform(0, 1, N).round(3),
    "abs": np.abs(LOG),
    "blank": [""] * N,
}
# tool | header=kind ... (kind is the role unless it is noise) | effect scale | signed
# A kind in capitals plays no role; `effect:`, `p:` and so on name the role of a column of another kind.
FAMILIES = """
limma                  | =id; logFC=effect; AveExpr=mean; t=t; P.Value=p; adj.P.Val=adj; B=B | log2 | True
limma, lower case      | gene=id; logfc=effect; aveexpr=mean; t=t; p.value=p; adj.p.val=adj; b=B | log2 | True
limma, ID and symbol   | =ROW; ID=id; SYMBOL=SYMBOL; logFC=effect; AveExpr=mean; t=t; P.Value=p; adj.P.Val=adj; B=B | log2 | True
limma voom genes frame | =ROW; ENSEMBL=id; Length=COUNT; SYMBOL=SYMBOL; logFC=effect; AveExpr=mean; t=t; P.Value=p; adj.P.Val=adj; B=B | log2 | True
limma treat            | =id; logFC=effect; AveExpr=mean; t=t; P.Value=p; adj.P.Val=adj | log2 | True
dream                  | =id; logFC=effect; AveExpr=mean; t=t; P.Value=p; adj.P.Val=adj; B=B; z.std=T | log2 | True
geo2r                  | ID=id; adj.P.Val=adj; P.Value=p; t=t; B=B; logFC=effect; Gene.symbol=SYMBOL; Gene.title=TEXT | log2 | True
geo2r rna-seq          | GeneID=id; padj=adj; pvalue=p; lfcSE=se; stat=t; log2FoldChange=effect; baseMean=counts; Symbol=SYMBOL; Description=TEXT | log2 | True
deseq2                 | =id; baseMean=counts; log2FoldChange=effect; lfcSE=se; stat=t; pvalue=p; padj=adj | log2 | True
deseq2 rows and symbol | =ROW; gene=id; baseMean=counts; log2FoldChange=effect; lfcSE=se; stat=t; pvalue=p; padj=adj; symbol=SYMBOL | log2 | True
deseq2 readr           | ...1=ROW; row=id; baseMean=counts; log2FoldChange=effect; lfcSE=se; stat=t; pvalue=p; padj=adj | log2 | True
deseq2 pandas          | Unnamed: 0=id; baseMean=counts; log2FoldChange=effect; lfcSE=se; stat=t; pvalue=p; padj=adj | log2 | True
deseq2 Row.names       | =ROW; Row.names=id; baseMean=counts; log2FoldChange=effect; lfcSE=se; stat=t; pvalue=p; padj=adj; s1=COUNT; s2=COUNT | log2 | True
deseq2 LRT             | =id; baseMean=counts; log2FoldChange=effect; lfcSE=se; statistic:stat=F; pvalue=p; padj=adj | log2 | False
deseq2 tidy            | gene=id; baseMean=counts; log2FoldChange=effect; stderror:lfcSE=se; statistic=t; p.value=p; p.adjusted=adj | log2 | True
deseq (1)              | =ROW; id=id; baseMean=counts; baseMeanA=COUNT; baseMeanB=COUNT; foldChange=RATIO; log2FoldChange=effect; pval=p; padj=adj | log2 | None
broom                  | gene=id; estimate=effect; std.error=se; statistic=t; p.value=p | log2 | True
nf-core                | gene_id=id; baseMean=counts; log2FoldChange=effect; lfcSE=se; pvalue=p; padj=adj | log2 | None
nf-core name           | gene_id=id; gene_name=SYMBOL; baseMean=counts; log2FoldChange=effect; lfcSE=se; pvalue=p; padj=adj | log2 | None
galaxy with header     | GeneID=id; Base mean=counts; log2(FC)=effect; StdErr=se; Wald-Stats=t; P-value=p; P-adj=adj; Chromosome=TEXT | log2 | True
galaxy edger           | GeneID=id; logFC=effect; logCPM=mean; F=statistic:F; PValue=p; FDR=adj | log2 | False
edger exact            | =id; logFC=effect; logCPM=mean; PValue=p; FDR=adj | log2 | None
edger genes            | genes=id; logFC=effect; logCPM=mean; PValue=p; FDR=adj | log2 | None
edger lrt              | =id; logFC=effect; logCPM=mean; LR=statistic:F; PValue=p; FDR=adj | log2 | False
edger glm F            | =id; logFC=effect; logCPM=mean; F=statistic:F; PValue=p; FDR=adj | log2 | False
edger treat            | =id; logFC=effect; unshrunk.logFC=T; logCPM=mean; PValue=p; FDR=adj | log2 | None
seurat 5               | =ROW; p_val=p; avg_log2FC=effect; pct.1=SHARE; pct.2=SHARE; p_val_adj=adj; cluster=group; gene=id | log2 | None
seurat markers         | =id; p_val=p; avg_log2FC=effect; pct.1=SHARE; pct.2=SHARE; p_val_adj=adj | log2 | None
seurat 2               | =SYMBOL; p_val=p; avg_logFC=effect; pct.1=SHARE; pct.2=SHARE; p_val_adj=adj; cluster=group; gene=id | ln | None
scanpy                 | group=group; names=id; scores=t; logfoldchanges=effect; pvals=p; pvals_adj=adj | log2 | True
scanpy pandas          | =ROW; names=id; scores=t; logfoldchanges=effect; pvals=p; pvals_adj=adj; pct_nz_group=SHARE | log2 | True
presto                 | feature=id; group=group; avgExpr=mean; logFC=effect; statistic=statistic:F; auc=SHARE; pval=p; padj=adj; pct_in=SHARE; pct_out=SHARE | ln | False
mast                   | primerid=id; Pr(>Chisq)=p; coef=effect; ci.hi=T; ci.lo=T; fdr=adj | log2 | None
muscat                 | gene=id; cluster_id=group; logFC=effect; logCPM=mean; F=statistic:F; p_val=p; p_adj.loc=adj; p_adj.glb=SHARE; contrast=TEXT | log2 | False
monocle3               | gene_id=id; gene_short_name=SYMBOL; term=one; estimate=T; std_err=SE; test_val=t; p_value=p; normalized_effect=effect; q_value=adj | log2 | True
diffxpy                | =ROW; gene=id; pval=p; qval=adj; log2fc=effect; mean=counts; zero_mean=TEXT; ll=T | log2 | None
libra                  | cell_type=group; gene=id; avg_logFC=effect; p_val=p; p_val_adj=adj; de_family=TEXT; de_method=TEXT; de_type=TEXT | log2 | None
sleuth                 | target_id=id; pval=p; qval=adj; b=effect; se_b=se; mean_obs=mean; var_obs=SHARE; tech_var=SHARE | ln | None
sleuth LRT             | target_id=id; pval=p; qval=adj; test_stat=statistic:F; rss=SHARE; degrees_free=COUNT; mean_obs=mean; var_obs=SHARE; tech_var=SHARE; sigma_sq=SHARE | None | False
cuffdiff               | test_id=id; gene_id=SYMBOL; gene=SYMBOL; locus=TEXT; sample_1=TEXT; sample_2=TEXT; status=TEXT; value_1=COUNT; value_2=COUNT; log2(fold_change)=effect; test_stat=t; p_value=p; q_value=adj; significant=FLAG | log2 | True
ballgown               | feature=TEXT; id=id; fc=ratio; pval=p; qval=adj | linear | None
dexseq                 | =id; groupID=SYMBOL; featureID=TEXT; exonBaseMean=counts; dispersion=SHARE; stat=statistic:F; pvalue=p; padj=adj; A=COUNT; B=COUNT; log2fold_B_A=effect | log2 | False
noiseq                 | =id; ctrl_mean=COUNT; case_mean=COUNT; M=effect; D=COUNT; prob=SHARE; ranking=T | log2 | None
msstats                | Protein=id; Label=one; log2FC=effect; SE=se; Tvalue=t; DF=COUNT; pvalue=p; adj.pvalue=adj; issue=BLANK | log2 | True
deqms                  | =ROW; logFC=effect; AveExpr=mean; t=T; P.Value=P; adj.P.Val=ADJ; B=B; gene=id; count=COUNT; sca.t=t; sca.P.Value=p; sca.adj.pval=adj | log2 | True
proda                  | name=id; pval=p; adj_pval=adj; diff=effect; t_statistic=t; se=se; df=COUNT; avg_abundance=mean; n_approx=SHARE; n_obs=COUNT | log2 | True
dep                    | name=id; ID=SYMBOL; Ko_vs_Wt_p.val=p; Ko_vs_Wt_p.adj=adj; Ko_vs_Wt_significant=FLAG; significant=FLAG; Ko_vs_Wt_ratio=effect; Ko_centered=T | log2 | None
spectronaut            | Comparison (group1/group2)=one; Group=id; AVG Log2 Ratio=effect; Absolute AVG Log2 Ratio=ABS; Pvalue=p; Qvalue=adj; Genes=SYMBOL; # of Ratios=COUNT | log2 | None
perseus                | Student's T-test Significant A_B=FLAG; -Log Student's T-test p-value A_B=p:logp; Student's T-test q-value A_B=adj; Student's T-test Difference A_B=effect; Student's T-test Test statistic A_B=t; Protein IDs=id | log2 | True
metaboanalyst volcano  | =id; FC=RATIO; log2(FC)=effect; raw.pval=p; -log10(p)=LOGP | log2 | None
metaboanalyst only log | =id; FC=RATIO; log2(FC)=effect; -log10(p)=p:logp | log2 | None
partek                 | Gene ID=id; Gene name=SYMBOL; P-value (KO vs WT)=p; FDR step up (KO vs WT)=adj; Ratio (KO vs WT)=RATIO; Fold change (KO vs WT)=effect:fold; LSMean(KO) (KO vs WT)=COUNT; LSMean(WT) (KO vs WT)=COUNT | linear | None
clc                    | Name=id; Chromosome=TEXT; Max group mean=COUNT; Log₂ fold change=effect; Fold change=FOLD; P-value=p; FDR p-value=adj; Bonferroni=SHARE | log2 | None
tac                    | ID=id; KO Avg (log2)=MEAN; WT Avg (log2)=MEAN; Fold Change=effect:fold; P-val=p; FDR P-val=adj; Gene Symbol=SYMBOL; Description=TEXT | linear | None
script 1               | Gene=id; log2(FC)=effect; -log10(p)=LOGP; p-value=p; FDR=adj | log2 | None
script 2               | gene_name=id; FoldChange=effect:ratio; p-value=p; q.value=adj | linear | None
script 3               | Gene=id; FoldChange=effect:fold; pvalue=p; FDR=adj | linear | None
script 4               | gene=id; mean_case=MEAN; mean_ctrl=MEAN; log2_fold_change=effect; t_stat=t; p_value=p; adj_p_value=adj; significant=FLAG | log2 | True
script 5               | Gene Symbol=id; Log2 Fold Change=effect; P Value=p; Adjusted P Value=adj | log2 | None
script 6               | protein=id; mean_diff=effect; t=t; p=p; p_adj=adj | log2 | True
script 7               | Gene=id; logFC_treated_vs_control=effect; PValue_treated_vs_control=p; FDR_treated_vs_control=adj | log2 | None
script 8               | gene_id=id; treated_vs_ctrl.log2FoldChange=effect; treated_vs_ctrl.pvalue=p; treated_vs_ctrl.padj=adj | log2 | None
script 9               | =ROW; gene=id; log2FC=effect; pvalue=p; padj=adj; neg_log10_padj=LOGP; regulation=FLAG | log2 | None
script 10              | Gene=id; logFC=effect; p=p; BH=adj; Bonferroni=SHARE | log2 | None
script 11              | feature=id; lfc=effect; wilcoxon_p=p; p_fdr=adj | log2 | None
script 12              | gene=id; ln_fold_change=effect; pval=p | ln | None
script 13              | symbol=id; coef=effect; SE=se; z=t; p-value=p; fdr_bh=adj | log2 | True
id last                | logFC=effect; AveExpr=mean; t=t; P.Value=p; adj.P.Val=adj; B=B; label=id | log2 | True
"""
ROLE = {"counts": "mean", "t": "statistic", "adj": "adjusted_p", "B": "log_odds", "fold": "effect", "ratio": "effect", "one": "group"}


def family(line: str) -> tuple[str, pd.DataFrame, dict[str, str | None], str | None, bool | None]:
    name, fields, scale, signed = (part.strip() for part in line.split(" | "))
    wanted: dict[str, str | None] = dict.fromkeys(
        ("id", "effect", "mean", "statistic", "p", "adjusted_p", "se", "log_odds", "group")
    )
    headers, columns = [], []
    for field in fields.split("; "):
        header, kind = field.rsplit("=", 1)
        header = header.split(":")[-1] if header.startswith(("statistic:", "stderror:")) else header
        role, _, values = kind.rpartition(":")
        noise = values.lower() if values not in COLUMN else values
        headers.append(header)
        columns.append(COLUMN[values] if values in COLUMN and not values.isupper() or role else COLUMN.get(values, COLUMN.get(noise)))
        if role or not values.isupper():
            wanted[role or ROLE.get(values, values)] = header
        elif values in ("F", "B") and field.startswith("statistic:"):
            wanted["statistic"] = header
        elif values == "B":
            wanted["log_odds"] = header
    frame = pd.DataFrame(dict(enumerate(columns)))
    frame.columns = pd.Index(headers)
    return name, frame, wanted, None if scale == "None" else scale, {"True": True, "False": False, "None": None}[signed]


@pytest.mark.parametrize("line", FAMILIES.strip().splitlines(), ids=lambda line: line.split("|")[0].strip())
def test_a_family_is_read_by_its_headers(line, tmp_path):
    _, frame, wanted, scale, signed = family(line)
    file = tmp_path / "table.tsv"
    frame.to_csv(file, sep="\t", index=False)
    table = read(file)
    found = describe(table)
    assert found["columns"] == wanted
    assert found["effect_scale"] == scale
    assert found["statistic_signed"] is signed
    if scale is not None:
        per = {"log2": 1.0, "linear": 1.0, "ln": np.log(2)}[scale]
        np.testing.assert_allclose(table.frame["logFC"], LOG / per, rtol=1e-12)
    if wanted["p"]:
        np.testing.assert_allclose(table.frame["P.Value"], P, rtol=1e-12)
