"""The wording of leaderboards: what the runs share, which models are better, and which do not differ significantly."""

from collections.abc import Iterator, Sequence

import pandas as pd

from dge_experiments.errors import listed
from dge_experiments.evaluation.label import short_names
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
    """The question of a board, what distinguishes it from other boards on it, and the score it is ranked by."""
    return f"{', '.join(filter(None, [board.experiment, board.distinction]))} by {board.metric}"


def about(board: Board) -> str:
    """What the runs of a board share, in one line."""
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
        pronoun = "it" if len(board.graded) == 1 else "them"
        ranks = (
            f"ranked by the honest score, made without {pronoun}"
            if by_honest
            else f"the honest score is made without {pronoun}: try metric={board.key(HONEST)}"
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
        if draw := board.draw:
            yield Sentence("seeds", _draw_share(draw, board))
    for reading, verdict in board.verdicts.items():
        sentence = compared(verdict.renamed(short_names(board.rows)))
        if board.withheld:
            start = f"Honest, without {listed(board.withheld)}" if reading == HONEST else "As given"
            lower = sentence.startswith(("On", "None", "The"))
            sentence = f"{start}: {sentence[0].lower() if lower else sentence[0]}{sentence[1:]}"
        yield Sentence("honest" if reading == HONEST else "as given", sentence)


def _draw_share(draw: Draw, board: Board) -> str:
    """The share of one run's interval that comes from the draw of the split."""
    what = "honest held-out" if board.withheld else "held-out"
    share = f"{100 * draw.share:.0f} %"
    low, high = (f"{100 * min(end, 1):.0f} %" for end in (draw.low, draw.high))
    more = " (it varies more than the interval says)" if draw.low > 1 else ""
    name = metric_title(board.metric.metric)
    return (
        f"The draw of the split makes {share} [{low}, {high}] of the variance of the {what} {name}: over {draw.seeds} "
        f"seeds its standard deviation is {draw.observed:.4f}, the 95 % interval of one run implies "
        f"{draw.expected:.4f}{more}."
    )


def compared(verdict: Verdict) -> str:
    """The comparison on held-out genes: the models against the baseline, then the best against the others."""
    name, genes = metric_title(verdict.metric), f"{verdict.genes:,} held-out genes"
    models = _without_baseline(verdict)
    base = f"{_baseline(verdict)} ({verdict.baseline_score:.3f})"
    if not verdict.above:
        which = "the model is not" if len(models) == 1 else f"none of the {len(models)} models is"
        smallest = (
            f"smallest {_p(models['p_holm'].min())}" if len(models) > 1 else _p(models["p_holm"].iloc[0])
        )
        return f"On {genes} {which} better than {base} by {name} ({smallest})."
    best, first = str(models.index[0]), models.iloc[0]
    lead = f"{best} reaches {_with_limits(first)} in {name}"
    above = (
        "better than" if len(models) == 1 or best not in verdict.above else _how_many(verdict, len(models))
    )
    sentence = f"On {genes} {lead}; {above} {base} ({_p(models.loc[list(verdict.above), 'p_holm'].max())})"
    others = [model for model in verdict.tied if model != best]
    if len(models) == 1:
        return f"{sentence}."
    if not others:
        better = "; it is better than every other model" if best in verdict.tied else ""
        return f"{sentence}{better}{_on_folds(verdict, best, [m for m in models.index if m != best])}."
    power = (
        f" (a difference of {SMALL_GAIN:g} would be seen with a chance of {verdict.power:.0%})"
        if verdict.power
        else ""
    )
    simplest = f"; {verdict.simplest} is the simplest of them" if verdict.simplest else ""
    return f"{sentence}; {listed(others)} cannot be told from it{power}{simplest}{_on_folds(verdict, best, others)}."


def _on_folds(verdict: Verdict, best: str, others: Sequence[str]) -> str:
    """The comparison on the folds of a repeated cross-validation, of the model that is best on the held-out genes with
    others; "" with too few folds."""
    if not verdict.folds:
        return ""
    pairs = verdict.pairs[(verdict.pairs["first"] == best) & verdict.pairs["second"].isin(others)]
    clauses = []
    for chance, says in ON_FOLDS.items():
        sure = pairs[pairs[chance] >= SURE]
        if len(sure):
            names = "the others" if len(sure) == len(others) > 1 else listed(list(map(str, sure["second"])))
            clauses.append(f"{best} {says} {names} (chance {_at_least(sure[chance])})")
    if clauses:
        return f"; on the {verdict.folds} folds {listed(clauses)}"
    tied = set(others) & set(verdict.tied)
    return f"; nor can the {verdict.folds} folds tell them apart" if tied else ""


def _at_least(chances: pd.Series) -> str:
    """The smallest of some chances, at most 99.9 %: a chance that rounds to 100 % is not certain."""
    return f"{min(chances.min(), 0.999):.1%}"


def _without_baseline(verdict: Verdict) -> pd.DataFrame:
    """The models without the baseline, unless it is the only one."""
    models = verdict.models.drop(index=verdict.baseline, errors="ignore")
    return models if len(models) else verdict.models


def _p(value: float) -> str:
    """A p value; one that underflows to 0 is given as a bound."""
    return f"p {value:.2g}" if value > 0 else "p below 1e-300"


def _how_many(verdict: Verdict, models: int) -> str:
    if len(verdict.above) == models:
        return f"{'both' if models == 2 else f'all {models}'} models are better than"
    return f"{len(verdict.above)} of {models} models are better than"


def _baseline(verdict: Verdict) -> str:
    constant = verdict.baseline == "constant answer"
    return "the constant answer" if constant else f"the best ranking by one statistic, {verdict.baseline}"


def _with_limits(row: pd.Series) -> str:
    return (
        f"{row['score']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
        if row["low"] == row["low"]
        else f"{row['score']:.3f}"
    )
