"""What a text that is no table is, by its beginning."""

import re

KINDS = (
    (r"version https://git-lfs\.github\.com/spec", "a git-lfs pointer: fetch the file with `git lfs pull`"),
    (r"(\.\./)*\.?(git)?/annex/objects/", "a git-annex pointer: fetch the file with `git annex get`"),
    (r"(?i)<(!doctype|html|head|body|table)", "an HTML page: download the file, not the page about it"),
    (r"<\?xml", "XML: download the table itself, as CSV, TSV, XLSX or Parquet"),
    (r"(?i)(4\d\d|50\d):|not found|access denied|(internal )?server error",
     "a web server's error message: download the file again"),
    (r"\{\\rtf", "a text document (RTF): a table as CSV, TSV or XLSX is needed"),
    (r"[\[{]", "JSON: a table as CSV, TSV, XLSX or Parquet is needed"),
    (r"##fileformat=VCF", "a VCF file of variants"),
    (r"(?s)([^\n]*\n){0,5}![Ss]eries_|\^SERIES|\^SAMPLE", "a GEO series matrix: samples, not results"),
    (r"\^(PLATFORM|DATABASE)|!Platform_", "a GEO platform (SOFT): an annotation of probes, not results"),
    (r"#1\.[23]\n\d+\t\d+", "an expression matrix (GCT): test for differences first"),
    (r"@(HD|SQ|RG|PG)\t", "a SAM alignment: a table of results is needed"),
    (r">[^\n]*\n[A-Za-z*\-\n]+", "a FASTA file of sequences"),
    (r"@[^\n]+\n[ACGTN]+\n\+", "a FASTQ file of reads"),
    (r"##gff-version|#!genome-build", "a gene annotation (GFF/GTF)"),
    (r"(?s)([^\n]*\n){1,40}\s*\|?\s*:?-{3,}:?\s*\|", "a Markdown document: save its table as CSV or TSV"),
    (r"(?i)(---|title:|#!/|import |from \w+ import|library\(|suppressPackage)", "a script or a document"),
)  # fmt: skip


def kind(start: str) -> str | None:
    """What a text is; None if nothing is plain."""
    text = start.lstrip("\ufeff \t\r\n")
    return next((what for pattern, what in KINDS if re.match(pattern, text)), None)
