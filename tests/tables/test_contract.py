"""Each finding of the contract, planted in a sound table, is found with its count and its lines."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, norm

from dge_experiments.tables import describe, read

N = 200


@pytest.fixture
def sound() -> pd.DataFrame:
    """A table without a fault: columns agree, adjusted p is BH of the rows."""
    rng = np.random.default_rng(5)
    z = rng.normal(size=N) * 2
    p = 2 * norm.sf(np.abs(z))
    return pd.DataFrame(
        {
            "ID": [f"GENE{i}" for i in range(N)],
            "logFC": z * 0.4,
            "AveExpr": rng.uniform(3, 12, N),
            "t": z,
            "P.Value": p,
            "adj.P.Val": false_discovery_control(p),
            "B": z**2 - 4,
        }
    )


def findings(frame, folder, **options):
    file = folder / "t.csv"
    frame.to_csv(file, index=False)
    return {f.code: f for f in read(file, **options).findings}


def test_a_sound_table_has_no_findings(sound, tmp_path):
    assert findings(sound, tmp_path) == {}


@pytest.mark.parametrize(
    ("column", "cells", "code", "severity", "count"),
    [
        ("ID", ["", ""], "blank_ids", "warning", 2),
        ("ID", ["None", "NA"], "blank_ids", "warning", 2),
        ("ID", ["None", ""], "na_text_ids", "warning", 1),
        ("ID", ["GENE0", "GENE0"], "duplicate_ids", "warning", 2),
        ("ID", ["5-Mar", "2-Sep"], "excel_dates", "warning", 2),
        ("ID", ["2021-03-05 00:00:00", "Sep-02"], "excel_dates", "warning", 2),
        ("ID", ["05. Mrz", "2-sept."], "excel_dates", "warning", 2),
        ("ID", ["AKT1///AKT2", "HBA1 /// HBA2"], "multiple_ids", "info", 2),
        ("ID", [" TP53", "MYC "], "padded_ids", "info", 2),
        ("ID", ["HLA-\u00ce\u00b1", "caf\u00c3\u00a9"], "garbled_ids", "warning", 2),
        ("P.Value", [1.5, -0.1], "p_outside", "error", 2),
        ("adj.P.Val", [1.5, -0.1], "adjusted_p_outside", "error", 2),
        ("P.Value", [0, 0], "p_zero", "info", 2),
        ("P.Value", ["NA", ""], "p_missing", "warning", 2),
        ("adj.P.Val", ["NA", "nan"], "adjusted_p_missing", "warning", 2),
        ("logFC", ["NA", "None"], "effect_missing", "warning", 2),
        ("t", ["NA", "NA"], "statistic_missing", "warning", 2),
        ("logFC", ["Inf", "-Inf"], "inf_effects", "warning", 2),
        ("logFC", [0, 0], "zero_effects", "info", 2),
        ("adj.P.Val", [0, 0], "adjusted_below_p", "error", 2),
        ("adj.P.Val", [1, 1], "adjusted_not_bh", "warning", N),
    ],
)
def test_a_planted_fault_is_found(column, cells, code, severity, count, sound, tmp_path):
    sound[column] = sound[column].astype(object)
    sound.loc[[10, 20], column] = cells
    found = findings(sound, tmp_path)[code]
    assert (found.severity, found.count) == (severity, count)
    if count < N:
        assert set(found.rows) <= {12, 22}
        assert len(found.rows) == count


def test_rows_without_a_number_are_dropped_and_said(sound, tmp_path):
    sound.loc[[10, 20], "adj.P.Val"] = np.nan
    sound.loc[30, "logFC"] = np.inf
    found = findings(sound, tmp_path)["rows_dropped"]
    assert (found.count, found.rows) == (3, (12, 22, 32))
    table = read(tmp_path / "t.csv")
    assert (table.rows, len(table.frame)) == (N, N - 3)
    assert "GENE10" not in set(table.frame["gene"])


@pytest.mark.filterwarnings("error")
def test_infinite_values_of_both_signs_are_counted_without_a_warning_of_numpy(sound, tmp_path):
    sound.loc[[10, 20], "P.Value"] = [np.inf, -np.inf]
    sound.loc[[11, 21], "t"] = [np.inf, -np.inf]
    found = findings(sound, tmp_path)
    assert {"inf_values", "p_outside", "rows_dropped"} <= set(found)
    assert found["rows_dropped"].count == 4


def test_signs_that_disagree(sound, tmp_path):
    sound.loc[[3, 4, 5], "t"] *= -1
    found = findings(sound, tmp_path)["sign_disagrees"]
    assert (found.count, found.rows) == (3, (5, 6, 7))


def test_bonferroni_is_named(sound, tmp_path):
    sound["adj.P.Val"] = np.minimum(1, sound["P.Value"] * 5000)
    found = findings(sound, tmp_path)["adjusted_not_bh"]
    assert found.severity == "info"
    assert "p times about 5000" in found.message


def test_a_filtered_list(sound, tmp_path):
    found = findings(sound[sound["adj.P.Val"] < 0.05], tmp_path)
    assert {"only_significant", "adjusted_not_bh"} <= set(found)


def test_cut_and_one_sided_effects(sound, tmp_path):
    found = findings(sound[sound["logFC"].abs() >= 1], tmp_path)
    assert "effect_cut" in found
    assert "one_sided_effects" not in found
    up = sound[sound["logFC"] > 0]
    assert "one_sided_effects" in findings(up, tmp_path)
    assert "direction" not in describe(read(tmp_path / "t.csv"))["targets"]


def test_target_is_t(sound, tmp_path):
    renamed = sound.rename(columns={"t": "target"})
    found = findings(renamed, tmp_path)
    assert "target_is_t" in found
    table = read(tmp_path / "t.csv")
    assert table.columns["t"] == "target"
    np.testing.assert_allclose(table.frame["t"], sound["t"])
    gaps = renamed.assign(logFC=renamed["logFC"].where(renamed.index != 3, np.inf))
    gaps.loc[5, "target"] = np.nan
    assert "target_is_t" in findings(gaps, tmp_path)
    renamed.loc[7, "target"] *= -1
    assert "target_is_t" not in findings(renamed, tmp_path)


def test_several_codes_for_genes_in_groups(sound, tmp_path):
    half = N // 2
    sound["cluster"] = ["a"] * half + ["b"] * half
    sound["ID"] = [f"GENE{i % half}" for i in range(N)]
    assert "duplicate_ids" not in findings(sound, tmp_path)
    table = read(tmp_path / "t.csv")
    assert table.groups == ("a", "b")
    assert list(table.frame.columns[:2]) == ["gene", "group"]
    one = read(tmp_path / "t.csv", group="b")
    assert "group" not in one.frame
    np.testing.assert_allclose(one.frame["t"], sound["t"][half:])
    sound.loc[1, "ID"] = "GENE0"
    assert findings(sound, tmp_path)["duplicate_ids"].rows == (3,)
    assert findings(sound, tmp_path, group="a")["duplicate_ids"].rows == (3,)


P_VALUES = {
    "uniform": lambda rng, n: rng.random(n),
    "ties": lambda rng, n: rng.integers(1, 30, n) / 30,
    "near ties": lambda rng, n: 0.3 + rng.random(n) * 1e-3,
    "tiny": lambda rng, n: 10 ** rng.uniform(-300, 0, n),
    "underflow": lambda rng, n: np.where(rng.random(n) < 0.2, 0.0, rng.random(n)),
}


@pytest.mark.parametrize("n", [11, 300, 30_000])
@pytest.mark.parametrize("name", P_VALUES)
def test_benjamini_and_hochberg_is_known_whatever_the_p_values(name, n, tmp_path):
    p = P_VALUES[name](np.random.default_rng(n), n)
    adjusted = false_discovery_control(p)
    frame = pd.DataFrame(
        {"ID": [f"G{i}" for i in range(n)], "logFC": p - 0.5, "P.Value": p, "adj.P.Val": adjusted}
    )
    assert "adjusted_not_bh" not in findings(frame, tmp_path)
    frame.loc[n // 2 :, "adj.P.Val"] = np.minimum(1, frame["adj.P.Val"] * 1.05)
    wrong = not np.allclose(frame["adj.P.Val"], adjusted, rtol=0.02, atol=0)
    assert ("adjusted_not_bh" in findings(frame, tmp_path)) == wrong


def test_adjusted_within_each_group_is_bh(sound, tmp_path):
    half = N // 2
    sound["cluster"] = ["a"] * half + ["b"] * half
    sound["ID"] = [f"GENE{i % half}" for i in range(N)]
    for part in (slice(0, half - 1), slice(half, N)):
        sound.loc[part, "adj.P.Val"] = false_discovery_control(sound.loc[part, "P.Value"])
    assert "adjusted_not_bh" not in findings(sound, tmp_path)


@pytest.mark.published
def test_the_published_table():
    root = Path(__file__).parents[2]
    file = Path(
        os.environ.get("DGE_PUBLISHED_TABLE", root.parent / "shared" / "data" / "gene_expression_data.csv")
    )
    if not file.is_file():
        pytest.skip(f"the published table is not there: {file}")
    table = read(file)
    found = {f.code: f for f in table.findings}
    assert table.frame.shape == (300, 7)
    assert int((table.frame["logFC"] > 0).sum()) == 19
    assert table.columns["t"] == "target"
    assert table.roles["id"] == "label"
    assert found["target_is_t"].count == 300
    assert found["blank_ids"].count == found["na_text_ids"].count == 4
    assert found["blank_ids"].rows == (8, 132, 188, 299)


def test_a_column_named_group_is_one_only_where_ids_repeat(sound, tmp_path):
    sound["group"] = ["up"] * (N // 2) + ["down"] * (N // 2)
    findings(sound, tmp_path)
    assert read(tmp_path / "t.csv").roles["group"] is None
    assert "group" in read(tmp_path / "t.csv").labels


def test_a_header_with_braces_is_text(sound, tmp_path):
    sound.loc[:1, "P.Value"] = 0.0
    sound.loc[2, "logFC"] = 0.0
    frame = sound.rename(columns={"P.Value": "p{all}", "logFC": "FC{0}"}).drop(columns="adj.P.Val")
    found = findings(frame, tmp_path, columns={"p": "p{all}", "effect": "FC{0}"})
    assert found["p_zero"].message == "'p{all}' is 0 (underflow) in 2 of 200 rows: kept as it is"
    assert found["zero_effects"].message == "'FC{0}' is exactly 0 in 1 of 200 rows: neither up nor down"


def test_ids_in_two_encodings_are_read_as_latin_1_and_named(sound, tmp_path):
    sound.loc[0, "ID"], sound.loc[1, "ID"] = "caf\u00e9", "th\u00e9"
    text = sound.to_csv(index=False).encode()
    mixed = text.replace("th\u00e9".encode(), "th\u00e9".encode("latin-1"))
    (tmp_path / "t.csv").write_bytes(mixed)
    table = read(tmp_path / "t.csv")
    assert table.encoding == "latin-1"
    assert table.frame["gene"].tolist()[:2] == ["caf\u00c3\u00a9", "th\u00e9"]
    (found,) = [f for f in table.findings if f.code == "garbled_ids"]
    assert found.rows == (2,) and "in 1 of 200 rows" in found.message
