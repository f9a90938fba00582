"""Units: worked values."""

import numpy as np
import pandas as pd
import pytest

from dge_experiments.tables import read, units

PAIRS = pd.DataFrame({"gene": list("abcd"), "p_val": [0.001, 0.2, 0.5, 0.9]})


def load(folder, **columns):
    file = folder / "t.csv"
    PAIRS.assign(**columns).to_csv(file, index=False)
    return read(file)


def test_natural_log_to_log2(tmp_path):
    table = load(tmp_path, avg_logFC=[np.log(2), -np.log(8), 0.5, 0.1], p_val_adj=[0.1, 1, 1, 1])
    assert table.dialect == "seurat_v2"
    np.testing.assert_allclose(table.frame["logFC"], [1, -3, 0.5 / np.log(2), 0.1 / np.log(2)], rtol=1e-15)
    assert table.derived["logFC"] == "avg_logFC / ln 2"


def test_signed_linear_and_ratio_to_log2(tmp_path):
    signed = load(tmp_path, FoldChange=[2, -4, 1.5, -1.5])
    np.testing.assert_allclose(signed.frame["logFC"], [1, -2, np.log2(1.5), -np.log2(1.5)])
    assert signed.effect_scale == "linear"
    ratio = load(tmp_path, FoldChange=[2, 0.25, 1, 8])
    np.testing.assert_allclose(ratio.frame["logFC"], [1, -2, 0, 3])


def test_a_fold_change_with_negative_fractions_is_a_logarithm(tmp_path):
    table = load(tmp_path, FoldChange=[2, -0.25, 1, 3])
    assert table.effect_scale == "log2"
    assert "effect_scale_assumed" in {f.code for f in table.findings}


def test_base_mean_is_taken_to_log2(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(
        "gene,baseMean,log2FoldChange,lfcSE,pvalue,padj\na,1023,1,0.5,0.045,0.1\nb,0,-2,1,0.046,0.1\nc,7,3,1,0.003,0.01\n"
    )
    table = read(file)
    assert list(table.frame["AveExpr"]) == [10, 0, 3]
    assert table.derived == {"AveExpr": "log2(baseMean + 1)"}
    assert "t" not in table.features
    derived = read(file, derive=True)
    assert list(derived.frame["t"]) == [2, -2, 3]
    assert derived.derived["t"] == "logFC / SE"


def test_minus_log10_p(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("gene,log2(FC),-log10(p)\na,1,3\nb,-2,0\nc,0.5,400\n")
    assert list(read(file).frame["P.Value"]) == pytest.approx([1e-3, 1, 0])


@pytest.mark.parametrize(
    ("header", "scale"),
    [
        ("log2FC", "log2"),
        ("Log₂ ratio", "log2"),
        ("logFC", "log2"),
        ("lfc", "log2"),
        ("ln_fc", "ln"),
        ("log10FC", "log10"),
        ("fold", "linear"),
    ],
)
def test_scale_by_header(header, scale):
    from dge_experiments.tables.headers.names import words

    assert words(header)
    assert units.effect_scale("by_header", header, np.array([1.0, -2.0]))[0] == scale


@pytest.mark.parametrize(
    ("declared", "header", "values", "name"),
    [
        ("t", "stat", [1, -2], "t"),
        ("t", "stat", [1, 2], "LR"),
        ("F", "F", [1, 2], "F"),
        ("by_header", "F", [1, 2], "F"),
        ("by_header", "chisq", [1, 2], "LR"),
        ("by_header", "score", [1, -2], "t"),
        ("by_header", "score", [1, 2], "stat"),
    ],
)
def test_only_a_signed_statistic_is_t(declared, header, values, name):
    assert units.statistic_name(declared, header, np.array(values, float), np.array([1.0, -1.0])) == name
