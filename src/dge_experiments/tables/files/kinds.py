"""What a file is instead of a table, by its beginning (``kinds.yaml``)."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml


def binary(start: bytes) -> str | None:
    """What a file is by its first bytes; None if it may be text."""
    for kind in _kinds()["binary"]:
        if start.startswith(kind["starts"].encode("latin-1"), kind.get("at", 0)):
            return str(kind["means"])
    return None


def text(start: str) -> str | None:
    """What a text is by its beginning; None if it may be a table."""
    start = start.lstrip("\ufeff \t\r\n")
    return next((kind["means"] for kind in _kinds()["text"] if re.match(kind["begins"], start)), None)


@cache
def _kinds() -> dict[str, list[dict[str, Any]]]:
    content = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return dict(content)
