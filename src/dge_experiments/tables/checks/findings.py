"""The codes of findings: what a code means and what to do (``findings.yaml``)."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from dge_experiments.errors import BadInput, suggestion
from dge_experiments.tables.table import Finding

SEVERITIES = ("error", "warning", "info")


@cache
def codes() -> Mapping[str, Mapping[str, str]]:
    """Code -> ``means``, what it says about the table, and ``do``, what helps."""
    content: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return content


def reported(findings: Iterable[Finding], ignore: Sequence[str]) -> tuple[Finding, ...]:
    """The findings whose codes are not in ``ignore``, most severe first.

    Raises
    ------
    BadInput
        ``ignore`` has a code that does not exist
    """
    for code in ignore:
        if code not in codes():
            raise BadInput(f"data.ignore={code}: no such code of a finding; {suggestion(code, codes())}")
    remaining = (finding for finding in findings if finding.code not in ignore)
    return tuple(sorted(remaining, key=lambda finding: SEVERITIES.index(finding.severity)))


def page() -> str:
    """docs/findings.md: one heading a code."""
    parts = [
        "# Findings\n\nWhat `inspect` and a run report of a table, by code. `data.ignore=[code, ...]` mutes some; the "
        "report says which.\nThis page is written from `tables/checks/findings.yaml`.\n"
    ]
    parts += [f"\n## {code}\n{text['means']}\n\nWhat to do: {text['do']}\n" for code, text in codes().items()]
    return "".join(parts)
