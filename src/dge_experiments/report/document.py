"""An experiment, or a leaderboard, as a report."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import yaml

from dge_experiments.evaluation.leaderboard import Board
from dge_experiments.evaluation.metrics import compared, title
from dge_experiments.evaluation.rankings import best
from dge_experiments.experiment.result import Result
from dge_experiments.explanation.methods import regularization_path
from dge_experiments.prediction.decision import ladder, sentences
from dge_experiments.problem.problem import AS_GIVEN, HONEST
from dge_experiments.report.chapters import decision, leaderboard, search, shape
from dge_experiments.report.chapters import genes as genes_chapter
from dge_experiments.report.chapters import scores as scores_chapter
from dge_experiments.report.chapters.methods import Context
from dge_experiments.report.genes import genes
from dge_experiments.report.leaderboard import summary
from dge_experiments.report.page.cells import estimates
from dge_experiments.report.page.page import Report
from dge_experiments.report.words import verdict
from dge_experiments.report.words.board import sentences as board_sentences
from dge_experiments.report.words.methods import Fit, methods
from dge_experiments.settings import plain
from dge_experiments.version import __version__


def verdicts(experiment: Result) -> list[str]:
    """The leak, or how much replicates beyond luck, then the score that is earned beside the baseline's: two
    sentences; then what else is to know."""
    problem, test, scoring = (
        experiment.plan.problem,
        experiment.given.test,
        experiment.settings.search.scoring,
    )
    score = (
        verdict.honest(problem.withheld, test, experiment.tests.get(HONEST))
        if problem.withheld
        else verdict.earned(test, scoring)
    )
    found = problem.labels.replication
    by_luck = list(found.sentences) if found else []
    eye = best(experiment.rankings, scoring)
    if eye and experiment.gain:
        score = f"{verdict.over_ranking(eye, experiment.gain)} {score}"
    said = [
        *([problem.verdict, score, *by_luck] if problem.leaks or not found else []),
        *([by_luck[0], score, *by_luck[1:], problem.verdict] if found and not problem.leaks else []),
        verdict.right(experiment.settings.model.called, test),
        verdict.as_given(test, scoring) if problem.withheld else "",
        verdict.small(test),
    ]
    if known := experiment.bounds:
        asked, probability = experiment.settings.decision, test.prediction.probability[:, 1]  # type: ignore[index]
        first = ladder(test.y, probability, [asked.top] if asked.top else []).iloc[0]
        said.append(verdict.followed_up(first))
        said += sentences(probability, known, None, asked.rate)
    if null := experiment.null:
        said.append(verdict.shuffled(null, problem.withheld))
    if outer := experiment.nested:
        said.append(verdict.in_outer_folds(outer, problem.withheld))
    model, parts = experiment.settings.model, problem.split
    if parts.full:
        said.append(verdict.sampled(model.called, len(parts.train), len(parts.full.train), model.final_fit))
    return [line for line in said if line]


def scores(experiment: Result) -> pd.DataFrame:
    """Held-out scores, one row for each metric and reading: ``metric`` (its name), ``reading`` ("model" where there is
    only one, and "constant answer"), ``score``, ``low``, ``high`` (95 %; nan where there is none)."""
    given = experiment.given.test
    shown = compared(given.scores)
    tests = experiment.tests if len(experiment.tests) > 1 else {"model": given}
    rows = [
        (title(m), reading, test.scores[m], *test.intervals.loc[m, ["low", "high"]])
        for reading, test in tests.items()
        for m in shown
    ]
    constant = [(title(m), "constant answer", given.baseline[m], np.nan, np.nan) for m in shown]
    return pd.DataFrame([*rows, *constant], columns=["metric", "reading", "score", "low", "high"])


def small_table(experiment: Result) -> pd.DataFrame:
    """The table under the verdict: held-out scores with their 95 % intervals, beside the cross-validated."""
    long = scores(experiment)
    shown = long.assign(score=estimates(long, "score", "low", "high")).pivot(
        index="metric", columns="reading", values="score"
    )
    several = len(experiment.readings) > 1
    columns = {
        **(
            {reading: f"{reading}, held out" for reading in (HONEST, AS_GIVEN)}
            if several
            else {"model": "held out"}
        ),
        "constant answer": "constant answer",
    }
    frame = shown.loc[long["metric"].unique(), list(columns)].rename(columns=columns).reset_index()
    cross_validated = f"{AS_GIVEN}, cross-validated" if several else "cross-validated"
    return frame.assign(
        **{cross_validated: [experiment.given.cv.mean(m) for m in compared(experiment.given.test.scores)]}
    )


def report(experiment: Result, commands: Sequence[tuple[str, str]] = ()) -> Report:
    """The report of one run; ``commands`` say how to run it again."""
    settings, problem, study = experiment.settings, experiment.plan.problem, experiment.study
    shown = genes(problem, experiment.given.test, settings.seed)
    title, scoring = settings.model.called, settings.search.scoring
    context = Context(problem, scoring, shown)
    paragraph, works = methods(problem, [_fit(experiment)], settings.seed, experiment.explanation)
    counts = ", ".join(f"{n:,} {label}" for label, n in problem.class_counts.items())
    return Report(
        title=f"{title[0].upper()}{title[1:]} on {problem.name}",
        subtitle=f"{problem.table.name}: {len(problem.X):,} genes ({counts}; {problem.labels.rule}). "
        f"Features: {', '.join(problem.X.columns)}.",
        verdict=verdicts(experiment)[:2],
        details=verdicts(experiment)[2:],
        leak=problem.leaks,
        scores=small_table(experiment),
        findings=list(_findings(experiment)),
        chapters=[
            scores_chapter.chapter(
                problem,
                experiment.tests,
                experiment.given.cv,
                scores(experiment),
            ),
            decision.chapter(experiment.explanation, context),
            genes_chapter.chapter(shown),
            shape.chapter(experiment.explanation, context),
            search.chapter(experiment.diagnostics, study),
        ],
        methods=paragraph,
        citations=works,
        configuration=yaml.safe_dump(plain(settings), sort_keys=False),
        commands=commands,
        footer=f"dge-experiments {__version__}. Sweep {settings.sweep_id}. Table "
        f"{problem.table.name}, content digest {problem.table.digest}. Split {problem.split.hash}.",
    )


def sweep(experiments: Sequence[Result], board: Board, commands: Sequence[tuple[str, str]] = ()) -> Report:
    """The report of a sweep over one question; ``experiments`` are in the order of the board's rows, best first."""
    best, names = _with_the_chosen_c(experiments), [row.label for row in board.rows]
    problem = best.plan.problem
    whole, fits = report(best, commands), [_fit(experiment) for experiment in experiments]
    paragraph, works = methods(problem, fits, best.settings.seed, best.explanation)
    whose = f"Of {names[0]}, the first of the leaderboard; the other models have reports of their own."
    chapters = [
        leaderboard.chapter(board),
        *(
            chapter if chapter.kind == "shape" else replace(chapter, intro=f"{whose} {chapter.intro}")
            for chapter in whole.chapters
            if chapter.kind != "search"
        ),
    ]
    said = board_sentences(board)
    leak = [sentence.text for sentence in said if sentence.kind == "leak"]
    found = [sentence.text for sentence in said if sentence.kind != "leak"]
    first = (leak or list(whole.verdict))[0]
    return replace(
        whole,
        title=f"{len(experiments)} models on {problem.name}",
        verdict=[first, found[-1] if found else whole.verdict[1]],
        details=[
            *found[:-1],
            *([] if leak else [whole.verdict[1]]),
            *(line for line in whole.details if not line.startswith("As given")),
        ],
        scores=summary(board),
        chapters=chapters,
        methods=paragraph,
        citations=works,
    )


