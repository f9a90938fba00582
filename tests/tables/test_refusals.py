"""What is no table of results is refused in one line that says what it is; what is unclear is asked."""

import json

import numpy as np
import pandas as pd
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.tables import read

RNG = np.random.default_rng(3)
GENES = [f"gene{i}" for i in range(30)]
COUNTS = pd.DataFrame(RNG.integers(0, 900, (30, 6)), columns=[f"s{i}" for i in range(6)]).assign(gene=GENES)
OTHERS = {
    "a count matrix": COUNTS[["gene", *(f"s{i}" for i in range(6))]].to_csv(index=False),
    "an expression matrix": (COUNTS.set_index("gene") / 7).to_csv(sep="\t"),
    "a sample sheet": "sample,condition,replicate,fastq_1\n"
    + "\n".join(f"s{i},ctrl,{i},s{i}.fq.gz" for i in range(6)),
    "an enrichment result (bgratio, generatio)": (
        "ID,Description,GeneRatio,BgRatio,pvalue,p.adjust,qvalue,geneID,Count\n"
        + "\n".join(f"GO:{i:07d},a term,3/40,12/900,0.0{i + 1},0.1,0.1,A/B/C,3" for i in range(5))
    ),
    "an enrichment result (es, nes)": "pathway,pval,padj,log2err,ES,NES,size\n"
    + "\n".join(f"P{i},.01,.02,.3,.4,1.5,20" for i in range(5)),
    "an association (GWAS, eQTL) result": "SNP\tCHR\tBP\tA1\tBETA\tSE\tP\n"
    + "\n".join(f"rs{i}\t1\t{i}\tA\t0.1\t0.02\t0.5" for i in range(5)),
    "an HTML page": "<!DOCTYPE html>\n<html><body>log2FoldChange, padj</body></html>\n",
    "a git-lfs pointer": "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
    "a web server's error message": "404: Not Found",
    "JSON": json.dumps([{"gene": "A", "logFC": 1}]),
    "a VCF file": "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\n1\t2\trs1\n",
    "a GEO series matrix": '!Series_title\t"x"\n!Series_geo_accession\t"GSE1"\n"ID_REF"\t"GSM1"\n"a"\t1.0\n',
    "a FASTA file": ">seq1\nACGTACGT\n>seq2\nACGT\n",
    "an enrichment result (ingenuity_canonical_pathways)": "Ingenuity Canonical Pathways,-log(p-value),zScore,Ratio\n"
    + "\n".join(f"P{i},2.1,0.5,0.1" for i in range(5)),
    "a survival (Cox) result": "gene,coef,exp(coef),z,Pr(>|z|)\nA,0.1,1.1,2,0.04\nB,-0.1,0.9,-2,0.04\n",
    "a differential methylation result": "chr\tstart\tend\tpvalue\tqvalue\tmeth.diff\n"
    + "\n".join(f"chr1\t{i}\t{i}\t0.1\t0.2\t-20.5" for i in range(5)),
    "a differential splicing result": "GeneID,PValue,FDR,IncLevel1,IncLevel2,IncLevelDifference\nA,.1,.2,.3,.4,-.1\n",
    "the expression of one sample": "Name\tLength\tEffectiveLength\tTPM\tNumReads\nT1\t900\t750.5\t3.2\t11\n",
    "peaks of one experiment": "chr\tabs_summit\tpileup\t-log10(pvalue)\tfold_enrichment\nchr1\t9\t3\t2.5\t1.5\n",
    "genomic intervals": "".join(f"chr1\t{i}\t{i + 9}\tp{i}\t{i}\t+\n" for i in range(9)),
    "metadata of cells": "barcode,nCount_RNA,nFeature_RNA\nA-1,900,300\nB-1,800,200\n",
    "coordinates of samples": "sample,PC1,PC2\ns1,0.5,1.5\ns2,-0.5,2.5\n",
    "correlations (rho)": "gene1,gene2,rho,pvalue,FDR\nA,B,0.5,0.1,0.2\nB,C,-0.5,0.1,0.2\n",
    "a list of genes with one number": "gene\tscore\nA\t1.5\nB\t-2.5\n",
    "an expression matrix (GCT)": "#1.2\n2\t2\nName\tDescription\ts1\ts2\nA\tx\t1\t2\nB\tx\t1\t2\n",
    "a Markdown document": "# Results\n\n| gene | log2FC | padj |\n|---|---|---|\n| A | 1.2 | 0.1 |\n| B | 1 | 1 |\n",
}


