"""Filters keep the rows they say, name the columns there are, and run no code."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dge_experiments.errors import BadInput
from dge_experiments.tables import Table, read
from dge_experiments.tables.filter import filtered, parse


@pytest.fixture
def table(limma, tmp_path) -> Table:
    frame = limma.head(60).assign(length=[str(100 + i) for i in range(60)], kind=["a", "b", ""] * 20)
    frame["length (kb)"] = frame["length"]
    frame.to_csv(tmp_path / "t.csv", index=False)
    return read(tmp_path / "t.csv", keep=["length", "kind", "length (kb)"])


def test_what_is_kept_is_what_the_words_say(table):
    f, length = table.frame, np.arange(100, 160)
    kind = np.array(["a", "b", ""] * 20)
    for text, expected in {
        "P.Value < 0.001 and logFC > 0": (f["P.Value"] < 0.001) & (f["logFC"] > 0),
        "`P.Value` < 0.001 & logFC > 0": (f["P.Value"] < 0.001) & (f["logFC"] > 0),
        "~(adj.P.Val < 0.01) | t >= 5": ~(f["adj.P.Val"] < 0.01) | (f["t"] >= 5),
        "abs(logFC) > 1 or not AveExpr > 6": (f["logFC"].abs() > 1) | ~(f["AveExpr"] > 6),
        "1e-9 < P.Value <= 1e-4": (f["P.Value"] > 1e-9) & (f["P.Value"] <= 1e-4),
        "-log10(P.Value) * 2 - 1 > abs(t) ** 1.5 / 3": -np.log10(f["P.Value"]) * 2 - 1
        > f["t"].abs() ** 1.5 / 3,
        "gene in ['1636_g_at', 'none']": f["gene"] == "1636_g_at",
        "gene not in ('1636_g_at',)": f["gene"] != "1636_g_at",
        "length > 120": length > 120,
        "`length (kb)` % 2 == 0": length % 2 == 0,
        "kind == 'a'": kind == "a",
        "kind != 'a & b | c'": np.ones(60, bool),
        "log2(length) < log2(130)": length < 130,
    }.items():
        kept = filtered(table, text)
        pd.testing.assert_frame_equal(kept.frame, f[np.asarray(expected)].reset_index(drop=True), obj=text)
        assert len(kept.extra) == len(kept.frame)
    assert filtered(table, None) is table


def test_the_columns_that_are_mentioned():
    found = parse("abs(adj.P.Val) < 0.1 and `gene length` > 1 and kind in ['x'] and 1 < `P.Value`")
    assert found.columns == ("adj.P.Val", "gene length", "kind", "P.Value")
    assert found.headers == ("gene length", "kind")


def test_other_rows_have_another_digest_and_the_same_rows_the_same(table, limma, tmp_path):
    kept = filtered(table, "logFC > 0")
    assert kept.digest != table.digest
    assert filtered(table, "P.Value <= 1").digest == table.digest
    part = limma.head(60)[limma.head(60)["logFC"].astype(float) > 0]
    part.to_csv(tmp_path / "part.csv", index=False)
    assert kept.digest == read(tmp_path / "part.csv").digest


HOSTILE = [
    "gene.to_csv('{out}')",
    "gene.to_csv('{out}') == 1",
    "logFC > 0 and gene.to_pickle('{out}')",
    "__import__('os').system('touch {out}')",
    "t.__class__.__init__.__globals__['sys'].modules['os'].system('touch {out}') == 0",
    "gene.__class__.__mro__[-1].__subclasses__()",
    "(lambda: open('{out}', 'w'))()",
    "[open('{out}', 'w') for _ in [1]]",
    "open('{out}', 'w') == 1",
    "abs(open('{out}', 'w')) > 1",
    "eval('1')",
    "gene.eval('logFC > 0')",
    "@__builtins__",
    "logFC.apply(print) > 0",
    "f'{{open(1)}}' == gene",
    "(x := open('{out}', 'w')) == 1",
    "abs(logFC, out=t) > 0",
    "abs.__call__(logFC) > 0",
    "gene[0] == 'x'",
    "logFC if t else B",
    "{{logFC: 1}}",
    "`abs`(logFC) > 1",
    "logFC > 1; import os",
    "await logFC",
    "*logFC",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_code_is_run(text, table, tmp_path):
    out = tmp_path / "written"
    with pytest.raises(BadInput, match=r"^data\.filter="):
        filtered(table, text.format(out=out))
    assert not out.exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nope > 1", r"no column 'nope' \(there are gene, logFC, AveExpr, t, P.Value, adj.P.Val, B, length"),
        ("P.Value <", "not an expression"),
        ("logFC + 1", "must say yes or no for each row"),
        ("True", "only columns, numbers"),
        ("1 < 2", "must say yes or no for each row"),
        ("logFC > 1e9", "keeps none of the 60 rows"),
        ("gene > 1", "text is compared with a number"),
        ("logFC == '1'", "text is compared with a number"),
        ("gene + 1 > 2", "gene is no number"),
        ("logFC and t > 1", "join comparisons"),
        ("logFC in 3", "`in` needs a list"),
        ("logFC is t", "use == or !="),
        ("logFC < 9 ** 9 ** 9 ** 9", None),
        ("logFC < 1" + "0" * 400, "too large"),
        ("-" * 1500 + "logFC < 1", None),
        ("(" * 900 + "t" + ")" * 900, None),
        ("logFC > 0" + " or t > 0" * 400, "longer than"),
        ("", None),
        ("\0", None),
    ],
)
def test_what_is_no_filter_is_one_line(text, why, table):
    try:
        filtered(table, text)
    except BadInput as error:
        assert "\n" not in str(error)
        assert why is None or re.search(why, str(error))
    else:
        assert why is None


@given(st.text(alphabet="abct.PV`'\"()[]<>=!&|~+-*/%0123456789_ ,:@#\\\n", max_size=40))
def test_any_text_is_a_mask_or_one_line(text):
    frame = pd.DataFrame({"gene": ["a", "b"], "t": [1.0, -1.0], "P.Value": [0.1, 0.2]})
    try:
        mask = parse(text).mask(frame, pd.DataFrame(index=frame.index))
    except BadInput as error:
        assert str(error).startswith("data.filter=")
        assert "\n" not in str(error)
    else:
        assert mask.shape == (2,)
        assert mask.dtype == bool
