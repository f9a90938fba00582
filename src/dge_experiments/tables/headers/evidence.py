"""Evidence from other columns about the chosen ones."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from dge_experiments.tables import units
from dge_experiments.tables.headers.columns import PROBABILITIES, Columns
from dge_experiments.tables.headers.contrast import contrast_of
from dge_experiments.tables.headers.detected import Detected, Words
from dge_experiments.tables.headers.dialect import LOGS
from dge_experiments.tables.headers.names import words as in_words

READ = ("effect", "p", "adjusted_p", "statistic", "se", "mean")
DIRECTION = {"regulation", "direction", "trend", "change"}
FOLDS = ("re:(signed_|linear_)?(fc|fold_?change|fold|ratio)(_.*)? unless .*(log|abs|se).*",)


def unread(columns: Columns, words: Words, chosen: Mapping[str, int]) -> dict[str, tuple[str, str]]:
    """Roles without a column although one has such a name: its header, and what is wrong with its values."""
    reasons = {}
    for role in READ:
        if role in chosen or any(plain == role and log in chosen for log, plain in LOGS.items()):
            continue
        for i in columns.called(words.of(role)):
            letter = len(in_words(columns.headers[i])) < 2  # more often the name of a sample or group
            why = None if letter or i in chosen.values() else _why_unread(columns, i, role)
            if why is not None:
                reasons[role] = columns.headers[i], why
                break
    return reasons


def _why_unread(columns: Columns, i: int, role: str) -> str | None:
    if not columns.numeric(i):
        cell = columns.no_number(i) or ""
        return f"{cell!r} is no number" if any(map(str.isdigit, cell)) else None
    values = columns.values(i)
    outside = values[(values < 0) | (values > 1)]
    if role in PROBABILITIES and not columns.fits(i, role) and len(outside):
        return f"{outside[0]:g} is outside [0, 1]"
    return None


def target_is_t(columns: Columns, chosen: Mapping[str, int]) -> int | None:
    """A column ``target`` with the sign of the effect in every row of the sample, as t has."""
    if "statistic" in chosen or "effect" not in chosen or "target" not in columns.headers:
        return None
    i = columns.headers.index("target")
    if not columns.numeric(i) or i in chosen.values():
        return None
    target, effect = columns.pairs(i, chosen["effect"])
    same = len(target) > 0 and bool((np.sign(target) == np.sign(effect)).all())
    return i if same and len(np.unique(target)) > 2 else None


def unrelated(columns: Columns, chosen: Mapping[str, int], given: frozenset[str]) -> int | None:
    """A statistic by its name that does not follow the p values: a mean, or another score."""
    p = chosen.get("p", chosen.get("adjusted_p"))
    i = chosen.get("statistic")
    if p is None or i is None or "statistic" in given or columns.follows(i, p):
        return None
    return None if columns.follows(i, p, size=False) or units.deviates(*columns.pairs(i, p)) else i


def log_of_adjusted(columns: Columns, chosen: Mapping[str, int]) -> bool:
    """Whether the column -log10(p) holds the adjusted p (MetaboAnalyst's volcano table)."""
    if not {"neg_log10_p", "adjusted_p"} <= set(chosen):
        return False
    log, adjusted = columns.pairs(chosen["neg_log10_p"], chosen["adjusted_p"])
    return len(log) > 0 and bool(np.allclose(10.0 ** -np.abs(log), adjusted, rtol=0.01))


def with_evidence(detected: Detected, columns: Columns) -> Detected:
    """Add evidence about the effect: the direction of absolute effects, and a column of folds next to logarithms."""
    chosen = dict(detected.columns)
    if "effect" not in chosen:
        return detected
    effect, header = columns.values(chosen["effect"]), columns.headers[chosen["effect"]]
    contrast, assigned = contrast_of(header), set(chosen.values())
    if "direction" not in chosen and (units.is_absolute(header) or not (effect < 0).any()):
        says = [i for i in range(len(columns)) if i not in assigned and not columns.numeric(i)]
        says = [i for i in says if _says_direction(columns, i)]
        says = [i for i in says if contrast_of(columns.headers[i]) == contrast] or says
        chosen |= {"direction": says[0]} if says else {}
    if "log" in in_words(header) or "lfc" in in_words(header):
        folds = columns.named(FOLDS, "effect", frozenset(assigned))
        folds = [i for i in folds if contrast_of(columns.headers[i]) == contrast]
        base = units.log_base(*columns.pairs(chosen["effect"], folds[0])) if folds else None
        detected = replace(detected, log_base=base, fold=folds[0] if folds else None)
    return replace(detected, columns=chosen)


def _says_direction(columns: Columns, i: int) -> bool:
    """Whether cells say up and down; up alone counts where the header says that the column is a direction."""
    codes = units.directions(columns.text(i))
    return codes is not None and bool(
        (codes < 0).any() or DIRECTION & set(in_words(columns.headers[i]).split("_"))
    )
