"""Kinds of tables that were once read wrong or refused: small ones, made here, with known answers."""

import gzip
import zipfile

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, norm

from dge_experiments.errors import BadInput
from dge_experiments.tables import Table, describe, read

N = 120
RNG = np.random.default_rng(11)
Z = RNG.normal(size=N) * 2
P = 2 * norm.sf(np.abs(Z))
PADJ = false_discovery_control(P)
LOG = Z * 0.4
GENES = [f"GENE{i}" for i in RNG.permutation(N)]
ACCESSIONS = [f"P{i:05d}" for i in RNG.permutation(N)]


def table(
    folder, cells: dict[str, object], *, name="t.csv", sep=",", tail="", encoding="utf-8", **options
) -> Table:
    text = pd.DataFrame(cells).to_csv(index=False, sep=sep) + tail
    (folder / name).write_bytes(text.encode(encoding))
    return read(folder / name, **options)


def codes(found: Table) -> set[str]:
    return {finding.code for finding in found.findings}


@pytest.mark.parametrize(
    ("write", "code", "exact"),
    [
        (lambda p: f"{100 * p:.6g}%", "written_percent", 1e-5),
        (lambda p: f"{100 * p:.6g} %", "written_percent", 1e-5),
        (lambda p: "{} × 10^{}".format(*f"{p:.6e}".split("e")), "written_power", 1e-6),
        (lambda p: "{}x10{}".format(*f"{p:.6e}".split("e")), "written_power", 1e-6),
        (lambda p: "{} * 10 ^ ({})".format(*f"{p:.6e}".split("e")), "written_power", 1e-6),
        (lambda p: "{} · 10{}".format(*f"{p:.6e}".replace("e-0", "e-").split("e")).translate(
            str.maketrans("-", "⁻")), "written_power", 1e-6),
        (lambda p: f"{p:.6e}" + "*" * int(p < 0.05) + "*" * int(p < 0.01), "written_marked", 1e-6),
        (lambda p: f"{p:.6e} ns" if p > 0.05 else f"{p:.6e}", "written_marked", 1e-6),
        (lambda p: "<0.001" if p < 0.001 else f"{p:.8f}", "written_bound", None),
        (lambda p: "P < .001" if p < 0.001 else f"{p:.8f}", "written_bound", None),
        (lambda p: "≤ 1e-3" if p < 0.001 else f"{p:.8f}", "written_bound", None),
        (lambda p: f"{p:.6e}".replace("e", " E "), None, 1e-6),
    ],
)  # fmt: skip
def test_probabilities_in_other_notations(write, code, exact, tmp_path):
    found = table(tmp_path, {"gene": GENES, "log2FC": LOG, "p-value": list(map(write, P))})
    expected = P if exact else np.maximum(P, 0.001)
    np.testing.assert_allclose(found.frame["P.Value"], expected, rtol=exact or 1e-6, atol=1e-8)
    assert code is None or code in codes(found)


def test_decimal_commas_with_points_for_thousands(tmp_path):
    counts = [f"{1234.56 * (i + 1):,.2f}".translate(str.maketrans(",.", ".,")) for i in range(N)]
    found = table(tmp_path, {"gene": GENES, "log2FC": LOG, "pvalue": P, "baseMean": counts}, sep="\t")
    np.testing.assert_allclose(found.frame["AveExpr"], np.log2(1234.56 * np.arange(1, N + 1) + 1))


def test_a_known_header_whose_values_are_no_numbers_is_a_finding(tmp_path):
    found = table(
        tmp_path, {"gene": GENES, "log2FC": LOG, "pvalue": P, "FDR": [f"ca. {p:.2g}?" for p in PADJ]}
    )
    (finding,) = [f for f in found.findings if f.code == "column_unread"]
    assert "'FDR' is named like the adjusted p" in finding.message and "ca. " in finding.message


@pytest.mark.parametrize("header", ["% FDR", "FDR (%)", "FDR %", "percent FDR"])
def test_percent_by_the_header(header, tmp_path):
    found = table(tmp_path, {"gene": GENES, "log2FC": LOG, "pvalue": P, header: PADJ * 100})
    np.testing.assert_allclose(found.frame["adj.P.Val"], PADJ)


