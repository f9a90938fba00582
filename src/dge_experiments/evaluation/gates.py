"""Whether a model may be registered, and whether it replaces the champion."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from dge_experiments.evaluation import general
from dge_experiments.evaluation.comparison import corrected_t_test
from dge_experiments.evaluation.gain import gain
from dge_experiments.evaluation.key import Key
from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.evaluation.proportion import LEVEL
from dge_experiments.evaluation.run_row import COMPARABLE, RunRow
from dge_experiments.problem.problem import AS_GIVEN
from dge_experiments.settings.choices import LeakGate
from dge_experiments.settings.commands import Gate

ALPHA = 0.05


@dataclass(frozen=True)
class GateResult:
    """``name`` of the gate, whether the model passed it, and why."""

    name: str
    passed: bool
    reason: str


@dataclass(frozen=True)
class Ruling:
    """``alias`` is ``champion`` or ``challenger``, or None where the model is refused; ``gates`` say why."""

    alias: str | None
    gates: tuple[GateResult, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """One line per gate."""
        return tuple(f"{gate.name}: {gate.reason}" for gate in self.gates)


@dataclass(frozen=True)
class Difference:
    """How much better (more is better) one run is than another: ``value`` with its 95 % interval and p-value; ``on``
    says which genes or folds."""

    value: float
    low: float
    high: float
    p_value: float
    on: str


def judge(
    candidate: RunRow, champion: RunRow | None, metric: Key, gate: Gate, best: RunRow | None = None
) -> Ruling:
    """Put a candidate through the gates.

    Parameters
    ----------
    candidate, champion : the model to register and the registered one (for an honest pipeline ``RunRow.as_honest``),
        with the label that names them in the reasons; champion is None where there is none
    metric : the score they are judged by, as given
    gate : the settings of the gates
    best : the best champion so far, which a tied candidate must not fall behind; by default the champion
    """
    gates = list(_refusals(candidate, metric, gate))
    if not all(result.passed for result in gates):
        return Ruling(None, tuple(gates))
    gates += _general(candidate)
    if not all(result.passed for result in gates):
        return Ruling("challenger", tuple(gates))
    if champion is None:
        replacement = GateResult("champion", True, "there is none yet")
    elif not gate.champion:
        replacement = GateResult(
            "champion", True, f"{champion.label} is replaced unasked (gate.champion=false)"
        )
    else:
        passed, reason = _replaces(candidate, champion, best or champion, metric, gate)
        replacement = GateResult("champion", passed, f"{reason} (gate.champion=true)")
    return Ruling("champion" if replacement.passed else "challenger", (*gates, replacement))


def difference(candidate: RunRow, other: RunRow, metric: Key) -> Difference | None:
    """How much better ``candidate`` is, on the same held-out genes, or else on the same folds; None where they share
    neither."""
    return on_genes(candidate, other, metric) or on_folds(candidate, other, metric)


def on_genes(candidate: RunRow, other: RunRow, metric: Key) -> Difference | None:
    """The two on the same held-out genes (see ``gain.gain``); None where they share none or the metric has no test."""
    definition = REGISTRY.get(metric.metric)
    ours, theirs = (
        (candidate.answers(), other.answers()) if definition and definition.of_answers else (None, None)
    )
    if definition is None or ours is None or theirs is None or not ours.same_genes(theirs):
        return None
    gained = gain(ours.y, ours.readings[AS_GIVEN], theirs.readings[AS_GIVEN], definition.name, ours.groups)
    genes = f"{len(ours.y):,} held-out genes"
    return Difference(gained.difference, gained.low, gained.high, gained.p_value, genes)


def _refusals(candidate: RunRow, metric: Key, gate: Gate) -> Iterator[GateResult]:
    """The gates that keep a model out of the registry."""
    if candidate.unearned:
        passed = gate.leak == LeakGate.warn or (gate.leak == LeakGate.honest and not candidate.leaks)
        worth = "the score is not earned" if candidate.leaks else "no proof of a leak"
        yield GateResult(
            "leak",
            passed,
            f"{candidate.unearned}, {worth} (gate.leak={gate.leak}){_instead(candidate, gate.leak)}",
        )
    if gate.dummy:
        passed, reason = _beats_constant(candidate, metric)
        yield GateResult("dummy", passed, f"{reason} (gate.dummy=true)")


def _general(candidate: RunRow) -> list[GateResult]:
    """For a model judged on unseen studies: whether it may be called general; otherwise it cannot be champion."""
    if not candidate.general:
        return []
    return [GateResult("general", *general.read(candidate.general))]


def _instead(candidate: RunRow, leak: LeakGate) -> str:
    """What to do instead, where the gate requires an honest score."""
    if leak != LeakGate.honest:
        return ""
    if candidate.shared:
        return "; run it again with split=grouped, or gate.leak=warn"
    advice = "run it again, or gate.leak=warn" if candidate.leak else "taken as given"
    return f"; its run has kept no honest model: {advice}"


def _beats_constant(candidate: RunRow, metric: Key) -> tuple[bool, str]:
    """Whether the worse end of the held-out score's interval (the score itself, without an interval) is better than the
    constant answer's. Where whole studies were left out, the score on them counts as held out."""
    test = Key(metric.metric, "cv" if candidate.general else "test")
    constant = candidate.score(test.read("baseline"))
    bound, score = candidate.score(test.worst), candidate.score(test)
    reached = score if bound is None else bound
    if constant is None or reached is None:
        return False, f"no {test} of the model and of a constant answer to compare"
    passed = test.sign * reached > test.sign * constant
    which = "score" if bound is None else "bound of the interval"
    word = "is better than" if passed else "is no better than"
    return passed, f"{test} {reached:.4f} ({which}) {word} the constant answer's {constant:.4f}"