def _fit(experiment: Result) -> Fit:
    settings = experiment.settings
    return Fit(settings.model, settings.search.name, experiment.study, experiment.given.adjustment)


def _with_the_chosen_c(experiments: Sequence[Result]) -> Result:
    """The best experiment; the LASSO path, which is of the table, from the model that chose a C on it."""
    best, lasso = experiments[0], regularization_path.METHOD
    found = filter(None, (experiment.explanation.get(lasso) for experiment in experiments))
    path = next((path for path in found if path.chosen_c), None)
    return replace(best, explanation=best.explanation.with_found(lasso, path)) if path else best


def _findings(experiment: Result) -> Iterator[tuple[str, str]]:
    """What was found on the table, then on the run, as (severity, sentence)."""
    problem = experiment.plan.problem
    for finding in problem.table.findings:
        yield finding.severity, finding.message
    if problem.labels.note:
        yield "info", f"{problem.labels.note[0].upper()}{problem.labels.note[1:]}."
    study = experiment.study
    if len(study.trials) < study.planned:
        yield "warning", f"The search ended early: {len(study.trials)} of {study.planned} trials were made."
    failed = sum(1 for trial in study.trials if trial.error)
    if failed:
        yield "warning", f"{failed} of {len(study.trials)} trials failed; trials.csv says why."
    search = experiment.diagnostics
    if search is not None:
        for edge in search.edges.to_dict("records"):
            wider = f"; widen it with {edge['override']}" if edge["override"] else ""
            yield (
                "info",
                f"The best {edge['parameter']} ({edge['setting']:.4g}) lies at the {edge['edge']} end of its range"
                f"{wider}.",
            )