@pytest.mark.parametrize("what", OTHERS)
def test_another_kind_of_file_is_named(what, tmp_path):
    file = tmp_path / "table.csv"
    file.write_text(OTHERS[what])
    with pytest.raises(BadInput) as refusal:
        read(file)
    assert f"{file}: not a DGE table: it looks like {what}" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n  \n", "the file is empty"),
        (b"gene,logFC,P.Value\n", "a header and no rows"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"\xd0\xcf\x11\xe0abc", "an old Excel workbook"),
        (b"%PDF-1.7", "a PDF document"),
        (b"ARROW1\0\0", "an Arrow or Feather file"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"t.csv".ljust(257, b"\0") + b"ustar\0", "a tar archive"),
        (b"a\x00\x01\x02b,c\x00\n" * 9, "a binary file"),
        (b"words\nmore\n", "no header and columns found"),
    ],
)
def test_no_table_at_all(content, message, tmp_path):
    file = tmp_path / "t.csv"
    file.write_bytes(content)
    with pytest.raises(BadInput, match=message):
        read(file)


def test_no_such_file_and_a_folder(tmp_path):
    with pytest.raises(BadInput, match="no such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(BadInput, match="not a file"):
        read(tmp_path)


def test_text_in_a_numeric_column_names_column_line_and_cell(limma, tmp_path):
    limma = limma.copy()
    limma.loc[[4, 9], "AveExpr"] = ["high", "low"]
    file = tmp_path / "t.csv"
    limma.to_csv(file, index=False)
    with pytest.raises(BadInput, match=r"column 'AveExpr', line 6: 'high' is not a number \(2 such rows\)"):
        read(file)


def test_a_truncated_row_is_refused(limma, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(limma.to_csv(index=False).rstrip()[:-40])
    with pytest.raises(BadInput, match="does not fit the header of 7 columns"):
        read(file)


def test_two_effects_are_asked_about(limma, tmp_path):
    file = tmp_path / "t.csv"
    limma.assign(**{"logFC.B": limma["logFC"], "logFC.C": limma["t"]}).drop(columns="logFC").to_csv(
        file, index=False
    )
    with pytest.raises(BadInput) as asked:
        read(file)
    assert (
        "2 columns could be the effect: 'logFC.B', 'logFC.C'; say which with data.columns.effect=NAME"
        in str(asked.value)
    )
    assert read(file, columns={"effect": "logFC.C"}).roles["effect"] == "logFC.C"


def test_the_callers_columns_stand(limma, tmp_path):
    file = tmp_path / "t.csv"
    limma.rename(columns={"logFC": "myFC", "P.Value": "chance"}).to_csv(file, index=False)
    table = read(file, columns={"effect": "myFC", "p": "chance"})
    np.testing.assert_array_equal(table.frame["logFC"], limma["logFC"].astype(float))
    assert table.columns["P.Value"] == "chance"
    limma[["ID", "logFC", "P.Value"]].set_axis(["x1", "x2", "x3"], axis=1).to_csv(file, index=False)
    assert read(file, columns={"id": "x1", "effect": "x2", "p": "x3"}).dialect == "generic"
    limma.rename(columns={"logFC": "myFC", "P.Value": "chance"}).to_csv(file, index=False)
    with pytest.raises(BadInput, match=r"data.columns.effekt: no such role; did you mean effect\?"):
        read(file, columns={"effekt": "myFC"})
    with pytest.raises(BadInput, match=r"data.columns.effect=my_fold: no such column \(found 'ID', 'myFC'"):
        read(file, columns={"effect": "my_fold"})


def test_a_dialect_by_name(limma, tmp_path):
    file = tmp_path / "t.csv"
    limma.to_csv(file, index=False)
    assert read(file, dialect="limma_voom").dialect == "limma_voom"
    with pytest.raises(BadInput, match=r"data.dialect=lima: no such dialect; did you mean limma\?"):
        read(file, dialect="lima")


def test_missing_values_can_be_an_error(limma, tmp_path):
    limma = limma.copy()
    limma.loc[[2, 3], "adj.P.Val"] = "NA"
    file = tmp_path / "t.csv"
    limma.to_csv(file, index=False)
    assert len(read(file).frame) == len(limma) - 2
    with pytest.raises(
        BadInput, match=r"2 of 400 rows lack a finite number .* \(first: line 4\); data.missing=drop"
    ):
        read(file, missing="error")
    with pytest.raises(BadInput, match=r"data\.missing=ignore: must be drop, error or keep"):
        read(file, missing="ignore")


def test_columns_without_a_single_number(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("gene,logFC,P.Value\nA,NA,NA\nB,NA,NA\n")
    with pytest.raises(BadInput, match="no row has a number in 'logFC', 'P.Value'"):
        read(file)
