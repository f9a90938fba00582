"""An experiment, or a leaderboard, as a report."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace

import pandas as pd
import yaml

from dge_experiments.experiment import Experiment
from dge_experiments.report import (
    chapter_explanation,
    chapter_genes,
    chapter_leaderboard,
    chapter_scores,
    chapter_search,
    verdict,
)
from dge_experiments.report.genes import genes
from dge_experiments.report.methods import methods
from dge_experiments.report.page import Report

SHOWN = ("accuracy", "balanced_accuracy", "mcc", "roc_auc", "average_precision")


def verdicts(experiment: Experiment) -> list[str]:
    """The leak first, then the score beside its baseline."""
    problem, test = experiment.plan.problem, experiment.test
    return [
        verdict.leak(problem.leak, problem.target, problem.labels.rule),
        verdict.score(experiment.settings.model.name, test.scores, test.baseline, len(problem.split.test)),
    ]


def scores(experiment: Experiment) -> pd.DataFrame:
    """The small table: rows are metrics; the model's score on the held-out genes beside the baseline's."""
    test = experiment.test
    metrics = [metric for metric in test.scores if metric in SHOWN]
    return pd.DataFrame(
        {
            "metric": [verdict.NAMES[m] for m in metrics],
            "held out": [test.scores[m] for m in metrics],
            "majority baseline": [test.baseline[m] for m in metrics],
            "cross-validated": [experiment.cv.mean(m) for m in metrics],
        }
    )


def report(experiment: Experiment, commands: Sequence[tuple[str, str]] = ()) -> Report:
    """The report of one run; ``commands`` say how to run it again."""
    settings, problem, study = experiment.settings, experiment.plan.problem, experiment.study
    shown = genes(problem, experiment.test, settings.seed)
    table, search = experiment.table, settings.search.name if study.planned > 1 else "none"
    paragraph, works = methods(
        problem, study, settings.model.name, search, settings.seed, table, experiment.explained
    )
    counts = ", ".join(f"{n:,} {label}" for label, n in problem.class_counts.items())
    return Report(
        title=f"{settings.model.name.replace('_', ' ')} on {problem.name}",
        subtitle=f"{problem.table.name}: {len(problem.X):,} genes ({counts}; {problem.labels.rule}). "
        f"Features: {', '.join(problem.X.columns)}.",
        verdict=verdicts(experiment),
        leak=bool(problem.leak),
        scores=scores(experiment),
        findings=list(_findings(experiment)),
        chapters=[
            chapter_scores.chapter(problem, experiment.test, experiment.cv, scores(experiment).iloc[:, :3]),
            chapter_explanation.chapter(
                experiment.native,
                experiment.permutation,
                table,
                experiment.explained,
                shown,
                settings.search.scoring,
            ),
            chapter_genes.chapter(shown),
            chapter_explanation.shape(
                experiment.pca,
                table.separation,
                table.honest_pca,
                table.honest_separation,
                shown,
                problem.labels.classes,
            ),
            chapter_search.chapter(experiment.explained.search, study, settings.model.space),
        ],
        methods=paragraph,
        citations=works,
        configuration=yaml.safe_dump(asdict(settings), sort_keys=False),
        commands=commands,
    )


def sweep(
    experiments: Sequence[Experiment], board: pd.DataFrame, commands: Sequence[tuple[str, str]] = ()
) -> Report:
    """The report of a sweep over one question; ``experiments`` and the rows of ``board`` are best first."""
    best = experiments[0]
    problem, scoring = best.plan.problem, best.settings.search.scoring
    whole, names = report(best, commands), _told_apart(experiments)
    folds = pd.DataFrame(
        [
            {"name": name, "fold": k + 1, "score": fold[scoring]}
            for name, e in zip(names, experiments, strict=True)
            for k, fold in enumerate(e.cv.folds)
        ]
    )
    chapters = [
        chapter_leaderboard.chapter(board.assign(model=names), folds, scoring),
        *(chapter for chapter in whole.chapters if chapter.title != "Search"),
    ]
    return replace(
        whole,
        title=f"{len(experiments)} models on {problem.name}",
        verdict=[
            whole.verdict[0],
            f"Of {len(experiments)} models, {best.settings.model.name} has the highest cross-validated "
            f"{verdict.NAMES[scoring]}, {best.cv.mean(scoring):.4f} ± {best.cv.std(scoring):.4f} over its folds. "
            + " ".join(whole.verdict[1:]),
        ],
        chapters=chapters,
    )


def _told_apart(experiments: Sequence[Experiment]) -> list[str]:
    """A name for each: the model's, with its features or a number where models are there more than once."""
    names = [e.settings.model.name for e in experiments]
    if len(set(names)) < len(names):
        names = [f"{n}, features={e.settings.features.name}" for n, e in zip(names, experiments, strict=True)]
    if len(set(names)) < len(names):
        names = [f"{n} ({k + 1})" for k, n in enumerate(names)]
    return names


def _findings(experiment: Experiment) -> Iterator[tuple[str, str]]:
    """What was found on the table, then on the run, as (severity, sentence)."""
    for finding in experiment.plan.problem.table.findings:
        yield finding.severity, finding.message
    study = experiment.study
    if len(study.trials) < study.planned:
        yield "warning", f"The search ended early: {len(study.trials)} of {study.planned} trials were made."
    failed = sum(1 for trial in study.trials if trial.error)
    if failed:
        yield "warning", f"{failed} of {len(study.trials)} trials failed; trials.csv says why."
    search = experiment.explained.search
    if search is not None:
        for edge in search.edges.to_dict("records"):
            wider = f"; widen it with {edge['override']}" if edge["override"] else ""
            yield (
                "info",
                f"The best {edge['parameter']} ({edge['setting']:.4g}) lies at the {edge['edge']} end of its range"
                f"{wider}.",
            )
