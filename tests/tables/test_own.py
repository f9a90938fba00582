"""One's own numeric columns: of the file or joined by gene id, with every loss counted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.tables import describe, read
from given import limma_table


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """12 genes with a length (one missing) and a text; a second file has 10 of them, one twice, in another order."""
    monkeypatch.chdir(tmp_path)
    table = limma_table(12).assign(length=np.arange(100.0, 112), arm=["p", "q"] * 6)
    table["length"] = table["length"].astype(object)
    table.loc[3, "length"] = "NA"
    table.to_csv("t.csv", index=False)
    genes = pd.DataFrame(
        {"number": range(10), "symbol": [f"g{i}" for i in range(10)], "gc": np.arange(10) / 10}
    )
    genes.iloc[[*range(9, -1, -1), 4]].to_csv("genes.tsv", sep="\t", index=False)
    return tmp_path


def test_a_column_of_the_file_is_a_feature_and_its_losses_are_counted(files: Path) -> None:
    table = read("t.csv", own=("length",))
    assert table.own == ("length",) and table.features[-1] == "length" and "length" not in table.statistics
    assert table.frame["length"].tolist() == [100, 101, 102, *range(104, 112)]
    (finding,) = [f for f in table.findings if f.code == "own_columns_missing"]
    assert finding.count == 1 and "1 of 12 rows have no finite number in length (1)" in finding.message
    with pytest.raises(BadInput, match=r"1 of 12 rows .* data.missing=drop"):
        read("t.csv", own=("length",), missing="error")
    assert np.isnan(read("t.csv", own=("length",), missing="keep").frame["length"][3])


def test_a_column_of_a_second_file_goes_to_the_gene_that_it_belongs_to(files: Path) -> None:
    table = read("t.csv", own=("gc",), join="genes.tsv")
    assert dict(zip(table.frame["gene"], table.frame["gc"], strict=True)) == {
        f"g{i}": i / 10 for i in range(10)
    }
    (finding,) = [f for f in table.findings if f.code == "own_columns_missing"]
    assert finding.count == 2 and "genes.tsv, joined by its column 'symbol'" in finding.message


def test_several_rows_of_a_gene_get_the_same_value(files: Path) -> None:
    limma_table(12).assign(ID=[f"g{i // 3}" for i in range(12)]).to_csv("long.csv", index=False)
    table = read("long.csv", own=("gc",), join="genes.tsv")
    assert table.frame["gc"].tolist() == [i // 3 / 10 for i in range(12)]
    assert [f.severity for f in table.findings if f.code == "own_columns_joined"] == ["info"]


def test_an_id_with_two_values_is_refused(files: Path) -> None:
    pd.DataFrame({"id": ["g0", "g0", "g1"], "gc": [0.1, 0.2, 0.3]}).to_csv("twice.csv", index=False)
    with pytest.raises(BadInput, match="'g0' has several rows that differ in gc"):
        read("t.csv", own=("gc",), join="twice.csv")


@pytest.mark.parametrize(
    ("own", "join", "says"),
    [
        (["lenght"], None, r"no column 'lenght' for features.extra, did you mean length\?"),
        (["arm"], None, "'p' is not a number"),
        (["ID"], None, "has the ids in 'ID'"),
        (["logFC"], None, "'logFC' is read already"),
        (["gc"], "nothing.csv", "features.join=nothing.csv: no such file"),
        (["gc", "length"], "both.csv", "both t.csv and both.csv have a column 'length'"),
        (["gc"], "others.csv", r"no column has the ids of t.csv \(such as g0, g1, g2\)"),
    ],
)
def test_what_cannot_be_read_is_one_line(files: Path, own: list[str], join: str | None, says: str) -> None:
    pd.DataFrame({"id": ["g0", "g1"], "gc": [1, 2], "length": [1, 2]}).to_csv("both.csv", index=False)
    pd.DataFrame({"id": ["a", "b"], "gc": [1, 2]}).to_csv("others.csv", index=False)
    with pytest.raises(BadInput, match=says) as refused:
        read("t.csv", own=own, join=join)
    assert "\n" not in str(refused.value)


def test_the_digest_is_that_of_the_genes_whatever_is_added(files: Path) -> None:
    limma_table(12).assign(length=range(12)).to_csv("whole.csv", index=False)
    assert read("whole.csv").digest == read("whole.csv", own=("length",)).digest
    assert read("t.csv").digest != read("t.csv", own=("length",)).digest  # a gene was lost


def test_ensembl_ids_are_joined_without_their_version(tmp_path: Path) -> None:
    ids = [f"ENSG{i:011d}" for i in range(12)]
    limma_table(12).assign(ID=[f"{each}.5" for each in ids]).to_csv(tmp_path / "t.csv", index=False)
    pd.DataFrame({"gene": ids, "gc": range(12)}).to_csv(tmp_path / "gc.csv", index=False)
    table = read(tmp_path / "t.csv", own=("gc",), join=tmp_path / "gc.csv")
    assert table.frame["gc"].tolist() == list(range(12))


def test_inspect_lists_the_columns_that_can_be_added(files: Path) -> None:
    description = describe(read("t.csv"))
    assert description["unread"] == ["length", "arm"] and description["numeric"] == ["length"]


def test_a_simulated_table_can_be_joined(tmp_path: Path) -> None:
    from dge_experiments.experiment.inputs import OwnColumns, table_of
    from given import settings

    data = settings("data=simulated", "data.simulated.genes=20").data
    genes = table_of(data).frame["gene"]
    pd.DataFrame({"gene": genes, "gc": range(20)}).to_csv(tmp_path / "gc.csv", index=False)
    assert table_of(data, (), OwnColumns(("gc",), str(tmp_path / "gc.csv"))).frame["gc"].tolist() == list(
        range(20)
    )
    with pytest.raises(BadInput, match="data=simulated has no gc"):
        table_of(data, (), OwnColumns(("gc",)))
