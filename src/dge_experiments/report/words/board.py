"""The wording of leaderboards: what the runs have in common, which models are better, which cannot be told apart."""

from collections.abc import Iterator, Sequence

import pandas as pd

from dge_experiments.errors import listed
from dge_experiments.evaluation.leaderboard import Board
from dge_experiments.evaluation.metrics import title as metric_title
from dge_experiments.evaluation.practical import ROPE
from dge_experiments.evaluation.run_row import SEED
from dge_experiments.evaluation.seeds import Draw
from dge_experiments.evaluation.verdict import SMALL_GAIN, Verdict
from dge_experiments.problem.problem import HONEST
from dge_experiments.report.words.sentence import Sentence

SURE = 0.95
ON_FOLDS = {
    "folds_first": f"is better by more than {ROPE:g} than",
    "folds_equal": f"is equal within {ROPE:g} to",
    "folds_second": f"is worse by more than {ROPE:g} than",
}


def sentences(board: Board) -> list[Sentence]:
    """The findings, the leak first."""
    return list(_sentences(board))


def title(board: Board) -> str:
    """The question of a board, what tells it from others on it, and what it is ranked by."""
    return f"{', '.join(filter(None, [board.experiment, board.apart]))} by {board.metric}"


def about(board: Board) -> str:
    """What the runs of a board have in common, in one line."""
    shared = board.about
    rule = "" if shared["rule"] == "none" else f", {shared['rule']}"
    splits = " ".join(split[:8] for split in shared["split_hash"].split())
    return f"data {shared['data_digest'][:8]}, target {shared['target']}{rule}, split {splits}"


def note(boards: Sequence[Board]) -> str:
    """Why there are several boards, one, or none."""
    if not boards:
        return "No finished run."
    if len(boards) < 2:
        return "All finished runs share table, target and split."
    return f"{len(boards)} boards: runs on another table, target or split are not ranked against each other."


def _sentences(board: Board) -> Iterator[Sentence]:
    by_honest = board.metric.reading == "honest"
    if board.shared:
        yield Sentence(
            "leak",
            f"LEAK: {board.shared} held-out rows repeat a training row; the scores measure memory: run again with "
            "split=grouped.",
        )
    if board.leak:
        gives = "gives" if len(board.leak) == 1 else "give"
        ranks = (
            "ranked by the honest score, made without"
            if by_honest
            else f"the scores as given do not rank the models: try metric={board.key(HONEST)}"
        )
        yield Sentence("leak", f"LEAK: {listed(board.leak)} {gives} the answer away; {ranks}.")
    if board.graded:
        it = "it" if len(board.graded) == 1 else "them"
        ranks = (
            f"ranked by the honest score, made without {it}"
            if by_honest
            else f"the honest score is made without {it}: try metric={board.key(HONEST)}"
        )
        yield Sentence(
            "audit", f"Nearly the answer, though no proof of a leak: {listed(board.graded)}; {ranks}."
        )
    if board.seeds > 1:
        seeds = next(row.settings[SEED] for row in board.rows if len(row.members) > 1)
        yield Sentence(
            "seeds",
            f"Scores are means over the seeds {seeds}, ± their standard deviation; each seed holds out other genes, so "
            "that the models are not tested against each other.",
        )
        if found := board.draw:
            yield Sentence("seeds", _drawn(found, board))
    for reading, verdict in board.verdicts.items():
        said = compared(verdict)
        if board.withheld:
            start = f"Honest, without {listed(board.withheld)}" if reading == HONEST else "As given"
            said = (
                f"{start}: {said[0].lower() if said.startswith(('On', 'None', 'The')) else said[0]}{said[1:]}"
            )
        yield Sentence("honest" if reading == HONEST else "as given", said)


