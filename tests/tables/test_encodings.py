"""One real table, written in every way that the reader knows: the numbers must not change."""

import bz2
import gzip

import numpy as np
import pandas as pd
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.tables import bundled, describe, read

COLUMNS = ["logFC", "AveExpr", "t", "P.Value", "adj.P.Val", "B"]


def same(file, limma, **options):
    table = read(file, **options)
    np.testing.assert_array_equal(table.frame[COLUMNS].to_numpy(), limma[COLUMNS].astype(float).to_numpy())
    assert list(table.frame["gene"]) == list(limma["ID"])
    return table


def write(folder, limma, encoding="utf-8", sep=",", end="\n", name="t.csv", **options):
    text = limma.to_csv(index=False, sep=sep, **options).replace("\n", end)
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


def test_the_bundled_table_is_read_whole():
    table = read(bundled.file("all_leukemia"))
    assert table.frame.shape == (12625, 7)
    assert table.name == "all_leukemia"
    assert (table.dialect, table.format, table.delimiter, table.encoding) == (
        "limma",
        "csv.gz",
        "comma",
        "ascii",
    )
    first = table.frame.iloc[0]
    assert first["gene"] == "1636_g_at"
    assert list(first[COLUMNS]) == [1.100012, 9.19642, 9.38653, 1.531812e-14, 1.933913e-10, 21.77388]
    assert table.findings == ()
    assert describe(table)["targets"] == ["direction", "regulation", "replication"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "utf-8"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_line_ends(encoding, end, limma, tmp_path):
    limma = limma.assign(ID=["gène", *list(limma["ID"][1:])])
    table = same(write(tmp_path, limma, encoding, end=end), limma)
    assert table.encoding == encoding


def test_old_mac_line_ends(limma, tmp_path):
    same(write(tmp_path, limma, end="\r"), limma)


@pytest.mark.parametrize(
    ("sep", "name"), [(",", "comma"), ("\t", "tab"), (";", "semicolon"), ("|", "pipe"), (" ", "space")]
)
def test_delimiters(sep, name, limma, tmp_path):
    assert same(write(tmp_path, limma, sep=sep), limma).delimiter == name


def test_aligned_columns(limma, tmp_path):
    file = tmp_path / "t.txt"
    file.write_text(limma.to_string(index=False))
    assert same(file, limma).delimiter == "whitespace"


@pytest.mark.parametrize("sep", [";", "\t"])
def test_decimal_commas(sep, limma, tmp_path):
    commas = limma.assign(**{c: limma[c].str.replace(".", ",") for c in COLUMNS})
    same(write(tmp_path, commas, sep=sep), limma)


def test_decimal_commas_quoted_between_commas(limma, tmp_path):
    commas = limma.assign(**{c: limma[c].str.replace(".", ",") for c in COLUMNS})
    same(write(tmp_path, commas, quoting=1), limma)


@pytest.mark.parametrize(("pack", "end"), [(gzip.compress, "gz"), (bz2.compress, "bz2")])
def test_compression_whatever_the_name(pack, end, limma, tmp_path):
    file = tmp_path / "t.csv"
    file.write_bytes(pack(limma.to_csv(index=False).encode()))
    assert same(file, limma).format == f"csv.{end}"


def test_a_gzip_file_cut_short_is_refused(limma, tmp_path):
    file = tmp_path / "t.csv.gz"
    file.write_bytes(gzip.compress(limma.to_csv(index=False).encode())[:5000])
    with pytest.raises(BadInput, match="damaged or cut short"):
        read(file)


def test_parquet_with_and_without_an_index(limma, tmp_path):
    numbers = limma.astype(dict.fromkeys(COLUMNS, float))
    numbers.to_parquet(tmp_path / "a.parquet")
    assert same(tmp_path / "a.parquet", limma).format == "parquet"
    indexed = numbers.set_index("ID")
    indexed.index.name = None
    indexed.to_parquet(tmp_path / "b.parquet")
    assert same(tmp_path / "b.parquet", limma).roles["id"] == ""
    limma.to_parquet(tmp_path / "text.parquet")
    same(tmp_path / "text.parquet", limma)


def test_a_workbook_names_the_sheet_it_took(limma, tmp_path):
    numbers = limma.astype(dict.fromkeys(COLUMNS, float))
    file = tmp_path / "t.xlsx"
    with pd.ExcelWriter(file) as book:
        pd.DataFrame({"Table S1": ["made by us"]}).to_excel(book, sheet_name="about", index=False)
        numbers.to_excel(book, sheet_name="results", index=False, startrow=3)
        numbers.head(20).to_excel(book, sheet_name="top", index=False)
    table = same(file, limma)
    assert (table.format, table.sheet, table.delimiter) == ("xlsx", "results", None)
    assert "sheet_chosen" in {f.code for f in table.findings}
    top = read(file, sheet="top")
    assert (len(top.frame), "sheet_chosen" in {f.code for f in top.findings}) == (20, False)
    with pytest.raises(BadInput, match="no sheet 'Top'; the workbook has 'about', 'results', 'top'"):
        read(file, sheet="Top")


def test_r_write_table_header_one_field_short(limma, tmp_path):
    lines = limma.to_csv(index=False, sep="\t", quoting=2).splitlines()
    file = tmp_path / "t.txt"
    file.write_text("\n".join(["\t".join(lines[0].split("\t")[1:]), *lines[1:]]) + "\n")
    assert same(file, limma).roles["id"] == ""


def test_row_numbers_beside_a_real_id(limma, tmp_path):
    file = tmp_path / "t.csv"
    limma.to_csv(file)
    assert same(file, limma).roles["id"] == "ID"


def test_id_in_the_last_column(limma, tmp_path):
    moved = limma[[*COLUMNS, "ID"]].rename(columns={"ID": "label"})
    file = tmp_path / "t.csv"
    moved.to_csv(file, index=False)
    assert same(file, limma).roles["id"] == "label"


@pytest.mark.parametrize(
    "above", ["# made with limma 3.58\n#\n", "Table S3, all genes\n\n", "# a\n\nresults of us\n"]
)
def test_lines_above_the_header(above, limma, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(above + limma.to_csv(index=False))
    table = same(file, limma)
    assert table.roles["effect"] == "logFC"


@pytest.mark.parametrize(
    ("first", "sep"), [("sep=;", ";"), ('"sep=;"', ";"), ("sep=,", ","), ("sep=\t", "\t")]
)
def test_the_line_that_tells_excel_the_delimiter(first, sep, limma, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(f"{first}\n" + limma[["ID", "logFC", "P.Value"]].to_csv(index=False, sep=sep))
    table = read(file)
    assert [table.roles[r] for r in ("id", "effect", "p")] == ["ID", "logFC", "P.Value"]
    np.testing.assert_array_equal(table.frame["logFC"], limma["logFC"].astype(float))


def test_a_title_with_as_many_words_as_columns(limma, tmp_path):
    file = tmp_path / "t.tsv"
    file.write_text("Table S1, of all genes here\n\n" + limma.drop(columns="B").to_csv(index=False, sep="\t"))
    table = read(file)
    assert (table.delimiter, table.roles["id"], len(table.frame)) == ("tab", "ID", len(limma))


@pytest.mark.parametrize("sep", ["\t", ","])
def test_thousands_separators_beyond_doubt(sep, limma, tmp_path):
    counts = [f"{1234.5 * (i + 1):,.1f}" for i in range(len(limma))]
    frame = limma.drop(columns="AveExpr").assign(baseMean=counts)
    file = tmp_path / "t.csv"
    frame.to_csv(file, index=False, sep=sep)
    expected = np.log2(1234.5 * np.arange(1, len(limma) + 1) + 1)
    np.testing.assert_allclose(read(file).frame["AveExpr"], expected, rtol=1e-14)
    frame.assign(baseMean=["1,234", *["7.5"] * (len(limma) - 1)]).to_csv(file, index=False, sep=sep)
    with pytest.raises(BadInput, match="column 'baseMean', line 2: '1,234' is not a number"):
        read(file)


def test_tables_as_r_prints_them(limma, tmp_path):
    file = tmp_path / "t.txt"
    body = limma.head(40).set_index("ID").rename_axis(None).to_string()
    for above in ("", "Comparison of groups:  B-A \n"):
        file.write_text(above + body)
        table = same(file, limma.head(40))
        assert (table.delimiter, table.roles["id"]) == ("whitespace", "")


def test_a_header_with_a_line_break_and_a_typographic_minus(limma, tmp_path):
    file = tmp_path / "t.csv"
    named = limma.rename(columns={"logFC": "log2 FC\nKO / WT"})
    named["log2 FC\nKO / WT"] = named["log2 FC\nKO / WT"].str.replace("-", "\u2212")
    named.to_csv(file, index=False, quoting=1)
    assert same(file, limma).roles["effect"] == "log2 FC\nKO / WT"


def test_rows_that_hold_nothing_at_the_end(limma, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(limma.to_csv(index=False) + ",,,,,,\n" * 9 + "\x1a")
    table = same(file, limma)
    assert (table.rows, table.findings) == (len(limma), read(write(tmp_path, limma)).findings)


def test_a_commented_header(limma, tmp_path):
    file = tmp_path / "t.tsv"
    file.write_text("#" + limma.to_csv(index=False, sep="\t"))
    assert same(file, limma).roles["id"] == "ID"


def test_trailing_delimiters_and_comments_below(limma, tmp_path):
    lines = limma.to_csv(index=False).splitlines()
    file = tmp_path / "t.csv"
    file.write_text("\n".join([lines[0], *(line + "," for line in lines[1:])]) + "\n# end\n\n")
    same(file, limma)


def test_galaxy_deseq2_without_a_header(tmp_path):
    rng = np.random.default_rng(0)
    effect, se = rng.normal(size=50), rng.uniform(0.1, 0.5, 50)
    p = np.sort(rng.uniform(size=50))
    frame = pd.DataFrame(
        {
            0: [f"FBgn{i:07d}" for i in range(50)],
            1: rng.uniform(10, 999, 50),
            2: effect,
            3: se,
            4: effect / se,
            5: p,
            6: (p + 1) / 2,
        }
    )
    file = tmp_path / "galaxy.tabular"
    frame.to_csv(file, sep="\t", header=False, index=False)
    table = read(file)
    assert table.dialect == "galaxy_deseq2"
    assert len(table.frame) == 50
    assert table.roles == {
        "id": "1", "mean": "2", "effect": "3", "se": "4", "statistic": "5", "p": "6", "adjusted_p": "7",
        "log_odds": None, "group": None,
    }  # fmt: skip
    np.testing.assert_allclose(table.frame["t"], effect / se)


def test_line_numbers_are_those_of_the_file(limma, tmp_path):
    limma = limma.copy()
    limma.loc[7, "ID"] = ""
    file = tmp_path / "t.csv"
    file.write_text("# one\n# two\n" + limma.to_csv(index=False))
    [finding] = [f for f in read(file).findings if f.code == "blank_ids"]
    assert finding.rows == (11,)
    assert file.read_text().splitlines()[10].startswith(",")


def test_a_quote_that_never_closes(limma, tmp_path):
    odd = limma.assign(ID=['"5 prime', *limma["ID"][1:]])
    file = tmp_path / "t.tsv"
    file.write_text("\n".join("\t".join(row) for row in [odd.columns, *odd.to_numpy()]) + "\n")
    same(file, odd)


def test_perseus_annotation_rows_are_no_genes(tmp_path):
    file = tmp_path / "t.txt"
    header = "Protein IDs\tStudent's T-test Difference A_B\t-Log Student's T-test p-value A_B"
    file.write_text(header + "\n#!{Type}T\tN\tN\nP1\t1.5\t2\nP2\t-1\t1\n")
    table = read(file)
    assert list(table.frame["gene"]) == ["P1", "P2"]
    np.testing.assert_allclose(table.frame["P.Value"], [0.01, 0.1])


def test_latin_1_beyond_the_part_that_is_scanned(limma, tmp_path, monkeypatch):
    monkeypatch.setattr("dge_experiments.tables.files.stream.CHUNK", 64)
    monkeypatch.setattr("dge_experiments.tables.files.stream.SCANNED", 1)
    odd = limma.assign(ID=[*limma["ID"][:-1], "gène"])
    same(write(tmp_path, odd, "latin-1"), odd)
