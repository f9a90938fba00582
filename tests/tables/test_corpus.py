"""Tables as people published them, each with its right reading; not part of the project (set DGE_CORPUS)."""

import os
from pathlib import Path

import pandas as pd
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.tables import describe, read

CORPUS = Path(os.environ.get("DGE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
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
