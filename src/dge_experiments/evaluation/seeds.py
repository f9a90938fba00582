"""Runs that differ only in their seed: one model with the standard deviation of its scores, and the share of an
interval that comes from the draw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, norm

from dge_experiments.evaluation.key import Key
from dge_experiments.evaluation.proportion import LEVEL
from dge_experiments.evaluation.run_row import SEED, RunRow

TAIL = (1 - LEVEL) / 2


@dataclass(frozen=True)
class Draw:
    """How much a score varies with the seed, compared with the interval of one run.

    Attributes
    ----------
    seeds : how many
    observed : standard deviation of the score over the seeds (n - 1)
    expected : the standard deviation that the intervals of single runs imply: half their width over the normal
        quantile, root mean square
    share : share of the interval's variance that comes from the seeds: (observed / expected) squared; above 1 where
        scores vary more than the intervals imply
    low, high : its 95 % interval, for normal scores
    """

    seeds: int
    observed: float
    expected: float
    share: float
    low: float
    high: float


def over_seeds(rows: Sequence[RunRow]) -> list[RunRow]:
    """The rows, with those of one sweep that differ only in their seed pooled."""
    groups: dict[object, list[RunRow]] = {}
    for place, row in enumerate(rows):
        settings = tuple(sorted((k, v) for k, v in row.settings.items() if not _seeded(k)))
        same = (row.sweep_id, row.model, row.comparable[:3], row.withheld, settings)
        groups.setdefault(same if row.sweep_id and SEED in row.settings else place, []).append(row)
    pooled_rows: list[RunRow] = []
    for members in groups.values():
        seeds = {row.settings.get(SEED) for row in members}
        pooled_rows += [pooled(members)] if len(seeds) == len(members) else members
    return pooled_rows


def _seeded(setting: str) -> bool:
    return setting.rpartition(".")[2] in (SEED, "random_state")


def pooled(members: Sequence[RunRow]) -> RunRow:
    """Runs that differ only in their seed as one: mean scores, and their standard deviation (n - 1) as ``_std``.

    Their held-out genes differ, so that there are no answers to compare and no intervals.
    """
    first = members[0]
    if len(members) == 1:
        return first
    names = [name for name in first.metrics if all(name in member.metrics for member in members)]
    keys = [key for key in map(Key.parse, names) if not key.end]
    values = {str(key): np.array([member.metrics[str(key)] for member in members]) for key in keys}
    means = {name: float(scores.mean()) for name, scores in values.items()}
    spreads = {str(key.at("std")): float(values[str(key)].std(ddof=1)) for key in keys if key.part}
    seeds = ", ".join(member.settings.get(SEED, "?") for member in members)
    split = " ".join(sorted({member.about.get("split_hash", "none") for member in members}))
    return RunRow(
        **{
            **{name: getattr(first, name) for name in first.__dataclass_fields__},
            "about": {**first.about, "split_hash": split},
            "metrics": means | spreads,
            "settings": {**first.settings, SEED: seeds},
            "members": tuple(place for member in members for place in member.members),
            "expected": {str(key): _expected(key, members) for key in keys if str(key.at("low")) in names},
            "folds": lambda: None,
            "answers": lambda: None,
        }
    )


def draw(row: RunRow, key: Key) -> Draw | None:
    """The share of a score's interval that comes from the draw; None for one run, and for a score without an interval
    or a standard deviation.

    The seeds of a table share its genes: where a share f of them is held out, the seeds alone give 1 - f of the
    variance of an interval for other genes, and more where the fit varies too (Nadeau & Bengio 2003,
    doi:10.1023/A:1024068626366).
    """
    expected, observed, freedom = (
        row.expected.get(str(key), 0.0),
        row.score(key.at("std")),
        len(row.members) - 1,
    )
    if freedom < 1 or expected <= 0 or observed is None:
        return None
    share = (observed / expected) ** 2
    high, low = (share * freedom / float(chi2.ppf(end, freedom)) for end in (TAIL, 1 - TAIL))
    return Draw(freedom + 1, observed, expected, share, low, high)


def _expected(key: Key, members: Sequence[RunRow]) -> float:
    """The standard deviation that the intervals of single runs imply."""
    widths = [member.metrics[str(key.at("high"))] - member.metrics[str(key.at("low"))] for member in members]
    return float(np.sqrt(np.mean(np.square(widths))) / (2 * norm.ppf(1 - TAIL)))