def _drawn(found: Draw, board: Board) -> str:
    """How much of the interval of one run the draw of its seed is."""
    what = "honest held-out" if board.withheld else "held-out"
    share = f"{100 * found.share:.0f} %"
    low, high = (f"{100 * min(end, 1):.0f} %" for end in (found.low, found.high))
    more = " (it moves further than the interval says)" if found.low > 1 else ""
    name = metric_title(board.metric.metric)
    return (
        f"The draw of the split makes {share} [{low}, {high}] of the variance of the {what} {name}: over {found.seeds} "
        f"seeds its standard deviation is {found.observed:.4f}, the 95 % interval of one run stands for "
        f"{found.expected:.4f}{more}."
    )


def compared(found: Verdict) -> str:
    """What held-out genes say of the models: against the baseline, then of the best against the others."""
    name, genes, models = metric_title(found.metric), f"{found.genes:,} held-out genes", _asked(found)
    base = f"{_baseline(found)} ({found.baseline_score:.3f})"
    if not found.above:
        which = "the model is not" if len(models) == 1 else f"none of the {len(models)} models is"
        smallest = (
            f"smallest {_p(models['p_holm'].min())}" if len(models) > 1 else _p(models["p_holm"].iloc[0])
        )
        return f"On {genes} {which} better than {base} by {name} ({smallest})."
    best, first = str(models.index[0]), models.iloc[0]
    lead = f"{best} reaches {_with_limits(first)} in {name}"
    above = "better than" if len(models) == 1 or best not in found.above else _how_many(found, len(models))
    said = f"On {genes} {lead}; {above} {base} ({_p(models.loc[list(found.above), 'p_holm'].max())})"
    others = [model for model in found.tied if model != best]
    if len(models) == 1:
        return f"{said}."
    if not others:
        better = "; it is better than every other model" if best in found.tied else ""
        return f"{said}{better}{_on_folds(found, best, [m for m in models.index if m != best])}."
    power = (
        f" (a difference of {SMALL_GAIN:g} would be seen with a chance of {found.power:.0%})"
        if found.power
        else ""
    )
    simplest = f"; {found.simplest} is the simplest of them" if found.simplest else ""
    return (
        f"{said}; {listed(others)} cannot be told from it{power}{simplest}{_on_folds(found, best, others)}."
    )


def _on_folds(found: Verdict, best: str, others: Sequence[str]) -> str:
    """What the folds of a repeated cross-validation say of the best on the held-out genes and others; "" where there
    are too few."""
    if not found.folds:
        return ""
    asked = found.pairs[(found.pairs["first"] == best) & found.pairs["second"].isin(others)]
    clauses = []
    for chance, says in ON_FOLDS.items():
        sure = asked[asked[chance] >= SURE]
        if len(sure):
            names = "the others" if len(sure) == len(others) > 1 else listed(list(map(str, sure["second"])))
            clauses.append(f"{best} {says} {names} (chance {_at_least(sure[chance])})")
    if clauses:
        return f"; on the {found.folds} folds {listed(clauses)}"
    tied = set(others) & set(found.tied)
    return f"; nor can the {found.folds} folds tell them apart" if tied else ""


def _at_least(chances: pd.Series) -> str:
    """The smallest of some chances; one that rounds to it is not called certain."""
    return f"{min(chances.min(), 0.999):.1%}"


def _asked(found: Verdict) -> pd.DataFrame:
    """The models without the baseline itself, where others are beside it."""
    others = found.models.drop(index=found.baseline, errors="ignore")
    return others if len(others) else found.models


def _p(value: float) -> str:
    """A p value; below the smallest that a computer holds it is not called 0."""
    return f"p {value:.2g}" if value > 0 else "p below 1e-300"


def _how_many(found: Verdict, models: int) -> str:
    if len(found.above) == models:
        return f"{'both' if models == 2 else f'all {models}'} models are better than"
    return f"{len(found.above)} of {models} models are better than"


def _baseline(found: Verdict) -> str:
    constant = found.baseline == "constant answer"
    return "the constant answer" if constant else f"the best ranking by one statistic, {found.baseline}"


def _with_limits(row: pd.Series) -> str:
    return (
        f"{row['score']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
        if row["low"] == row["low"]
        else f"{row['score']:.3f}"
    )
