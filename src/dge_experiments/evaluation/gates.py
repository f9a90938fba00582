"""Whether a model may be registered, and whether it takes the champion's place."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.evaluation.comparison import corrected_t_test
from dge_experiments.evaluation.key import Key
from dge_experiments.evaluation.run_row import COMPARABLE

ALPHA = 0.05
HONEST = "honest/"


def lower_is_better(metric: str) -> bool:
    return not Key.parse(metric).greater_is_better


def score(metrics: Mapping[str, float], leak: str, metric: str) -> float | None:
    return Key.parse(metric).of(metrics, () if leak == "none" else (leak,))


def fold_scores(folds: pd.DataFrame | None, leak: str, metric: str) -> npt.NDArray[np.float64] | None:
    own = metric.removeprefix(HONEST) if leak == "none" else metric
    found = None if folds is None else folds.get(metric, folds.get(own))
    return None if found is None else np.asarray(found, dtype=np.float64)


@dataclass(frozen=True)
class Candidate:
    """A finished run as the gates see it.

    Attributes
    ----------
    name : how it is called in the reasons
    metrics : as logged; ``test/<metric>`` with ``_low`` and ``_high``, ``baseline/test/<metric>``
    about : what it was trained on, by the names of ``COMPARABLE``; empty where its run is not in the store
    leak : features that hold the answer, or ``none``
    folds : its scores, rows are folds and columns ``cv/<metric>`` and ``honest/cv/<metric>``, or None
    dealt : folds per repeat
    """

    name: str
    metrics: Mapping[str, float]
    about: Mapping[str, str]
    leak: str
    folds: pd.DataFrame | None = None
    dealt: int = 0

    def score(self, metric: str) -> float | None:
        """Its ``metric``, None where it has none; without label sources the honest score is its own."""
        return score(self.metrics, self.leak, metric)


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
        hold = "hold" if "," in candidate.leak else "holds"
        reasons.append(
            f"leak: {candidate.leak} {hold} the answer, the score is not earned (gate.leak={leak})"
        )
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
    if metric.startswith(HONEST):
        test = f"{HONEST}{test}"
    worst = f"{test}_high" if lower_is_better(test) else f"{test}_low"
    bound, mine = candidate.score(worst), candidate.score(test)
    mine = mine if bound is None else bound
    if baseline is None or mine is None:
        return False, f"no {test} beside a baseline's to compare"
    passed = mine < baseline if lower_is_better(test) else mine > baseline
    which = "score" if bound is None else "bound of the interval"
    word = "is better than" if passed else "is no better than"
    return passed, f"{test} {mine:.4f} ({which}) {word} the dummy's {baseline:.4f}"


def _holds_up(candidate: Candidate, champion: Candidate, metric: str) -> tuple[bool, str]:
    if not champion.about:
        return False, f"the run of {champion.name} is not in this store, so the two cannot be compared"
    differ = [key for key in COMPARABLE if candidate.about.get(key) != champion.about.get(key)]
    if differ:
        return False, f"{champion.name} has another {', '.join(differ)}, so the two cannot be compared"
    mine, other = candidate.score(metric), champion.score(metric)
    if mine is None or other is None:
        missing = champion if other is None else candidate
        return False, f"{missing.name} has no {metric} to compare"
    against = f"{metric} {mine:.4f} against {other:.4f} of {champion.name}"
    if (mine <= other) if lower_is_better(metric) else (mine >= other):
        return True, f"{against}: as good or better"
    p = _p_value(candidate, champion, metric)
    if p is not None:
        return p >= ALPHA, f"{against}: {'a tie' if p >= ALPHA else 'worse'} on the same folds (p {p:.2g})"
    edge = candidate.score(f"{metric}_low" if lower_is_better(metric) else f"{metric}_high")
    if edge is not None:
        tie = edge <= other if lower_is_better(metric) else edge >= other
        return tie, f"{against}: {'within' if tie else 'outside'} the interval"
    return False, f"{against}: worse"


def _p_value(candidate: Candidate, champion: Candidate, metric: str) -> float | None:
    """Corrected resampled t-test of the two on the same folds, None where a metric has no folds."""
    one, other = (fold_scores(each.folds, each.leak, metric) for each in (candidate, champion))
    if one is None or other is None or len(one) != len(other) or candidate.dealt < 2:
        return None
    return corrected_t_test(one - other, candidate.dealt - 1, 1)[1]
