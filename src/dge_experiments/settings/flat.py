"""The settings of a run as flat parameters: those that its result depends on."""

from collections.abc import Iterator, Mapping
from typing import Any

from dge_experiments.settings.fields import plain
from dge_experiments.settings.schema import Settings

ALONE = ("seed", "calibration", "threshold")
SECTIONS = ("data", "target", "features", "split", "model", "search", "evaluation", "leak")
PROSE = (
    "model.cite",
    "target.scoring",
    "target.calibration",
    "target.threshold",
    "target.magnitudes",
)  # text, or recorded under another key


def flat(settings: Settings) -> dict[str, str]:
    """Dotted key -> value as text, without keys that are not set and without the settings of compute and tracking."""
    nested = plain(settings)
    values = {key: nested[key] for key in ALONE}
    for section in SECTIONS:
        values |= dict(_leaves(nested[section], section))
    return {k: _text(v) for k, v in values.items() if k not in PROSE and v not in (None, "", [], {})}


def is_setting(key: str) -> bool:
    """Whether a parameter of a run is one of its settings, rather than what its search chose."""
    return "." in key or key in ALONE


def _leaves(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in node.items():
        key = f"{prefix}.{name}"
        if isinstance(value, Mapping) and not key.startswith("model.space."):
            yield from _leaves(value, key)
        else:
            yield key, value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
