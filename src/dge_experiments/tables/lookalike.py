"""What a file looks like instead, where it is no table of differential expression results."""

import re

import numpy as np

from dge_experiments.tables.columns import Columns
from dge_experiments.tables.dialect import words
from dge_experiments.tables.source import Facts

ENRICHMENT = {
    "nes", "enrichmentscore", "enrichment_score", "es", "setsize", "generatio", "bgratio", "leadingedge",
    "leading_edge", "core_enrichment",
    "foldenrichment", "fold_enrichment", "combined_score", "overlap", "odds_ratio", "intersection_size",
    "term_size", "term_id", "term_name",
    "geneid_list", "fdr_q_val", "fwer_p_val", "nom_p_val", "rank_at_max", "richfactor", "pathway_name",
    "num_de_in_cat", "numincat",
    "go_id", "go_term", "pathway_id", "query_size", "ngenes", "over_represented_pvalue",
    "annotated", "classicfisher", "gs_details", "pop_hits", "list_total", "enrichment",
}  # fmt: skip
SAMPLES = {
    "sample", "sampleid", "sample_id", "sample_name", "sample_accession", "srr", "run", "experiment",
    "fastq_1", "fastq_2", "biosample",
    "bioproject", "condition", "treatment", "replicate", "batch", "librarylayout", "library_layout",
    "librarysource", "library_source",
    "platform", "organism", "source_name", "tissue", "sex", "age", "geo_accession", "sample_title",
    "instrument", "strandedness", "assay_type",
}  # fmt: skip
GWAS = {
    "chr",
    "chrom",
    "bp",
    "pos",
    "position",
    "snp",
    "rsid",
    "a1",
    "a2",
    "effect_allele",
    "other_allele",
    "maf",
    "eaf",
    "beta",
}
TESTED = r"(^|_)(p|q|fdr|p?adj|[pq]_?val(ue)?s?|t|stat)(_|$)"
PROSE = (
    (r"version https://git-lfs\.github\.com/spec", "a git-lfs pointer: fetch the file with `git lfs pull`"),
    (r"(?i)<(!doctype|html|head|body|\?xml)", "an HTML page: download the file, not the page about it"),
    (r"(?i)\s*(404|403|401|500|502|503)[:\s]", "a web server's error message: download the file again"),
    (r"\s*[\[{]", "JSON: a table as CSV, TSV, XLSX or Parquet is needed"),
    (r"##fileformat=VCF", "a VCF file of variants"),
    (r"(?s)([^\n]*\n){0,5}![Ss]eries_|\^SERIES|\^SAMPLE", "a GEO series matrix: samples, not results"),
    (r">[^\n]*\n[A-Za-z*\-\n]+", "a FASTA file of sequences"),
    (r"@[^\n]+\n[ACGTN]+\n\+", "a FASTQ file of reads"),
    (r"##gff-version|#!genome-build", "a gene annotation (GFF/GTF)"),
    (r"(?i)\s*(---|title:|#!/|import |library\(|suppressPackage)", "a script or a document"),
)  # fmt: skip


def prose(start: str) -> str | None:
    """What a text that is no table is, by its beginning; None if nothing is plain."""
    return next((what for pattern, what in PROSE if re.match(pattern, start.lstrip("\ufeff"))), None)


def strange(facts: Facts) -> str | None:
    """What a table is by headers that no DGE table has: an enrichment or association result."""
    names = {words(header) for header in facts.headers}
    enriched = names & ENRICHMENT
    squeezed = {name.replace("_", "") for name in names}
    if len(enriched) >= 2 or enriched & {"nes", "generatio", "bgratio", "foldenrichment", "fold_enrichment"}:
        return f"an enrichment result ({', '.join(sorted(enriched))}): its rows are gene sets, not genes"
    if len(names & GWAS) >= 4 and not squeezed & {"logfc", "log2foldchange", "log2fc"}:
        return f"an association (GWAS) result ({', '.join(sorted(names & GWAS))}): its rows are variants"
    return None


def table(facts: Facts) -> str | None:
    """What a table without effect and p value is: counts, expression, samples, gene sets; None if unclear."""
    columns = Columns(facts)
    names = {words(header) for header in facts.headers}
    if names & ENRICHMENT and any(h in names for h in ("description", "term", "pathway")):
        return "an enrichment result: its rows are gene sets, not genes"
    numeric = [i for i in range(len(columns)) if columns.numeric(i) and len(columns.values(i))]
    values = [columns.values(i) for i in numeric]
    whole = [bool((v >= 0).all() and (v == np.round(v)).all()) for v in values]
    texts = len(columns) - len(numeric)
    marked = names & SAMPLES
    if {"geneid", "chr", "start", "end", "strand", "length"} <= names:
        return "a count matrix (of featureCounts): run DESeq2, edgeR or limma on it first"
    if len(marked) >= 3 or (marked and texts >= len(numeric) and len(facts.sample) < 2000):
        return f"a sample sheet ({', '.join(sorted(marked)[:5])}): its rows are samples, not genes"
    if len(numeric) >= 2 and texts <= max(2, len(numeric)):
        if all(whole):
            what = f"a count matrix ({len(numeric)} columns of whole numbers)"
            return f"{what}: run DESeq2, edgeR or limma on it first"
        if len(numeric) >= 3 and texts <= 2 and not any(re.search(TESTED, name) for name in names):
            return (
                f"an expression matrix ({len(numeric)} columns of measurements): test for differences first"
            )
    return None
