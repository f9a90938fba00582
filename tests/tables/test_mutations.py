"""Whatever happens to a good table: it is read right, or refused in one line."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dge_experiments.errors import BadInput
from dge_experiments.tables import describe, read

pytestmark = pytest.mark.slow

FAST = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
COLUMNS = ["logFC", "AveExpr", "t", "P.Value", "adj.P.Val", "B"]


def outcome(file, **options):
    """The table, or None if it was refused as it should be."""
    try:
        table = read(file, **options)
    except BadInput as refusal:
        message = str(refusal)
        assert message
        assert "\n" not in message
        return None
    assert np.isfinite(table.frame[table.features].to_numpy()).all()
    assert describe(table)["columns"]["effect"] is not None or "no_effect" in {f.code for f in table.findings}
    return table


@FAST
@given(data=st.data())
def test_dropped_shuffled_and_doubled_columns(data, limma, tmp_path):
    names = data.draw(st.lists(st.sampled_from(list(limma.columns)), min_size=1, max_size=10))
    frame = limma.head(30)[names]
    file = tmp_path / "t.csv"
    frame.to_csv(file, index=False)
    table = outcome(file)
    if {"logFC", "P.Value"} <= set(names):
        assert table is not None
    if table is not None:
        for column in table.features:
            expected = pd.to_numeric(frame[column] if names.count(column) == 1 else frame[column].iloc[:, 0])
            np.testing.assert_array_equal(table.frame[column], expected)


@FAST
@given(data=st.data())
def test_renamed_columns(data, limma, tmp_path):
    words = st.text(max_size=12) | st.sampled_from(
        [
            "logFC",
            "P.Value",
            "padj",
            "pvalue",
            "FDR",
            "t",
            "stat",
            "log2FoldChange",
            "target",
            "",
            "NES",
            "SE",
            "se_b",
            "b",
        ]
    )
    frame = limma.head(20).copy()
    frame.columns = pd.Index([data.draw(words | st.just(name)) for name in limma.columns])
    file = tmp_path / "t.csv"
    file.write_bytes(frame.to_csv(index=False).encode("utf-8", errors="replace"))
    outcome(file)


@FAST
@given(data=st.data())
def test_broken_cells(data, limma, tmp_path):
    frame = limma.head(25).copy()
    bad = {}
    for _ in range(data.draw(st.integers(1, 4))):
        row = data.draw(st.integers(0, 24))
        column = data.draw(st.sampled_from(COLUMNS))
        cell = data.draw(
            st.sampled_from(
                ["NA", "", "None", "Inf", "-Inf", "nan", "abc", "1,5", "<0.001", "1e999", "-", "#N/A", "2"]
            )
        )
        frame.loc[row, column] = cell
        bad[(row, column)] = cell
    file = tmp_path / "t.csv"
    frame.to_csv(file, index=False)
    table = outcome(file)
    chances = ("P.Value", "adj.P.Val")  # of which <0.001 is a bound
    broken = {k for k, v in bad.items() if v in ("abc", "1,5") or (v == "<0.001" and k[1] not in chances)}
    if broken:
        assert table is None
        return
    missing = {row for (row, _), v in bad.items() if v not in ("2", "<0.001")}
    assert table is not None
    assert len(table.frame) == 25 - len(missing)
    assert list(table.frame["gene"]) == [g for i, g in enumerate(frame["ID"]) if i not in missing]


@FAST
@given(cut=st.integers(0, 3000))
def test_a_file_cut_short(cut, limma, tmp_path):
    text = limma.head(40).to_csv(index=False).encode()
    file = tmp_path / "t.csv"
    file.write_bytes(text[: min(cut, len(text))])
    table = outcome(file)
    if table is not None:
        n = len(table.frame) - 1
        assert list(table.frame["gene"][:n]) == list(limma["ID"][:n])
        assert n == 0 or table.features == COLUMNS
        np.testing.assert_array_equal(
            table.frame[table.features][:n], limma[table.features][:n].astype(float)
        )


@FAST
@given(
    wrong=st.sampled_from([",", ";", "\t", " ", ":", "/", "a", "0", ".", '"', "|", "\n"]),
    which=st.sampled_from(["all", "header", "body", "one"]),
)
def test_a_wrong_delimiter(wrong, which, limma, tmp_path):
    lines = limma.head(30).to_csv(index=False).splitlines()
    changed = {"all": range(31), "header": [0], "body": range(1, 31), "one": [9]}[which]
    text = "\n".join(line.replace(",", wrong) if i in changed else line for i, line in enumerate(lines))
    file = tmp_path / "t.csv"
    file.write_text(text + "\n")
    table = outcome(file)
    if table is not None and len(table.frame) == 30 and set(table.features) == set(COLUMNS):
        np.testing.assert_array_equal(table.frame[COLUMNS], limma[COLUMNS].head(30).astype(float))


@FAST
@given(content=st.binary(max_size=400))
def test_any_bytes(content, tmp_path):
    file = tmp_path / "t.csv"
    file.write_bytes(content)
    outcome(file)


@FAST
@given(
    start=st.sampled_from(
        [b"PK\x03\x04", b"PAR1", b"\x1f\x8b", b"BZh9", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"]
    ),
    rest=st.binary(max_size=60),
)
def test_bytes_that_promise_a_format(start, rest, tmp_path):
    file = tmp_path / "t"
    file.write_bytes(start + rest)
    outcome(file)


@FAST
@given(text=st.text(alphabet="abcPFlog.,;\t \"'\n\r|0123456789-eE#_", max_size=300))
def test_any_text(text, tmp_path):
    file = tmp_path / "t.txt"
    file.write_text(text)
    outcome(file)


@FAST
@given(data=st.data())
def test_flipped_bytes(data, limma, tmp_path):
    content = bytearray(limma.head(20).to_csv(index=False).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path / "t.csv"
    file.write_bytes(bytes(content))
    outcome(file)
