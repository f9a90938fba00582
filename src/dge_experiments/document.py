"""An experiment, or a leaderboard, as a report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import yaml

from dge_experiments.evaluation.metrics import METRICS
from dge_experiments.experiment import Experiment
from dge_experiments.report import (
    chapter_explanation,
    chapter_genes,
    chapter_leaderboard,
    chapter_scores,
    chapter_search,
    chapter_shape,
    verdict,
)
from dge_experiments.report.cells import number
from dge_experiments.report.genes import genes
from dge_experiments.report.methods import methods
from dge_experiments.report.page import Report


def verdicts(experiment: Experiment) -> list[str]:
    """The leak first, then the score beside its baseline, then what is left without the label sources."""
    problem, test = experiment.plan.problem, experiment.test
    honest = experiment.honest.test if experiment.honest else None
    said = [
        problem.verdict,
        verdict.score(experiment.settings.model.name, test, experiment.settings.search.scoring),
        verdict.honest(problem.leak, honest),
        verdict.small(test),
    ]
    if null := experiment.null:
        said.append(f"Against {len(null.scores)} shuffled labellings: p = {null.p_value:.3g}.")
    if outer := experiment.nested:
        said.append(
            f"Nested: {outer.score:.3f} in outer folds, the tuned score is {outer.optimism:+.3f} off."
        )
    model, parts = experiment.settings.model, problem.split
    if parts.full:
        said.append(verdict.sampled(model.name, len(parts.train), len(parts.full.train), model.final_fit))
    return [line for line in said if line]


def scores(experiment: Experiment) -> pd.DataFrame:
    """Rows are metrics: as given, honest (where there are label sources), constant answer; with 95 % limits."""
    given, honest = experiment.test, experiment.honest.test if experiment.honest else None
    frame = pd.DataFrame({"metric": [verdict.NAMES[m] for m in METRICS]})
    for name, test in (("as given", given), ("honest", honest)):
        if test is not None:
            frame[name] = [test.scores[m] for m in METRICS]
            for end in ("low", "high"):
                frame[f"{name} {end}"] = [test.intervals[end].get(m, np.nan) for m in METRICS]
    return frame.assign(**{"majority baseline": [given.baseline[m] for m in METRICS]})


def small_table(experiment: Experiment) -> pd.DataFrame:
    """The table under the verdict: held-out scores with their 95 % intervals as text, beside the cross-validated."""
    wide = scores(experiment)
    frame = wide[["metric"]].copy()
    for name in ("as given", "honest"):
        if name in wide:
            frame[f"{name}, held out"] = wide[name]
            limits = zip(wide[f"{name} low"], wide[f"{name} high"], strict=True)
            frame[f"95 % interval ({name})"] = [
                f"{number(a)} to {number(b)}" if a == a else "–" for a, b in limits
            ]
    frame["majority baseline"] = wide["majority baseline"]
    frame["as given, cross-validated"] = [experiment.cv.mean(m) for m in METRICS]
    return frame


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
        scores=small_table(experiment),
        findings=list(_findings(experiment)),
        chapters=[
            chapter_scores.chapter(
                problem,
                experiment.test,
                experiment.honest.test if experiment.honest else None,
                experiment.cv,
                scores(experiment),
            ),
            chapter_explanation.chapter(
                experiment.native,
                experiment.permutation,
                table,
                experiment.explained,
                shown,
                settings.search.scoring,
                problem.audit.tiers,
                problem.labels.classes,
            ),
            chapter_genes.chapter(shown),
            chapter_shape.chapter(
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
    experiments: Sequence[Experiment],
    board: pd.DataFrame,
    sentences: Sequence[str],
    pairwise: Mapping[str, pd.DataFrame],
    commands: Sequence[tuple[str, str]] = (),
) -> Report:
    """The report of a sweep over one question; ``experiments`` and the rows of ``board`` are best first.

    ``sentences`` compare the models, ``pairwise`` are the tests behind them: what was compared -> rows are pairs.
    """
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
        chapter_leaderboard.chapter(board.assign(model=names), folds, scoring, pairwise),
        *(chapter for chapter in whole.chapters if chapter.title != "Search"),
    ]
    return replace(
        whole,
        title=f"{len(experiments)} models on {problem.name}",
        verdict=[*sentences, *whole.verdict[1:]],
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
    search = experiment.explained.search
    if search is not None:
        for edge in search.edges.to_dict("records"):
            wider = f"; widen it with {edge['override']}" if edge["override"] else ""
            yield (
                "info",
                f"The best {edge['parameter']} ({edge['setting']:.4g}) lies at the {edge['edge']} end of its range"
                f"{wider}.",
            )