def test_probabilities_that_are_none_are_a_finding(tmp_path):
    found = table(tmp_path, {"gene": GENES, "log2FC": LOG, "pvalue": P, "FDR": 5 + PADJ * 50})
    (finding,) = [f for f in found.findings if f.code == "column_unread"]
    assert (
        "'FDR' is named like the adjusted p, but" in finding.message
        and "is outside [0, 1]" in finding.message
    )


def test_the_role_that_is_missing_is_named_with_the_reason(tmp_path):
    with pytest.raises(
        BadInput,
        match=r"the effect may be 'log2 difference'; 'p-value' is named like the p value, but 'p=high1'",
    ):
        table(
            tmp_path,
            {
                "gene": GENES,
                "log2 difference": LOG,
                "x": LOG + 1,
                "p-value": [f"p=high{i}" for i in range(1, N + 1)],
            },
        )
    with pytest.raises(BadInput, match=r"no column for the effect \(nearest: 'logFZ', with 'up'"):
        table(tmp_path, {"gene": GENES, "logFZ": ["up", "down"] * (N // 2), "pvalue": P, "x": Z, "y": Z})


@pytest.mark.parametrize(
    "words", [("up", "down"), ("UP", "DOWN"), ("Up-regulated", "Down-regulated"), ("+", "-")]
)
@pytest.mark.parametrize("header", ["|log2FC|", "abs(log2FC)", "absLogFC", "FC (abs)", "log2FC"])
def test_absolute_effects_take_the_sign_of_a_direction(header, words, tmp_path):
    size = 2 ** np.abs(LOG) if header.startswith("FC") else np.abs(LOG)
    direction = np.where(LOG > 0, *words)
    found = table(tmp_path, {"gene": GENES, header: size, "Regulation": direction, "pvalue": P})
    np.testing.assert_allclose(found.frame["logFC"], LOG, rtol=1e-9)
    assert "direction_joined" in codes(found)
    assert "direction" in describe(found)["targets"]


def test_a_direction_beside_signed_effects_changes_nothing(tmp_path):
    found = table(
        tmp_path, {"gene": GENES, "log2FC": LOG, "change": np.where(LOG > 0, "down", "up"), "pvalue": P}
    )
    np.testing.assert_allclose(found.frame["logFC"], LOG)
    ratios = table(
        tmp_path, {"gene": GENES, "ratio": 2**LOG, "change": np.where(LOG > 0, "up", "down"), "pvalue": P}
    )
    np.testing.assert_allclose(ratios.frame["logFC"], LOG, rtol=1e-9)


def test_absolute_effects_without_a_direction_are_refused_unless_named(tmp_path):
    columns = {"gene": GENES, "|log2FC|": np.abs(LOG), "pvalue": P}
    with pytest.raises(
        BadInput, match=r"'\|log2FC\|' holds absolute effects, .* data\.columns\.direction=NAME"
    ):
        table(tmp_path, columns)
    assert "effect_absolute" in codes(table(tmp_path, columns, columns={"effect": "|log2FC|"}))
    other = columns | {"which": np.where(LOG > 0, "hoch", "tief")}
    with pytest.raises(
        BadInput, match="must say up or down, and say 'hoch', 'tief'|must say up or down, and say 'tief'"
    ):
        table(tmp_path, other, columns={"direction": "which"})


@pytest.mark.parametrize(
    "header",
    [
        "log2(KO/WT)",
        "log2_KO_vs_WT",
        "Log2(KO)-Log2(WT)",
        "log2 difference",
        "log2 (KO : WT)",
        "Ab42logFC",
        "log2倍率変化",
    ],
)
def test_names_of_logarithms_of_ratios(header, tmp_path):
    found = table(tmp_path, {"gene": GENES, header: LOG, "p-value": P, "FDR": PADJ})
    assert (found.roles["effect"], found.effect_scale) == (header, "log2")
    np.testing.assert_allclose(found.frame["logFC"], LOG)


@pytest.mark.parametrize(
    "header", ["abundance_ratio", "ratio KO/WT", "Fold (KO/WT)", "ratio_KO_vs_WT", "差异倍数"]
)
def test_names_of_ratios(header, tmp_path):
    found = table(tmp_path, {"gene": GENES, header: 2**LOG, "p-value": P})
    assert (found.roles["effect"], found.effect_scale) == (header, "linear")
    np.testing.assert_allclose(found.frame["logFC"], LOG, rtol=1e-9)


@pytest.mark.parametrize(
    "header",
    [
        "-log10(padj)",
        "-log10 FDR",
        "-log10(q-value)",
        "neglog10padj",
        "minus_log10_padj",
        "-Log10 (adj. P-value)",
    ],
)
@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("beside", [{}, {"-log10(p)": -np.log10(P)}])
def test_a_transform_belongs_to_the_header(header, named, beside, tmp_path):
    options = {"columns": {"adjusted_p": header}} if named else {}
    found = table(tmp_path, {"gene": GENES, "log2FC": LOG, header: -np.log10(PADJ), **beside}, **options)
    np.testing.assert_allclose(found.frame["adj.P.Val"], PADJ, rtol=1e-9)
    if beside:
        np.testing.assert_allclose(found.frame["P.Value"], P, rtol=1e-9)


def test_a_column_of_other_values_is_no_p_whoever_names_it(tmp_path):
    with pytest.raises(
        BadInput, match=r"'score' is read as p values, and \d+ of 120 lie outside \[0, 1\], such as "
    ):
        table(tmp_path, {"gene": GENES, "log2FC": LOG, "score": -np.log10(P)}, columns={"p": "score"})


def test_the_scale_is_checked_by_folds_and_can_be_said(tmp_path):
    natural = table(tmp_path, {"gene": GENES, "logFC": LOG * np.log(2), "FC": 2**LOG, "pvalue": P})
    assert natural.effect_scale == "ln" and "effect_scale_by_fold" in codes(natural)
    np.testing.assert_allclose(natural.frame["logFC"], LOG, rtol=1e-9)
    other = table(tmp_path, {"gene": GENES, "logFC": LOG, "FC": 2.0 ** RNG.permutation(LOG), "pvalue": P})
    assert "fold_disagrees" in codes(other)
    agrees = table(tmp_path, {"gene": GENES, "logFC": LOG, "FC": 2**LOG, "pvalue": P})
    assert not {"fold_disagrees", "effect_scale_by_fold"} & codes(agrees)
    declared = table(tmp_path, {"gene": GENES, "FC": LOG * 3, "pvalue": P}, columns={"effect_scale": "ln"})
    np.testing.assert_allclose(declared.frame["logFC"], LOG * 3 / np.log(2))
    with pytest.raises(
        BadInput, match="data.columns.effect_scale=log3: must be one of log2, ln, log10, linear"
    ):
        table(tmp_path, {"gene": GENES, "FC": LOG, "pvalue": P}, columns={"effect_scale": "log3"})


def test_folds_of_a_cut_list_are_doubtful_and_those_of_a_full_one_are_not(tmp_path):
    folds = np.sign(LOG) * 2 ** np.abs(LOG)
    cut = P < 0.05
    found = table(tmp_path, {"gene": np.array(GENES)[cut], "fc": folds[cut], "pvalue": P[cut]})
    (finding,) = [f for f in found.findings if f.code == "effect_cut"]
    assert finding.severity == "warning" and "data.columns.effect_scale=log2" in finding.message
    full = table(tmp_path, {"gene": GENES, "fc": folds, "pvalue": P})
    assert {f.severity for f in full.findings if f.code == "effect_cut"} == {"info"}


@pytest.mark.parametrize("header", ["t", "W", "score", "stat", "F"])
def test_a_mean_is_no_statistic_whatever_its_name(header, tmp_path):
    found = table(tmp_path, {"gene": GENES, "log2FC": LOG, header: RNG.uniform(1, 9, N), "pvalue": P})
    assert found.roles["statistic"] is None
    values = Z**2 if header == "F" else Z
    assert (
        table(tmp_path, {"gene": GENES, "log2FC": LOG, header: values, "pvalue": P}).roles["statistic"]
        == header
    )


def test_wilcoxons_w_is_a_statistic_on_both_sides_of_its_middle(tmp_path):
    found = table(tmp_path, {"gene": GENES, "log2FC": LOG, "W": np.round(50 + 8 * Z), "pvalue": P})
    assert found.roles["statistic"] == "W" and found.statistic_signed is False


@pytest.mark.parametrize(
    "header", ["ORF", "RefSeq", "Contig", "Acc", "Master Protein Accessions", "RIKEN", "Oligo", "My Clone"]
)
def test_an_unknown_word_for_ids_over_unique_text(header, tmp_path):
    found = table(
        tmp_path,
        {"logFC": LOG, "PValue": P, "FDR": PADJ, "way": ["up", "down"] * (N // 2), header: ACCESSIONS},
    )
    assert found.roles["id"] == header
    assert list(found.frame["gene"]) == ACCESSIONS


def test_the_id_is_unique_complete_and_like_genes(tmp_path):
    rows = np.cumsum(RNG.integers(1, 5, N))
    ensembl = [f"ENSG{i:011d}" for i in range(N)]
    found = table(tmp_path, {"": rows, "EnsG": ensembl, "GS": GENES, "logFC": LOG, "PValue": P})
    assert found.roles["id"] == "EnsG"
    gaps = [g if i % 3 else "" for i, g in enumerate(GENES)]
    assert (
        table(tmp_path, {"Symbol": gaps, "Spot": ACCESSIONS, "logFC": LOG, "PValue": P}).roles["id"]
        != "Symbol"
    )
    exons = [f"E{i % 6:03d}" for i in range(N)]
    assert (
        table(tmp_path, {"feature": exons, "locus": ensembl, "logFC": LOG, "PValue": P}).roles["id"]
        == "locus"
    )
    entrez = RNG.permutation(np.arange(1000, 1000 + N))
    assert table(tmp_path, {"": entrez, "logFC": LOG, "PValue": P}).roles["id"] == ""


def test_a_statistic_and_its_p_without_an_effect(tmp_path):
    found = table(tmp_path, {"target_id": GENES, "test_stat": Z**2, "pval": P, "qval": PADJ})
    assert (found.roles["effect"], found.roles["statistic"], found.statistic_signed) == (
        None,
        "test_stat",
        False,
    )
    assert "no_effect" in codes(found) and describe(found)["targets"] == []
    with pytest.raises(BadInput, match="an enrichment result"):
        table(tmp_path, {"pathway": GENES, "stat": Z**2, "pval": P})
    with pytest.raises(BadInput, match="correlations"):
        table(tmp_path, {"gene": GENES, "rho": Z, "t": Z, "pval": P})


def test_what_a_person_names_stands(tmp_path):
    wide = {"": GENES, "A vs B": P, "A vs C": PADJ, "B vs C": P}
    with pytest.raises(BadInput, match="no columns for an effect and its p value"):
        table(tmp_path, wide)
    found = table(tmp_path, wide, columns={"adjusted_p": "A vs C"})
    np.testing.assert_allclose(found.frame["adj.P.Val"], PADJ)
    counts = {"gene": GENES, "a": range(N), "b": range(N), "c": range(N)}
    assert table(tmp_path, counts, columns={"effect": "a"}).roles["effect"] == "a"


@pytest.mark.parametrize(
    ("names", "contrast", "suffix"),
    [
        (("logFC_{}", "P.Value_{}"), ("KO", "KO2", "KO_WT"), None),
        (("{}logFC", "{}.P.Value"), ("Ab42", "Ab4", "AbArc"), None),
        (("logFC.{}", "PValue.{}"), ("Geno", "Geno_I", "I"), None),
        (("log2FC ({})", "p-value ({})"), ("A vs B", "B vs A", "A vs C"), None),
        (("{} log2FC", "{} pvalue"), ("day 1", "day 10", "day 1 late"), None),
    ],
)
def test_each_contrast_takes_its_own_columns(names, contrast, suffix, tmp_path):
    effect, p = names
    columns: dict[str, object] = {"gene": GENES}
    for k, name in enumerate(contrast):
        columns |= {effect.format(name): LOG + k, p.format(name): P / (k + 1)}
    with pytest.raises(BadInput, match=r"3 columns could be the effect: .*data\.contrast=NAME"):
        table(tmp_path, columns)
    for name in contrast:
        for options in ({"contrast": name}, {"columns": {"effect": effect.format(name)}}):
            found = table(tmp_path, columns, **options)
            assert (found.roles["effect"], found.roles["p"]) == (effect.format(name), p.format(name))
    with pytest.raises(BadInput, match=r"data\.contrast=nope: no effect of that name; there are"):
        table(tmp_path, columns, contrast="nope")


def test_rows_of_a_group_without_a_known_name(tmp_path):
    long = {
        "gene": GENES * 3,
        "Subset": np.repeat(["a", "b", "c"], N),
        "log2FC": [*LOG] * 3,
        "pvalue": [*P] * 3,
    }
    found = table(tmp_path, long)
    assert found.groups == ("a", "b", "c") and found.genes == N
    assert len(table(tmp_path, long, group="b").frame) == N
    assert table(tmp_path, {k: v[:N] for k, v in long.items()}).roles["group"] is None


@pytest.mark.parametrize("tail", [",,,,\n,,,,\n", ",,,,\n" * 9, "\n\n,,,,\n"])
def test_empty_rows_make_no_group_and_no_other_digest(tail, tmp_path):
    columns = {"gene": GENES, "log2FC": LOG, "pvalue": P, "FDR": PADJ, "condition": ["a"] * N}
    plain, padded = table(tmp_path, columns), table(tmp_path, columns, tail=tail)
    assert padded.roles["group"] is plain.roles["group"] is None
    assert padded.digest == plain.digest


def test_remarks_below_the_rows_are_left_out_and_said(tmp_path):
    for tail in (
        "* Benjamini-Hochberg\n",
        "Note: all genes\n# end\n",
        "p values by limma\n\n* adjusted, by BH\n",
    ):
        found = table(tmp_path, {"gene": GENES, "log2FC": LOG, "pvalue": P, "FDR": PADJ}, tail=tail)
        assert len(found.frame) == N and "footnotes" in codes(found)
    with pytest.raises(BadInput, match="does not fit the header"):
        table(tmp_path, {"gene": GENES, "log2FC": LOG, "pvalue": P}, tail="GENE999\n")


@pytest.mark.parametrize("first", ["BZRAP1", "BZW2", "BZh", "PAR1", "RDX", "PK", "BAM"])
def test_a_first_gene_that_begins_like_another_format(first, tmp_path):
    effect, se = LOG[:60], np.full(60, 0.4)
    rows = {
        0: [first, *GENES[:59]],
        1: RNG.uniform(9, 99, 60),
        2: effect,
        3: se,
        4: effect / se,
        5: P[:60],
        6: PADJ[:60],
    }
    file = tmp_path / "galaxy.tabular"
    pd.DataFrame(rows).to_csv(file, sep="\t", header=False, index=False)
    assert read(file).frame["gene"][0] == first


@pytest.mark.parametrize(
    ("encoding", "ids", "headers"),
    [
        ("cp1252", "IL–6", ("gene – symbol", "log2FC")),
        ("cp1252", "“x”", ("gène", "log2FC")),
        ("latin-1", "gène", ("gène", "log2FC")),
        ("cp932", "遺伝子ア", ("遺伝子名", "log2変化率")),
        ("gb18030", "蛋白质一", ("基因名称", "log2差异倍数")),
        ("cp1251", "белок", ("Название гена", "log2FC")),
        ("euc_kr", "유전자 하나", ("유전자명", "log2FC")),
    ],
)
def test_encodings_by_their_bytes(encoding, ids, headers, tmp_path):
    columns = {headers[0]: [ids, *GENES[1:]], headers[1]: LOG, "P.Value": P}
    found = table(tmp_path, columns, encoding=encoding)
    assert (found.encoding, found.frame["gene"][0], found.roles["id"]) == (encoding, ids, headers[0])
    assert found.digest == table(tmp_path, columns).digest
    assert table(tmp_path, columns, encoding=encoding).digest == found.digest


def test_an_encoding_can_be_said(tmp_path):
    (tmp_path / "t.csv").write_bytes(
        pd.DataFrame({"gène": ["š"], "logFC": [1.0], "p": [0.1]})
        .to_csv(index=False)
        .encode("cp1250", "replace")
    )
    assert read(tmp_path / "t.csv", encoding="cp1250").frame["gene"][0] == "š"
    with pytest.raises(BadInput, match="data.encoding=utf-8: .* is not written in it"):
        read(tmp_path / "t.csv", encoding="utf-8")
    with pytest.raises(BadInput, match="data.encoding=klingon: no such encoding"):
        read(tmp_path / "t.csv", encoding="klingon")


def workbook(folder, dimension: str | None) -> Table:
    file = folder / "plain.xlsx"
    frame = pd.DataFrame({"gene": GENES, "logFC": LOG, "P.Value": P, "adj.P.Val": PADJ})
    with pd.ExcelWriter(file, engine="openpyxl") as book:
        frame.to_excel(book, sheet_name="results", index=False)
    if dimension is None:
        return read(file)
    other = folder / "poi.xlsx"
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(other, "w") as target:
        for part in source.namelist():
            content = source.read(part)
            if part.startswith("xl/worksheets/"):
                import re

                content = re.sub(
                    rb'<dimension ref="[^"]*"', f'<dimension ref="{dimension}"'.encode(), content
                )
            target.writestr(part, content)
    return read(other)


@pytest.mark.parametrize("dimension", ["A1", "A2", "A1:B20", "A1:C121"])
def test_a_workbook_is_read_whatever_it_says_of_its_size(dimension, tmp_path):
    assert workbook(tmp_path, dimension).digest == workbook(tmp_path, None).digest


def test_an_open_document_sheet(tmp_path):
    def cell(value: object) -> str:
        kind = "string" if isinstance(value, str) else f'float" office:value="{float(value)!r}'
        return f'<table:table-cell office:value-type="{kind}"><text:p>{value}</text:p></table:table-cell>'

    cells = [["gene", "logFC", "pvalue"], *zip(GENES, LOG, P, strict=True)]
    rows = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in cells)
    spaces = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text")
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" '
        'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        "</manifest:manifest>"
    )
    with zipfile.ZipFile(tmp_path / "t.ods", "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", manifest)
        book.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name='S1'>{rows}"
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    found = read(tmp_path / "t.ods")
    assert (found.format, found.sheet) == ("ods", "S1")
    np.testing.assert_array_equal(found.frame["logFC"], LOG)
    assert list(found.frame["gene"]) == GENES


def test_a_document_that_is_no_workbook_is_refused(tmp_path):
    for magic in (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, b"PK\x03\x04broken"):
        (tmp_path / "t.xls").write_bytes(magic)
        with pytest.raises(BadInput, match="not a readable workbook|damaged zip"):
            read(tmp_path / "t.xls")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"gene,logFC\n"))
    with pytest.raises(BadInput, match="a header and no rows|not a DGE table"):
        read(tmp_path / "t.csv.gz")


def test_findings_can_be_muted(tmp_path):
    columns = {"gene": ["A", "A", *GENES[2:]], "logFC": LOG, "P.Value": P}
    assert "duplicate_ids" in codes(table(tmp_path, columns))
    muted = table(tmp_path, columns, ignore=["duplicate_ids"])
    assert "duplicate_ids" not in codes(muted) and muted.ignored == ("duplicate_ids",)
    with pytest.raises(
        BadInput, match=r"data.ignore=duplicat_ids: no such code of a finding; did you mean duplicate_ids\?"
    ):
        table(tmp_path, columns, ignore=["duplicat_ids"])


def test_five_thousand_columns_take_seconds(tmp_path):
    import time

    wide = {f"sample_{i}": RNG.normal(size=20) for i in range(5000)}
    file = tmp_path / "wide.csv"
    pd.DataFrame({"gene": GENES[:20], "logFC": LOG[:20], "P.Value": P[:20], **wide}).to_csv(file, index=False)
    start = time.process_time()
    assert read(file).roles["effect"] == "logFC"
    assert time.process_time() - start < 15
