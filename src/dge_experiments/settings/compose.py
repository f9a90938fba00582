"""Compose settings from conf/ and overrides, as the command line does."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from dge_experiments.errors import BadInput
from dge_experiments.settings.conf import conf_folder, own_folder
from dge_experiments.settings.fields import walk
from dge_experiments.settings.messages import check_overrides, one_line
from dge_experiments.settings.read import read
from dge_experiments.settings.schema import Settings


def compose(overrides: Sequence[str]) -> Settings:
    """The settings of ``run`` with ``overrides`` such as ``model=xgboost``.

    Raises
    ------
    BadInput
        an override that cannot be read, an unknown key or choice, a value that is not allowed
    """
    check_overrides(overrides)
    try:
        with initialize_config_dir(str(conf_folder()), version_base="1.3"):
            quoted_overrides = [quoted(override, Settings) for override in overrides]
            return read(
                hydra_compose("config", [*quoted_overrides, *_search_path(own_folder(overrides))]), Settings
            )
    except HydraException as error:
        raise BadInput(one_line(error, Settings)) from None


def _search_path(folder: Path | None) -> list[str]:
    """The override that adds a folder to Hydra's search path."""
    if folder is None:
        return []
    escaped = re.sub(r"(\\*)'", r"\1\1\\'", f"file://{folder.resolve()}")
    return [f"hydra.searchpath=['{escaped}']"]


def new_sweep_id() -> str:
    """An id shared by the runs of one command: the time and a few random digits."""
    return f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def quoted(argument: str, schema: type) -> str:
    """``KEY=VALUE``, with the value in quotes where Hydra would misread it.

    Its grammar takes the run ``30054e19`` and the header ``1.50`` for numbers, cannot read
    ``data.columns.p=P (A vs B)``, and takes a file named ``a,b.csv`` in ``data.path=a,b.csv`` for two choices.
    """
    key, mark, value = argument.partition("=")
    if not mark:
        return argument
    field = next((field for field in walk(schema) if field.key == key.lstrip("+")), None)
    plain = argument
    if field and field.takes_text:
        plain = f"{key}={_numbers_quoted(value, field.type is str)}"
    if not key.startswith("data."):
        return plain
    try:
        OverridesParser.create().parse_override(plain)
    except HydraException:
        readable = False
    else:
        readable = not ("," in value and Path(value).expanduser().is_file())
    escaped = re.sub(r"(\\*)'", r"\1\1\\'", value)
    return plain if readable else f"{key}='{escaped}'"


def _numbers_quoted(value: str, becomes_text: bool) -> str:
    """Quote the words that would be read as numbers; not in a value that has quotes already.

    ``becomes_text``: a number is written as text later, so that only those that would change need quotes.
    """
    if re.search(r"['\"\\(){}$]", value):
        return value
    words = re.split(r"(\s*[\[\],]\s*)", value)
    for place, word in enumerate(words):
        number = _read_as(word)
        if number is not None and not (becomes_text and number == word):
            words[place] = f"'{word}'"
    return "".join(words)


def _read_as(word: str) -> str | None:
    """A number as it is written after it was read; None for what is no number."""
    for number in (int, float):
        try:
            return str(number(word))
        except ValueError:
            continue
    return None
