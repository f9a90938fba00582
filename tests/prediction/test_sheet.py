"""A table written in chunks reads back as it was, and no cell of it is a formula."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.prediction import sheet

GENES = ["=cmd()", "+1", "-2", "@x", "TP53", "a,b", 'q"', "#N/A", "＝HYPERLINK(1)", ""]
FRAME = pd.DataFrame({"gene": GENES, "logFC": [-1.5, 0.1, 1e-300, None, 2, 3, 4, 5, 6, 7]})
READERS = {
    ".csv": lambda f: pd.read_csv(f, keep_default_na=False, na_values={"logFC": ""}),
    ".tsv": lambda f: pd.read_csv(f, sep="\t", keep_default_na=False, na_values={"logFC": ""}),
    ".parquet": pd.read_parquet,
    ".xlsx": lambda f: pd.read_excel(f, keep_default_na=False, na_values={"logFC": ""}),
}


def chunks(size: int = 3) -> list[pd.DataFrame]:
    return [FRAME.iloc[i : i + size] for i in range(0, len(FRAME), size)]


@pytest.mark.parametrize("ending", READERS)
def test_what_was_written_reads_back(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"out{ending}"
    sheet.write(file, chunks())
    again = READERS[ending](file)
    ids = again["gene"].fillna("").astype(str)
    assert list(ids.str.removeprefix("'")) == GENES
    pd.testing.assert_series_equal(again["logFC"], FRAME["logFC"], check_exact=True)
    assert [f.name for f in tmp_path.iterdir()] == [file.name]


def test_no_cell_of_a_workbook_is_a_formula_and_its_text_is_unchanged(tmp_path: Path) -> None:
    sheet.write(tmp_path / "o.xlsx", chunks())
    cells = [row[0] for row in openpyxl.load_workbook(tmp_path / "o.xlsx").active.iter_rows(min_row=2)]
    assert not {"f", "e"} & {cell.data_type for cell in cells}
    assert [cell.value or "" for cell in cells] == GENES


@pytest.mark.parametrize("ending", [".csv", ".tsv"])
def test_no_text_of_a_csv_starts_like_a_formula(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"o{ending}"
    sheet.write(file, chunks())
    for gene in READERS[ending](file)["gene"]:
        assert not gene.startswith(tuple("=+-@＝"))
    assert "-1.5" in file.read_text()


def test_a_control_character_does_not_break_a_workbook(tmp_path: Path) -> None:
    sheet.write(tmp_path / "o.xlsx", [pd.DataFrame({"gene": ["a\x00b"], "x": [1.0]})])
    assert openpyxl.load_workbook(tmp_path / "o.xlsx").active["A2"].value == "a\\x00b"


def test_nothing_is_left_when_a_chunk_fails_and_the_old_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "o.csv"
    file.write_text("old")

    def failing():  # type: ignore[no-untyped-def]
        yield FRAME
        raise BadInput("no")

    with pytest.raises(BadInput):
        sheet.write(file, failing())
    assert file.read_text() == "old"
    assert [f.name for f in tmp_path.iterdir()] == ["o.csv"]


@pytest.mark.parametrize(
    ("out", "said"), [("o.doc", "the ending must be one of .csv"), ("no/o.csv", "there is no folder")]
)
def test_what_cannot_be_written_is_said_first(tmp_path: Path, out: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        sheet.check(tmp_path / out)


def test_more_rows_than_excel_holds_are_refused_before_any_is_written(tmp_path: Path) -> None:
    sheet.check(tmp_path / "o.xlsx", 1_048_575)
    sheet.check(tmp_path / "o.csv", 10**9)
    with pytest.raises(BadInput, match=r"holds 1,048,575 rows below its header, this table has 1,048,576"):
        sheet.check(tmp_path / "o.xlsx", 1_048_576)


def test_an_infinite_number_does_not_break_a_workbook(tmp_path: Path) -> None:
    sheet.write(tmp_path / "o.xlsx", [pd.DataFrame({"gene": ["a", "b"], "t": [float("inf"), float("-inf")]})])
    rows = list(openpyxl.load_workbook(tmp_path / "o.xlsx").active.iter_rows(min_row=2, values_only=True))
    assert rows == [("a", "inf"), ("b", "-inf")]


def test_a_disk_that_is_full_is_one_line() -> None:
    with pytest.raises(BadInput, match=r"out=/proc/o\.csv: cannot be written"):
        sheet.write(Path("/proc/o.csv"), chunks())


@pytest.mark.parametrize("ending", ["csv", "tsv"])
@pytest.mark.parametrize(
    "text", ["=1+1", " =1+1", "\t=1+1", "\r=1+1", "\u00a0=1+1", "+1", "@x", "\n-1", "＝1"]
)
def test_a_formula_behind_blanks_is_text_too(tmp_path: Path, ending: str, text: str) -> None:
    file = tmp_path / f"o.{ending}"
    sheet.write(file, [pd.DataFrame({"gene": [text, "a = b"], "x": [1.0, 2.0]})])
    back = pd.read_csv(file, sep="," if ending == "csv" else "\t", keep_default_na=False)
    assert back["gene"].tolist() == [f"'{text}", "a = b"]
