"""The results of a run in plain sentences: the verdict on its scores, and findings on the table and the search."""

from collections.abc import Iterator

from dge_experiments.evaluation.rankings import best
from dge_experiments.experiment.result import Result
from dge_experiments.prediction.decision import ladder
from dge_experiments.prediction.decision import sentences as decisions
from dge_experiments.problem.problem import AS_GIVEN, HONEST
from dge_experiments.report.words import verdict
from dge_experiments.report.words.sentence import Sentence


def verdicts(experiment: Result) -> list[Sentence]:
    """Most important first: the audit or the luck of replication, the score that counts and the constant answer's, then
    what else a reader should know."""
    return [sentence for sentence in _verdicts(experiment) if sentence.text]


def _verdicts(experiment: Result) -> Iterator[Sentence]:
    problem, test = experiment.plan.problem, experiment.given.test
    scoring, model = experiment.settings.search.scoring, experiment.settings.model
    audit = Sentence("leak" if problem.leaks else "audit", problem.verdict)
    replication = problem.labels.replication
    luck = [Sentence("luck", text) for text in replication.sentences] if replication else []
    if luck and not problem.leaks:
        yield from (luck[0], _score(experiment), *luck[1:], audit)
    else:
        yield from (audit, _score(experiment), *luck)
    yield Sentence("accuracy", verdict.right(model.first, test))
    if problem.withheld:
        yield Sentence("as given", verdict.as_given(test, scoring))
    if honest_search := experiment.own_search:
        yield Sentence("search", verdict.searched_again(honest_search, problem.withheld))
    elif HONEST in experiment.readings and experiment.study.planned > 1:
        yield Sentence("search", verdict.same_parameters(problem.withheld))
    yield Sentence("small", verdict.small(test))
    yield Sentence("calibration", verdict.adjusted(experiment.given.adjustment))
    if bounds := experiment.bounds:
        decision, probability = experiment.settings.decision, test.prediction.probability[:, 1]  # type: ignore[index]
        first = ladder(test.y, probability, [decision.top] if decision.top else []).iloc[0]
        yield Sentence("bounds", verdict.followed_up(first))
        yield from (Sentence("bounds", text) for text in decisions(probability, bounds, None, decision.rate))
    asked_for = experiment.settings.evaluation
    if null := experiment.null:
        yield Sentence("null", verdict.shuffled(null, problem.withheld))
    elif asked_for.permutations:
        yield Sentence("null", verdict.not_possible("Permutation test", problem.withheld))
    if outer := experiment.nested:
        yield Sentence("nested", verdict.in_outer_folds(outer, problem.withheld))
    elif asked_for.outer_folds:
        yield Sentence("nested", verdict.not_possible("Nested cross-validation", problem.withheld))
    if full := problem.split.full:
        rows, full_rows = len(problem.split.train), len(full.train)
        yield Sentence("sample", verdict.sampled(model.first, rows, full_rows, model.final_fit))


def _score(experiment: Result) -> Sentence:
    """The score that counts, with the bias-corrected one first; where there are rankings, whether the model is better
    than the best of them."""
    problem, test = experiment.plan.problem, experiment.given.test
    scoring = experiment.settings.search.scoring
    text = verdict.earned(test, scoring)
    if problem.withheld:
        text = verdict.honest(problem.withheld, test, experiment.tests.get(HONEST), problem.honest)
    ranking = best(experiment.rankings, scoring)
    if ranking and experiment.gain:
        text = f"{verdict.over_ranking(ranking, experiment.gain)} {text}"
    reading = HONEST if problem.withheld else AS_GIVEN
    if corrected := experiment.corrected.get(reading):
        tuned = verdict.tuned_on(experiment.studies[reading], problem.split)
        leads = verdict.cross_validated(corrected, scoring, tuned, problem.withheld, reading)
        text = f"{leads} {text}"
    return Sentence("score", text)


def findings(experiment: Result) -> list[tuple[str, str]]:
    """(severity, sentence) on the table, then on the search."""
    return list(_findings(experiment))


def _findings(experiment: Result) -> Iterator[tuple[str, str]]:
    """Findings on the table, then on the run, as (severity, sentence)."""
    problem = experiment.plan.problem
    for finding in problem.table.findings:
        yield finding.severity, finding.message
    if problem.table.ignored:
        yield "info", f"Not reported, as data.ignore says: {', '.join(problem.table.ignored)}."
    if problem.shared.rows:
        yield "warning", problem.shared.sentence
    if problem.labels.note:
        yield "info", f"{problem.labels.note[0].upper()}{problem.labels.note[1:]}."
    for reading, study in experiment.studies.items():
        of, folder = ("", "") if reading == AS_GIVEN else (f"{reading} ", f"{reading}/")
        if len(study.trials) < study.planned:
            yield (
                "warning",
                f"The {of}search ended early: {len(study.trials)} of {study.planned} trials were made.",
            )
        failed = sum(1 for trial in study.trials if trial.error)
        if failed:
            yield (
                "warning",
                f"{failed} of {len(study.trials)} {of}trials failed; {folder}trials.csv says why.",
            )
    search = experiment.diagnostics
    if search is not None:
        for edge in search.edges.to_dict("records"):
            wider = f"; widen it with {edge['override']}" if edge["override"] else ""
            yield (
                "info",
                f"The best {edge['parameter']} ({edge['setting']:.4g}) lies at the {edge['edge']} end of its range"
                f"{wider}.",
            )
