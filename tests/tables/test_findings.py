"""Every code of a finding is explained, and the page of codes is the one in docs/."""

import re
from pathlib import Path

import pytest

from dge_experiments.tables.checks.contract import MISSING
from dge_experiments.tables.checks.findings import codes, page
from dge_experiments.tables.checks.pvalues import SHAPES
from dge_experiments.tables.checks.recognition import NOTATIONS

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "src" / "dge_experiments" / "tables").rglob("*.py")


def emitted() -> set[str]:
    """Codes in the source: literal ones, and those that are put together."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in SOURCES)
    literal = re.findall(r"(?:Finding\(|finding\(|_finding\(\s*table,)\s*\"([a-z_]+)\"", text)
    made = [f"written_{notation}" for notation in NOTATIONS]
    made += [f"p_{shape.replace('-', '_').lower()}" for shape in SHAPES]
    made += [f"{p}_{what}" for p in ("p", "adjusted_p") for what in ("outside", "zero")]
    return {*literal, *made, *MISSING.values(), "statistic_missing"}


def test_every_code_is_explained_and_every_explained_one_exists():
    assert set(codes()) == emitted()


@pytest.mark.parametrize("code", codes())
def test_an_explanation_says_what_is_the_case_and_what_to_do(code):
    assert set(codes()[code]) == {"means", "do"}
    assert all(text.endswith(".") for text in codes()[code].values())


def test_the_page_in_docs_is_written_from_them():
    """Write it anew with `page()` of ``tables.checks.findings``."""
    assert (ROOT / "docs" / "findings.md").read_text(encoding="utf-8") == page()
