"""The page of a table: columns, findings with what to do, pictures where there are the columns for them."""

import numpy as np
import pandas as pd
import pytest

from dge_experiments.report.inspection import inspection
from dge_experiments.report.page.page import Chart, page
from dge_experiments.tables import read

EVEN = (np.arange(400) + 0.5) / 400


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "gene": ["<b>A</b>", "A", *[f"G{i}" for i in range(398)]],
            "logFC": rng.normal(size=400),
            "AveExpr": rng.normal(7, 1, 400),
            "P.Value": 1 - EVEN**2,
            "lfcSE": rng.uniform(0.1, 1, 400),
            "my <own>": "x",
        }
    )


def titles(report) -> list[str]:
    return [part.title for chapter in report.chapters for part in chapter.parts if isinstance(part, Chart)]


def test_pictures_and_findings_of_a_table(frame, tmp_path):
    frame.to_csv(tmp_path / "t.csv", index=False)
    report = inspection(read(tmp_path / "t.csv", ignore=["padded_ids"]))
    assert titles(report) == ["Histogram", "Volcano", "MA", "Effect against its standard error"]
    text = " ".join(sentence for _, sentence in report.findings)
    assert "pile up near 1" in text and "What to do: Look for an unmodelled batch" in text
    assert "docs/findings.md#p_conservative" in text
    assert report.details[0].text == "Not reported (data.ignore): padded_ids."
    columns = report.chapters[0].parts[0].frame
    assert columns.to_numpy().tolist()[-1] == ["no role", "my <own>"]
    html = page(report)
    assert "my &lt;own&gt;" in html and "<b>A</b>" not in html
    [bars, limit] = report.chapters[1].parts[0].figure.data
    assert sum(bars.y) == 400 and limit.y[0] == report.chapters[1].parts[0].frame["limit"][0]


def test_what_a_table_lacks_is_not_drawn(frame, tmp_path):
    frame[["gene", "logFC", "P.Value"]].to_csv(tmp_path / "t.csv", index=False)
    assert titles(inspection(read(tmp_path / "t.csv"))) == ["Histogram", "Volcano"]
    tested = pd.DataFrame({"gene": frame["gene"], "stat": 1 / frame["P.Value"], "pval": frame["P.Value"]})
    tested.to_csv(tmp_path / "t.csv", index=False)
    assert titles(inspection(read(tmp_path / "t.csv"))) == ["Histogram"]


def test_large_tables_are_drawn_in_part(tmp_path):
    rng = np.random.default_rng(1)
    n = 21_000
    pd.DataFrame(
        {"gene": [f"G{i}" for i in range(n)], "logFC": rng.normal(size=n), "P.Value": rng.random(n)}
    ).to_csv(tmp_path / "t.csv", index=False)
    report = inspection(read(tmp_path / "t.csv"))
    assert report.chapters[-1].intro == "A random 20,000 of 21,000 rows are drawn."
