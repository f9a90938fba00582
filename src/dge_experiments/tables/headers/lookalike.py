"""What a table is instead, where it is none of differential expression results."""

import re

import numpy as np

from dge_experiments.tables.files.source import Facts
from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.dialect import words

SETS, VARIANTS = "its rows are gene sets, not genes", "its rows are variants"
STRANGE = (  # what, why not, how many of its words tell it, the words; those of which one is enough
    ("peaks of one experiment", "compare conditions first", 1, "", "abs_summit pileup summit"),
    ("an enrichment result", SETS, 2, """es setsize leadingedge leading_edge overlap odds_ratio intersection_size
     term_size term_id term_name geneid_list nom_p_val rank_at_max pathway_name numincat go_id go_term pathway_id
     query_size ngenes annotated gs_details pop_hits list_total enrichment""",
     """nes enrichmentscore enrichment_score generatio bgratio foldenrichment fold_enrichment core_enrichment
     combined_score classicfisher fdr_q_val fwer_p_val richfactor num_de_in_cat numdeincat
     over_represented_pvalue ingenuity_canonical_pathways upstream_regulator activation_z_score interm_inlist
     background_gene_count entities_pvalue entities_fdr enrichmentratio p_de"""),
    ("an association (GWAS, eQTL) result", VARIANTS, 4, """chr chrom chromosome bp pos position
     base_pair_location a1 a2 allele1 allele2 maf eaf effect_allele other_allele effect_allele_frequency beta
     effectsize effect_size nearest_genes""", "snp snps rsid rs_id variant_id markername markerid"),
    ("a survival (Cox) result", "its effect is a hazard ratio", 1, "", """hr hazard_ratio hazardratio exp_coef
     hr_95l hr_95h"""),
    ("a differential methylation result", "its effect is a difference of shares", 1, "", """meth_diff
     diff_methy meandiff maxdiff mean_meth_diff methylation_difference no_cpgs"""),
    ("a differential splicing result", "its effect is a difference of shares", 1, "", """incleveldifference
     inclevel1 inclevel2 deltapsi delta_psi dpsi loglr"""),
)  # fmt: skip
OTHER = (
    ("an enrichment result", SETS, 3, "up down n ont term pathway p_up p_down description size fdr", "p_up"),
    ("the expression of one sample", "test for differences between samples first", 2, """tpm fpkm length
     numreads effectivelength effective_length eff_length est_counts expected_count coverage""", ""),
    ("a count matrix of featureCounts", "run DESeq2, edgeR or limma on it first", 6,
     "geneid chr start end strand length", ""),
    ("a table of variants", VARIANTS, 3, "chrom chr pos ref alt", "variant_classification"),
    ("metadata of cells", "its rows are cells, not genes", 1, "", """ncount_rna nfeature_rna percent_mt
     n_genes_by_counts total_counts pct_counts_mt orig_ident"""),
    ("coordinates of samples or cells", "its rows are no genes", 2, """pc1 pc2 pc_1 pc_2 umap_1 umap_2 umap1
     umap2 tsne_1 tsne_2 tsne1 tsne2 dim1 dim2 mds1 mds2""", ""),
    ("correlations", "there is no difference between groups", 1, "", """cor rho correlation pearson spearman
     pearson_r spearman_r kendall bicor modulecolor"""),
)  # fmt: skip
SAMPLES = set(
    """sample sampleid sample_id sample_name sample_accession srr run experiment fastq_1 fastq_2 biosample
    bioproject condition treatment replicate batch librarylayout library_layout librarysource library_source
    platform organism source_name tissue sex age geo_accession sample_title instrument strandedness assay_type
    patient_id patient""".split()
)
EFFECTS = {"logfc", "log2foldchange", "log2fc", "avglog2fc", "avglogfc"}
TESTED = r"(^|_)(p|q|fdr|p?adj|[pq]_?val(ue)?s?|t|stat)(_|$)"


def strange(facts: Facts) -> str | None:
    """What a table is by headers that no DGE table has; a log fold change beside them speaks against it."""
    names = {words(header) for header in facts.headers}
    effects = {name.replace("_", "") for name in names} & EFFECTS
    return _kind(names, STRANGE[1:2] if effects else STRANGE)


def table(facts: Facts) -> str | None:
    """What a table without effect and p value is: counts, expression, samples, gene sets; None if unclear."""
    columns = Columns(facts)
    names = {words(header) for header in facts.headers}
    found = _kind(names, OTHER)
    if found:
        return found
    numeric = [i for i in range(len(columns)) if columns.numeric(i) and len(columns.values(i))]
    values = [columns.values(i) for i in numeric]
    whole = [bool((v >= 0).all() and (v == np.round(v)).all()) for v in values]
    texts = len(columns) - len(numeric)
    marked = names & SAMPLES
    if len(marked) >= 3 or (marked and texts >= len(numeric) and len(facts.sample) < 2000):
        return f"a sample sheet ({', '.join(sorted(marked)[:5])}): its rows are samples, not genes"
    if _intervals(columns, names):
        return "genomic intervals (BED, GTF, peaks): its rows have places, not tests"
    if len(columns) == 2 and len(numeric) == 1 and texts == 1:
        return "a list of genes with one number each: an effect and its p value are needed"
    if not numeric:
        return "a list or an annotation: it has no numbers"
    if len(numeric) >= 2 and texts <= max(2, len(numeric)):
        if all(whole):
            what = f"a count matrix ({len(numeric)} columns of whole numbers)"
            return f"{what}: run DESeq2, edgeR or limma on it first"
        if len(numeric) >= 3 and texts <= 2 and not any(re.search(TESTED, name) for name in names):
            return (
                f"an expression matrix ({len(numeric)} columns of measurements): test for differences first"
            )
    return None


def _kind(names: set[str], kinds: tuple[tuple[str, str, int, str, str], ...]) -> str | None:
    for what, means, enough, several, alone in kinds:
        sole = names & set(alone.split())
        found = sole | names & set(several.split())
        if sole or len(found) >= enough:
            return f"{what} ({', '.join(sorted(found))}): {means}"
    return None


def _intervals(columns: Columns, names: set[str]) -> bool:
    """Whether rows begin with a chromosome and have a start and an end."""
    if {"start", "end"} <= names and names & {"chr", "chrom", "seqnames", "chromosome"}:
        return True
    return len(columns) >= 3 and bool(columns.text(0).str.fullmatch(r"(?i)chr[0-9a-z_]+").mean() > 0.9)
