"""Tables as people published them, each with its right reading; not part of the project (set DGE_CORPUS)."""

import bz2
import csv
import gzip
import io
import os
import re
from itertools import islice
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.tables import describe, read

CORPUS = Path(os.environ.get("DGE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
ROLES = {
    "id": "id", "effect": "effect", "p": "p", "adj_p": "adjusted_p", "statistic": "statistic",
    "mean_expr": "mean", "se": "se",
    "log_odds": "log_odds",
}  # fmt: skip
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not (CORPUS / "manifest.tsv").is_file(), reason=f"no corpus at {CORPUS} (set DGE_CORPUS)"
    ),
]


def rows() -> list[dict[str, str]]:
    file = CORPUS / "manifest.tsv"
    if not file.is_file():
        return []
    return pd.read_csv(file, sep="\t", dtype=str, keep_default_na=False).to_dict("records")


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["file"][:24])
def test_a_published_table_is_read_as_its_row_says(row):
    found = describe(read(CORPUS / row["file"]))
    wanted = {
        role: {"": None, "NONE": None, "<rowname>": ""}.get(row[key], row[key]) for key, role in ROLES.items()
    }
    assert {role: found["columns"][role] for role in wanted} == wanted
    assert found["rows"] == int(row["rows"])
    assert found["delimiter"] == (None if row["delimiter"] == "xlsx" else row["delimiter"])


@pytest.mark.parametrize("file", sorted((CORPUS / "notables").glob("*")), ids=lambda file: file.name)
def test_what_is_no_table_is_refused_in_one_line(file):
    with pytest.raises(BadInput) as refusal:
        read(file)
    assert "\n" not in str(refusal.value)


def cells(file: Path, delimiter: str) -> list[list[str]]:
    """The first 400 rows of a delimited table, its header filled up to their width."""
    mark = {"comma": ",", "tab": "\t", "semicolon": ";"}[delimiter]
    with file.open(encoding="utf-8-sig", newline="") as text:
        made = [row for row in islice(csv.reader(text, delimiter=mark), 400) if row]
    width = max(map(len, made))
    return [[""] * (width - len(row)) + row for row in made]


def written(made: list[list[str]], file: Path, form: str) -> Path:
    """The cells in another form."""
    if form == "parquet":
        names = [name or f"Unnamed: {i}" if i else name or "id" for i, name in enumerate(made[0])]
        pd.DataFrame(made[1:], columns=names, dtype=str).to_parquet(file.with_suffix(".parquet"))
        return file.with_suffix(".parquet")
    if form == "xlsx":
        book = openpyxl.Workbook()
        for row in made:
            book.active.append([float(c) if NUMBER.fullmatch(c) else c for c in row])
        book.save(file.with_suffix(".xlsx"))
        return file.with_suffix(".xlsx")
    mark = {"tab": "\t", "semicolon": ";", "decimal comma": ";", "pipe": "|"}.get(form, ",")
    if form == "decimal comma":
        made = [made[0], *([c.replace(".", ",") if NUMBER.fullmatch(c) else c for c in r] for r in made[1:])]
    out = io.StringIO()
    end = {"crlf": "\r\n", "cr": "\r"}.get(form, "\n")
    quoting = csv.QUOTE_ALL if form == "quoted" else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=mark, lineterminator=end, quoting=quoting).writerows(made)
    data = out.getvalue().encode({"bom": "utf-8-sig", "utf-16": "utf-16"}.get(form, "utf-8"))
    file.write_bytes({"gz": gzip.compress, "bz2": bz2.compress}.get(form, bytes)(data))
    return file


FORMS = ["bom", "utf-16", "crlf", "cr", "gz", "bz2", "tab", "semicolon", "pipe", "quoted", "decimal comma"]
FORMS += ["parquet", "xlsx"]


@pytest.mark.parametrize(
    "row",
    [r for r in rows() if r["delimiter"] in ("comma", "tab", "semicolon")],
    ids=lambda row: row["file"][:24],
)
def test_its_beginning_is_read_alike_in_every_form(row, tmp_path):
    made = cells(CORPUS / row["file"], row["delimiter"])
    plain = read(written(made, tmp_path / "plain.txt", "plain"))
    expected = describe(plain)["columns"]
    for form in FORMS:
        again = read(written(made, tmp_path / "t.txt", form))
        if form != "parquet":  # there unnamed columns have names
            assert describe(again)["columns"] == expected, form
        assert again.features == plain.features, form
        pd.testing.assert_frame_equal(again.frame, plain.frame, obj=form)