def _replaces(candidate: RunRow, champion: RunRow, best: RunRow, metric: Key, gate: Gate) -> tuple[bool, str]:
    if not champion.about:
        return False, f"the run of {champion.label} is not in this store, so the two cannot be compared"
    if champion.unearned and not candidate.unearned and gate.leak == LeakGate.honest:
        return True, f"the score of {champion.label} is not earned ({champion.unearned}), and this one is"
    differ = [
        name for name in COMPARABLE if candidate.about.get(name, "none") != champion.about.get(name, "none")
    ]
    if differ:
        return False, f"{champion.label} has another {', '.join(differ)}, so the two cannot be compared"
    score, other = candidate.score(metric), champion.score(metric)
    if score is None or other is None:
        return False, f"{(champion if other is None else candidate).label} has no {metric} to compare"
    against = f"{metric} {score:.4f} against {other:.4f} of {champion.label}"
    compared = difference(candidate, champion, metric)
    if compared is None:
        reached = candidate.score(metric.worst)
        better = metric.sign * (score if reached is None else reached) > metric.sign * other
        how = "" if reached is None else " with its interval"
        return better, f"{against}: {'better' if better else 'not better'}{how}"
    sentence = f"{against}; {compared.value:+.4f} [{compared.low:+.4f}, {compared.high:+.4f}] on the same {compared.on}"
    if compared.p_value < ALPHA:
        return (
            compared.value > 0,
            f"{sentence}: {'better' if compared.value > 0 else 'worse'} (p {compared.p_value:.2g})",
        )
    if gate.margin is None:
        return False, f"{sentence}: a tie (p {compared.p_value:.2g}), which does not replace a champion"
    from_best = compared if best is champion else difference(candidate, best, metric)
    passed = from_best is not None and from_best.low > -gate.margin
    word = "" if passed else "not "
    return (
        passed,
        f"{sentence}: {word}within gate.margin={gate.margin:g} of {best.label}, the best champion so far",
    )


def on_folds(candidate: RunRow, other: RunRow, metric: Key) -> Difference | None:
    """Corrected resampled t-test of the two on the same folds, None where a metric has no folds."""
    frames = candidate.folds(), other.folds()
    column = str(metric.on_folds)
    if any(frame is None or column not in frame for frame in frames) or candidate.dealt < 2:
        return None
    our_scores, their_scores = (
        np.asarray(frame[column], dtype=np.float64) for frame in frames if frame is not None
    )
    if len(our_scores) != len(their_scores) or len(our_scores) < 2:
        return None
    differences = metric.sign * (our_scores - their_scores)
    statistic, p_value = corrected_t_test(differences, candidate.dealt - 1, 1)
    value = float(differences.mean())
    error = abs(value / statistic) if statistic and np.isfinite(statistic) else 0.0
    reach = float(student.ppf((1 + LEVEL) / 2, len(differences) - 1)) * error
    return Difference(value, value - reach, value + reach, p_value, "folds")
