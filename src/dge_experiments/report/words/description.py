"""The run's description in Markdown: verdict, small table, link to the report."""

from collections.abc import Sequence

import pandas as pd

from dge_experiments.report.page.cells import cells
from dge_experiments.report.words.sentence import Sentence


def description(verdict: Sequence[Sentence], scores: pd.DataFrame, link: str) -> str:
    """Markdown; the first sentence of ``verdict`` leads, ``link`` is the address of the report ("" for none)."""
    lead = "\n\n".join(
        f"**{as_written(sentence.text)}**" if k == 0 else as_written(sentence.text)
        for k, sentence in enumerate(verdict)
    )
    report = f"\n\n[The full report]({link}), also under Artifacts as `report.html`." if link else ""
    return f"{lead}\n\n{table(scores)}{report}"


def table(frame: pd.DataFrame) -> str:
    """A Markdown table of one row or more; numbers on the right."""
    head = "| " + " | ".join(as_written(str(c)) for c in frame.columns) + " |"
    body = cells(frame)
    rule = "|" + "|".join("---:" if first.number else "---" for first in body[0]) + "|"
    rows = ["| " + " | ".join(as_written(f"{c.text} {c.limits}".strip()) for c in row) + " |" for row in body]
    return "\n".join([head, rule, *rows])


def as_written(text: str) -> str:
    """Text that Markdown shows unchanged."""
    for sign in "\\`*_|[]<>":
        text = text.replace(sign, "&lt;" if sign == "<" else "&gt;" if sign == ">" else f"\\{sign}")
    return text.replace("\n", " ")
