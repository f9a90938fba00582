"""An experiment, or a leaderboard, as a report."""

from collections.abc import Sequence
from dataclasses import replace

import yaml

from dge_experiments.evaluation.leaderboard import Board
from dge_experiments.experiment.result import Result
from dge_experiments.explanation.methods import regularization_path
from dge_experiments.report.chapters import decision, leaderboard, replication, scores, search, shape
from dge_experiments.report.chapters import genes as genes_chapter
from dge_experiments.report.chapters.methods import Context
from dge_experiments.report.genes import genes
from dge_experiments.report.leaderboard import summary
from dge_experiments.report.page.page import Report
from dge_experiments.report.scores import small_table
from dge_experiments.report.words.board import sentences as board_sentences
from dge_experiments.report.words.findings import findings, verdicts
from dge_experiments.report.words.methods import Fit, methods
from dge_experiments.settings import plain
from dge_experiments.version import __version__


def report(experiment: Result, commands: Sequence[tuple[str, str]] = ()) -> Report:
    """The report of one run; ``commands`` say how to run it again."""
    settings, problem, study = experiment.settings, experiment.plan.problem, experiment.study
    gene_points = genes(problem, experiment.given.test, settings.seed)
    scoring = settings.search.scoring
    context = Context(problem, scoring, gene_points)
    paragraph, works = methods(problem, [_fit(experiment)], settings, experiment.explanation)
    sentences = verdicts(experiment)
    counts = ", ".join(f"{n:,} {label}" for label, n in problem.class_counts.items())
    return Report(
        title=f"{settings.model.first} on {problem.name}",
        subtitle=f"{problem.table.name}: {len(problem.X):,} genes ({counts}; {problem.labels.rule}). "
        f"Features: {', '.join(problem.X.columns)}.",
        verdict=sentences[:2],
        details=sentences[2:],
        leak=problem.leaks,
        scores=small_table(experiment),
        findings=findings(experiment),
        chapters=[
            *replication.chapters(experiment),
            scores.chapter(experiment),
            decision.chapter(experiment.explanation, context),
            genes_chapter.chapter(gene_points),
            shape.chapter(experiment.explanation, context),
            search.chapter(experiment.diagnostics, study, experiment.own_search),
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
    best_report, fits = report(best, commands), [_fit(experiment) for experiment in experiments]
    paragraph, works = methods(problem, fits, best.settings, best.explanation)
    source = f"Of {names[0]}, the first of the leaderboard; the other models have reports of their own."
    chapters = [
        leaderboard.chapter(board),
        *(
            chapter if chapter.kind == "shape" else replace(chapter, intro=f"{source} {chapter.intro}")
            for chapter in best_report.chapters
            if chapter.kind != "search"
        ),
    ]
    compared = board_sentences(board)
    leak = [sentence for sentence in compared if sentence.kind in ("leak", "audit")]
    comparisons = [sentence for sentence in compared if sentence not in leak]
    first = (leak or list(best_report.verdict))[0]
    return replace(
        best_report,
        title=f"{len(experiments)} models on {problem.name}",
        verdict=[first, comparisons[-1] if comparisons else best_report.verdict[1]],
        details=[
            *leak[1:],
            *comparisons[:-1],
            *([] if leak else [best_report.verdict[1]]),
            *(sentence for sentence in best_report.details if sentence.kind != "as given"),
        ],
        scores=summary(board),
        chapters=chapters,
        methods=paragraph,
        citations=works,
    )


def _fit(experiment: Result) -> Fit:
    settings, corrected = experiment.settings, bool(experiment.corrected)
    return Fit(settings.model, settings.search.name, experiment.study, experiment.given.adjustment, corrected)


def _with_the_chosen_c(experiments: Sequence[Result]) -> Result:
    """The best experiment, with the LASSO path (which depends on the table only) of the model that chose a C on it."""
    best, lasso = experiments[0], regularization_path.METHOD
    paths = filter(None, (experiment.explanation.get(lasso) for experiment in experiments))
    path = next((path for path in paths if path.chosen_c), None)
    return replace(best, explanation=best.explanation.with_found(lasso, path)) if path else best
