"""Dialects are data: the bundled ones are sound, a user adds one without code."""

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
