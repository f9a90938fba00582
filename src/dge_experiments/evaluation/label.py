"""Labels of the runs of a leaderboard: the model, and the settings in which they differ."""

from collections.abc import Sequence
from dataclasses import replace

from dge_experiments.evaluation.run_row import SEED, RunRow

NAME = ".name"
OF_THE_MODEL = "model."
OF_THE_BOARD = ("data.", "target.", "split.", "evaluation.")
IMPLIED = ("data.name", "data.path", "target.path", "model.title", "model.simplicity")


def labelled(rows: Sequence[RunRow]) -> tuple[list[RunRow], tuple[str, ...]]:
    """The rows with a label each, such as ``XGBoost, features=honest``, and the settings in which they differ.

    A setting is left out where another one already implies its value: the name of its group, or the seed.
    """
    keys = dict.fromkeys(key for row in rows for key in row.settings if key not in (f"model{NAME}", *IMPLIED))
    differing = sorted((key for key in keys if _differs(rows, key)), key=_place)
    first = [f"model{NAME}", *(key for key in differing if key.endswith(NAME) or key == SEED)]
    named_settings = tuple(
        key
        for key in differing
        if key in first or not any(_tells(rows, by, key) for by in first if _may_tell(by, key))
    )
    labels = [", ".join([row.called, *_setting_texts(row, named_settings)]) for row in rows]
    return [replace(row, label=label) for row, label in zip(rows, labels, strict=True)], named_settings


def short_names(rows: Sequence[RunRow]) -> dict[str, str]:
    """Label -> the shortest name within ``rows``, for a sentence.

    The model, and in brackets as many settings as it takes to tell it from other runs of the same model.
    """
    short: dict[str, str] = {}
    for called in dict.fromkeys(row.called for row in rows):
        same = [row for row in rows if row.called == called]
        _, differing = labelled(same)
        by_count = [
            [", ".join(_setting_texts(row, differing[:count])) for row in same]
            for count in range(len(differing) + 1)
        ]
        texts = next(texts for texts in by_count if len(set(texts)) == len(set(by_count[-1])))
        short |= {
            row.label: f"{called} ({text})" if text else called for row, text in zip(same, texts, strict=True)
        }
    return short


def distinctions(groups: Sequence[Sequence[RunRow]]) -> list[str]:
    """What tells each of several boards on one question from the others, such as ``data.filter=AveExpr > 5``: settings
    of its table, target and split that all of its runs share."""
    _, differing = labelled([group[0] for group in groups])
    board_keys = [key for key in differing if key.startswith(OF_THE_BOARD)]
    labels = []
    for group in groups:
        shared = [key for key in board_keys if len({_value(row, key) for row in group}) == 1]
        labels.append(", ".join(_setting_texts(group[0], shared)))
    return labels


def _place(key: str) -> tuple[bool, bool, str]:
    """Names of groups first, the seed last."""
    return key == SEED, not key.endswith(NAME), key


def _setting_texts(row: RunRow, names: Sequence[str]) -> list[str]:
    return [f"{key.removesuffix(NAME)}={row.settings[key]}" for key in names if key in row.settings]


def _value(row: RunRow, key: str) -> str:
    return row.model if key == f"model{NAME}" else row.settings.get(key, "")


def _differs(rows: Sequence[RunRow], key: str) -> bool:
    """Whether runs differ in this setting; for a setting of the model, whether runs of the same model do."""
    if not key.startswith(OF_THE_MODEL):
        return len({_value(row, key) for row in rows}) > 1
    return not _tells(rows, f"model{NAME}", key)


def _may_tell(by: str, key: str) -> bool:
    return by == SEED or key.startswith(by.removesuffix("name"))


def _tells(rows: Sequence[RunRow], by: str, key: str) -> bool:
    """Whether the value of ``by`` implies the value of ``key``."""
    return len({(_value(row, by), _value(row, key)) for row in rows}) == len(
        {_value(row, by) for row in rows}
    )
