"""Whether a model may be registered, and whether it takes the champion's place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from dge_experiments.evaluation.comparison import corrected_t_test
from dge_experiments.evaluation.leaderboard import COMPARABLE, lower_is_better

ALPHA = 0.05


@dataclass(frozen=True)
class Candidate:
    """A finished run as the gates see it.

    Attributes
    ----------
    name : how it is called in the reasons
    metrics : as logged; ``test/<metric>`` with ``_low`` and ``_high``, ``baseline/test/<metric>``
    about : what it was trained on, by the names of ``COMPARABLE``
    leak : features that hold the answer, or ``none``
    folds : its scores, rows are folds and columns metrics, or None
    dealt : folds per repeat
    """

    name: str
    metrics: Mapping[str, float]
    about: Mapping[str, str]
    leak: str
    folds: pd.DataFrame | None = None
    dealt: int = 0


@dataclass(frozen=True)
class Ruling:
    """``alias`` is ``champion`` or ``challenger``, or None where a gate is shut; ``reasons`` one line per gate."""

    alias: str | None
    reasons: tuple[str, ...] = field(default_factory=tuple)


def judge(
    candidate: Candidate, champion: Candidate | None, metric: str, *, dummy: bool, beat: bool, leak: str
) -> Ruling:
    """Put a candidate through the gates.

    Parameters
    ----------
    champion : the present one, or None
    metric : the score they are judged by, such as ``cv/accuracy``
    dummy : the gate that asks for a held-out score above the constant answer's
    beat : the gate that asks for a score as good as the champion's, on the same table, target and split
    leak : ``warn`` or ``refuse``
    """
    reasons = []
    shut = False
    if candidate.leak != "none":
        shut = leak == "refuse"
        reasons.append(f"leak: {candidate.leak} holds the answer, the score is not earned (gate.leak={leak})")
    if dummy:
        passed, reason = _beats_dummy(candidate, metric)
        shut = shut or not passed
        reasons.append(f"dummy: {reason} (gate.dummy=true)")
    if shut:
        return Ruling(None, tuple(reasons))
    if champion is None:
        return Ruling("champion", (*reasons, "champion: there is none yet"))
    if not beat:
        return Ruling(
            "champion", (*reasons, f"champion: {champion.name} is replaced unasked (gate.champion=false)")
        )
    passed, reason = _holds_up(candidate, champion, metric)
    return Ruling(
        "champion" if passed else "challenger", (*reasons, f"champion: {reason} (gate.champion=true)")
    )


def _beats_dummy(candidate: Candidate, metric: str) -> tuple[bool, str]:
    """Whether the held-out score's lower bound (the score, where there is no interval) is better than the dummy's."""
    test = f"test/{metric.rpartition('/')[2]}"
    baseline = candidate.metrics.get(f"baseline/{test}")
    worst = f"{test}_high" if lower_is_better(test) else f"{test}_low"
    mine = candidate.metrics.get(worst, candidate.metrics.get(test))
    if baseline is None or mine is None:
        return False, f"no {test} beside a baseline's to compare"
    passed = mine < baseline if lower_is_better(test) else mine > baseline
    bound = "bound of the interval" if worst in candidate.metrics else "score"
    word = "is better than" if passed else "is no better than"
    return passed, f"{test} {mine:.4f} ({bound}) {word} the dummy's {baseline:.4f}"


def _holds_up(candidate: Candidate, champion: Candidate, metric: str) -> tuple[bool, str]:
    differ = [key for key in COMPARABLE if candidate.about.get(key) != champion.about.get(key)]
    if differ:
        return False, f"{champion.name} has another {', '.join(differ)}, so the two cannot be compared"
    mine, other = candidate.metrics.get(metric), champion.metrics.get(metric)
    if mine is None or other is None:
        return False, f"{champion.name} or {candidate.name} has no {metric} to compare"
    against = f"{metric} {mine:.4f} against {other:.4f} of {champion.name}"
    if (mine <= other) if lower_is_better(metric) else (mine >= other):
        return True, f"{against}: as good or better"
    p = _p_value(candidate, champion, metric.removeprefix("cv/"))
    if metric.startswith("cv/") and p is not None:
        return p >= ALPHA, f"{against}: {'a tie' if p >= ALPHA else 'worse'} on the same folds (p {p:.2g})"
    edge = candidate.metrics.get(f"{metric}_low" if lower_is_better(metric) else f"{metric}_high")
    if edge is not None:
        tie = edge <= other if lower_is_better(metric) else edge >= other
        return tie, f"{against}: {'within' if tie else 'outside'} the interval"
    return False, f"{against}: worse"


def _p_value(candidate: Candidate, champion: Candidate, score: str) -> float | None:
    frames: Sequence[pd.DataFrame | None] = (candidate.folds, champion.folds)
    found = [frame[score].to_numpy() for frame in frames if frame is not None and score in frame]
    if len(found) != 2 or len(found[0]) != len(found[1]) or candidate.dealt < 2:
        return None
    return corrected_t_test(found[0] - found[1], candidate.dealt - 1, 1)[1]
