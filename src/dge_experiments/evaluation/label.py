"""What tells the runs of a leaderboard apart, beyond their model."""

from collections.abc import Sequence
from dataclasses import replace

from dge_experiments.evaluation.run_row import SEED, RunRow

NAME = ".name"
OF_THE_MODEL = "model."
OF_THE_BOARD = ("data.", "target.", "split.", "evaluation.")
SAID_BY_THE_DATA = ("data.name", "data.path", "target.path", "model.title", "model.simplicity")


def labelled(rows: Sequence[RunRow]) -> tuple[list[RunRow], tuple[str, ...]]:
    """The rows with a label each, such as ``XGBoost, features=honest``, and the settings in which they differ.

    A setting is left out where another that is shown says it already: the name of its group, or the seed.
    """
    keys = dict.fromkeys(
        key for row in rows for key in row.settings if key not in (f"model{NAME}", *SAID_BY_THE_DATA)
    )
    differing = sorted((key for key in keys if _differs(rows, key)), key=_place)
    first = [f"model{NAME}", *(key for key in differing if key.endswith(NAME) or key == SEED)]
    shown = tuple(
        key
        for key in differing
        if key in first or not any(_tells(rows, by, key) for by in first if _may_tell(by, key))
    )
    named = [replace(row, label=", ".join([row.called, *_told(row, shown)])) for row in rows]
    return named, shown


def apart(groups: Sequence[Sequence[RunRow]]) -> list[str]:
    """What tells each of several boards on one question from the others, such as ``data.filter=AveExpr > 5``: settings
    of its table, target and split that all of its runs share."""
    _, differing = labelled([group[0] for group in groups])
    found = []
    for group in groups:
        of_all = [key for key in differing if key.startswith(OF_THE_BOARD)]
        shared = [key for key in of_all if len({_value(row, key) for row in group}) == 1]
        found.append(", ".join(_told(group[0], shared)))
    return found


def _place(key: str) -> tuple[bool, bool, str]:
    """Names of groups first, the seed last."""
    return key == SEED, not key.endswith(NAME), key


def _told(row: RunRow, shown: Sequence[str]) -> list[str]:
    return [f"{key.removesuffix(NAME)}={row.settings[key]}" for key in shown if key in row.settings]


def _value(row: RunRow, key: str) -> str:
    return row.model if key == f"model{NAME}" else row.settings.get(key, "")


def _differs(rows: Sequence[RunRow], key: str) -> bool:
    """Whether runs differ in it; what belongs to the model, whether runs of the same model do."""
    if not key.startswith(OF_THE_MODEL):
        return len({_value(row, key) for row in rows}) > 1
    return not _tells(rows, f"model{NAME}", key)


def _may_tell(by: str, key: str) -> bool:
    return by == SEED or key.startswith(by.removesuffix("name"))


def _tells(rows: Sequence[RunRow], by: str, key: str) -> bool:
    """Whether the value of ``by`` says that of ``key``."""
    return len({(_value(row, by), _value(row, key)) for row in rows}) == len(
        {_value(row, by) for row in rows}
    )
