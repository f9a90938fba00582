"""Dialects are data: the bundled ones are sound, a user adds one without code."""

import time

import numpy as np
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.tables import read
from dge_experiments.tables.headers.dialect import DIALECTS, load
from dge_experiments.tables.headers.names import matches, words

NAMED = """limma limma_voom edger_qlf edger_exact edger_lrt deseq2 pydeseq2 seurat scanpy geo2r sleuth
cuffdiff msstats mast nfcore ttest"""


def test_every_named_dialect_is_there():
    assert set(NAMED.split()) <= {d.name for d in load(DIALECTS)}


def test_a_users_own_dialect(limma, tmp_path):
    file = tmp_path / "t.csv"
    limma.rename(columns={"logFC": "Veränderung", "P.Value": "Zufall"})[
        ["ID", "Veränderung", "Zufall"]
    ].to_csv(file, index=False)
    with pytest.raises(BadInput, match="no columns for an effect and its p value"):
        read(file)
    own = tmp_path / "own"
    own.mkdir()
    (own / "labor.yaml").write_text(
        "columns: {effect: [Veränderung], p: [Zufall]}\neffect_scale: log2\n", encoding="utf-8"
    )
    table = read(file, dialects=[*DIALECTS, own])
    assert table.dialect == "labor"
    np.testing.assert_array_equal(table.frame["logFC"], limma["logFC"].astype(float))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("columns: {efect: [x]}", "unknown key 'efect'; did you mean effect?"),
        ("column: {effect: [x]}", "a dialect needs `columns:`"),
        ("columns: {effect: [x]}\neffect_scale: log3", "effect_scale=log3: must be one of log2"),
        ("columns: {effect: ['re:(']}", "is no regular expression"),
        ("columns: [", "not readable as YAML"),
    ],
)
def test_a_bad_dialect_is_refused(text, message, tmp_path):
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(BadInput) as refusal:
        load([tmp_path])
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_folder_without_dialects(tmp_path):
    with pytest.raises(BadInput, match="no dialects"):
        load([tmp_path])


@pytest.mark.parametrize(
    ("name", "header", "same"),
    [
        ("adj.P.Val", "adj_p_val", True),
        ("adj.P.Val", "Adj P Val", True),
        ("-log10(p)", "log10(p)", False),
        ("log2(FC)", "log2FC", True),
        ("Log2 fold change", "Log₂ fold change", True),
        ("P.Value", "adj.P.Value", False),
        ("", "", True),
        ("", "x", False),
    ],
)
def test_names_match_whatever_case_and_punctuation(name, header, same):
    assert matches(name, header) is same


def test_words():
    assert words("Student's T-test Difference A_B") == "student_s_t_test_difference_a_b"
    assert words("−log10(p-value)") == "neg_log10_p_value"


@pytest.mark.parametrize(
    ("name", "header", "same"),
    [
        ("re:p_.* unless p_corr.*", "p (KO)", True),
        ("re:p_.* unless p_corr.*", "p (Corr)", False),
        ("re:log2?_?fc", "log2 FC", True),
        ("re:log2?_?fc", "log2 FC of KO", False),
        (r"raw:log2\(.+/.+\)", "Log2(KO/WT)", True),
        (r"raw:log2\(.+/.+\)", "log2(KO-WT)", False),
        (r"raw:[a-z]+ unless .*abs.*", "FCabs", False),
    ],
)
def test_patterns_and_their_exceptions(name, header, same):
    assert matches(name, header) is same


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}", "([a-z]+_?)+x"])
def test_no_pattern_takes_forever(pattern, tmp_path):
    (tmp_path / "slow.yaml").write_text(f"columns: {{effect: ['re:{pattern}'], p: ['raw:{pattern}']}}\n")
    header = "a" * 5000 + "!"
    file = tmp_path / "t.csv"
    file.write_text(f"gene,logFC,P.Value,{header}\nA,1,0.1,1\nB,-1,0.2,2\n")
    start = time.process_time()
    assert read(file, dialects=[*DIALECTS, tmp_path]).roles["effect"] == "logFC"
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("order", "columns"),
    [
        ("[id, effect, p]", [0, 1, 2]),
        ("[id, effect, se, p, adjusted_p]", [0, 1, 3, 2, 4]),
        ("[effect, id, p]", [1, 0, 2]),
        ("[id, effect, statistic]", [0, 1, 3]),
    ],
)
def test_a_users_own_dialect_without_a_header(order, columns, limma, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "bare.yaml").write_text(f"columns: {{effect: [e]}}\nheaderless: {order}\n")
    rows = [
        [g, x, p, abs(float(x)), q]
        for g, x, p, q in limma[["ID", "logFC", "P.Value", "adj.P.Val"]].to_numpy()
    ]
    roles = order.strip("[]").split(", ")
    place = {"id": 0, "effect": 1, "p": 2, "se": 3, "statistic": 3, "adjusted_p": 4}
    file = tmp_path / "t.tsv"
    file.write_text("".join("\t".join(str(row[place[role]]) for role in roles) + "\n" for row in rows))
    table = read(file, dialects=[own])
    assert table.dialect == "bare"
    assert list(table.frame["gene"]) == list(limma["ID"])
    np.testing.assert_array_equal(table.frame["logFC"], limma["logFC"].astype(float))


def test_a_headerless_order_of_unknown_roles_is_refused(tmp_path):
    (tmp_path / "x.yaml").write_text("columns: {effect: [e]}\nheaderless: [id, efect]\n")
    with pytest.raises(BadInput, match=r"unknown key 'efect'; did you mean effect\?"):
        load([tmp_path])


def test_a_tool_is_named_only_where_there_is_no_doubt(limma, tmp_path):
    limma.to_csv(tmp_path / "t.csv", index=False)
    assert read(tmp_path / "t.csv").why.startswith("columns as limma names them: ")
    limma[["ID", "logFC", "P.Value"]].to_csv(tmp_path / "t.csv", index=False)
    assert read(tmp_path / "t.csv").why.startswith("columns by their names: ")
