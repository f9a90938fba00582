"""Ids of two kinds meet by a mapping: versions go, losses are counted, an id with several partners is refused."""

import pandas as pd
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.tables import read
from dge_experiments.tables.ids import kind_of, translate, without_version

ENSEMBL = [f"ENSG{i:011d}" for i in range(1, 7)]
MAPPING = pd.DataFrame(
    {
        "ENSG": [*ENSEMBL[:5], ENSEMBL[3]],  # the fourth has two symbols; the sixth is not there
        "Symbol": ["TP53", "MYC", "MYC", "A1", "", "A2"],
        "Entrez": ["7157", "4609", "4610", "1", "2", "1"],
    }
)


def table(folder, genes, **options):
    file = folder / "t.csv"
    n = len(genes)
    frame = pd.DataFrame({"gene_id": genes, "log2FoldChange": [1.0, -1.0] * (n // 2), "pvalue": [0.1] * n})
    frame.to_csv(file, index=False)
    return read(file, **options)


@pytest.fixture
def mapping(tmp_path) -> str:
    MAPPING.to_csv(tmp_path / "map.tsv", sep="\t", index=False)
    return str(tmp_path / "map.tsv")


def test_versions_are_stripped_without_a_mapping(tmp_path):
    read_as = table(tmp_path, [f"{e}.{i}" for i, e in enumerate(ENSEMBL)], ids="ensembl")
    assert list(read_as.frame["gene"]) == ENSEMBL
    assert read_as.digest == table(tmp_path, ENSEMBL).digest
    assert list(without_version(pd.Series(["ENSMUSG00000000001.4", "HLA-A.1", "7157"]))) == [
        "ENSMUSG00000000001", "HLA-A.1", "7157",
    ]  # fmt: skip


def test_losses_are_counted(tmp_path, mapping):
    read_as = table(tmp_path, [f"{e}.2" for e in ENSEMBL], ids="symbol", ids_from=mapping)
    assert list(read_as.frame["gene"]) == ["TP53", "MYC", "MYC", "", "", ""]
    (finding,) = [f for f in read_as.findings if f.code == "ids_translated"]
    assert finding.count == 3
    for part in ("3 of 6 ids are now symbol ids by map.tsv", "2 are not in the mapping",
                 "1 are with several partners", "1 share their new id"):  # fmt: skip
        assert part in finding.message
    assert read_as.derived["gene"] == "symbol ids by map.tsv"


def test_entrez_to_ensembl_and_back_to_symbols(tmp_path, mapping):
    numbers = table(tmp_path, ["7157", "4609", "4610", "2"], ids="ensembl", ids_from=mapping)
    assert list(numbers.frame["gene"]) == [ENSEMBL[0], ENSEMBL[1], ENSEMBL[2], ENSEMBL[4]]
    symbols = table(tmp_path, ["TP53", "MYC"], ids="symbol", ids_from=mapping)
    assert list(symbols.frame["gene"]) == ["TP53", "MYC"]
    assert table(tmp_path, ["TP53", "NONE"], ids="entrez", ids_from=mapping).frame["gene"].tolist() == [
        "7157",
        "",
    ]


def test_one_to_one_pairs_survive_a_round_trip():
    ids = pd.Series([f"ENSG{i:011d}" for i in range(50)])
    pairs = pd.DataFrame({"ensembl": ids, "symbol": [f"G{i}" for i in range(50)]})
    symbols = translate(ids, pairs, "symbol")
    back = translate(symbols.ids, pairs, "ensembl")
    assert list(back.ids) == list(ids)
    assert (symbols.unknown, symbols.ambiguous, symbols.merged) == (0, 0, 0)


def test_many_to_many_is_refused():
    pairs = pd.DataFrame({"symbol": ["A", "A", "B", "B", "C"], "entrez": ["1", "2", "1", "2", "3"]})
    found = translate(pd.Series(["A", "B", "C"]), pairs, "entrez")
    assert list(found.ids) == ["", "", "3"]
    assert found.ambiguous == 2


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"ids": "hgnc"}, "data.ids=hgnc: must be as_is, symbol, ensembl, entrez"),
        ({"ids": "symbol"}, "are of another kind; add data.ids_from=FILE"),
        ({"ids": "symbol", "ids_from": "none.csv"}, "no such file"),
    ],
)
def test_what_cannot_be_bridged_is_one_line(options, why, tmp_path):
    with pytest.raises(BadInput, match=why):
        table(tmp_path, ENSEMBL, **options)


def test_a_mapping_of_other_ids_is_refused(tmp_path, mapping):
    with pytest.raises(BadInput, match="none of the ids of .* is in it"):
        table(tmp_path, ["probe_1", "probe_2"], ids="symbol", ids_from=mapping)


def test_the_kind_of_ids():
    assert kind_of(pd.Series(["ENSG00000000003.14", ""])) == "ensembl"
    assert kind_of(pd.Series(["7157", "4609"])) == "entrez"
    assert kind_of(pd.Series(["TP53", "1007_s_at"])) is None
    assert kind_of(pd.Series([""])) is None
