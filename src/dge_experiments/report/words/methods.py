"""The methods paragraph, to paste into a paper, and the works it cites."""

import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files

import yaml

from dge_experiments.errors import listed
from dge_experiments.evaluation.adjustment import Adjustment
from dge_experiments.evaluation.metrics import title
from dge_experiments.explanation.explain import Explanation
from dge_experiments.explanation.methods import methods as explanation_methods
from dge_experiments.problem.problem import Problem
from dge_experiments.search.study import Study
from dge_experiments.settings import Model, Settings
from dge_experiments.settings.choices import LeakSearch
from dge_experiments.tables import Table
from dge_experiments.version import __version__

SEARCHES = {
    "grid": "a grid",
    "random": "random search",
    "tpe": "the multivariate tree-structured Parzen estimator",
}


@dataclass(frozen=True)
class Fit:
    """A model of a run or a sweep: its settings, the name of its search (``none`` for the defaults), its trials, its
    calibration and threshold, and whether its score is corrected for the selection."""

    model: Model
    search: str
    study: Study
    adjustment: Adjustment
    corrected: bool = False


def methods(
    problem: Problem, fits: Sequence[Fit], settings: Settings, explanation: Explanation
) -> tuple[str, list[str]]:
    """A paragraph with numbered citations, and the works in the order of citation.

    ``fits``: the model of a run, or the models of a sweep, best first; ``settings`` and ``explanation`` are of the
    first.
    """
    references: dict[str, str] = yaml.safe_load((files(__package__) / "citations.yaml").read_text("utf-8"))
    works: list[str] = []

    def cite(key: str) -> str:
        """The number of a work, given by its key in citations.yaml or as a full reference."""
        work = references.get(key, key if " " in key else "")
        if not work:
            return ""
        if work not in works:
            works.append(work)
        return f" [{works.index(work) + 1}]"

    counts = ", ".join(f"{n:,} {label}" for label, n in problem.class_counts.items())
    parts = problem.split
    sentences = [
        f"Each of {problem.table.counted} of the differential expression table {problem.table.name} "
        f"({_fingerprints(problem.table)}) was labelled by the rule {problem.labels.rule} ({counts}).",
        *_left_out(problem, settings.data.filter),
        f"Features were {listed(list(problem.X.columns))}, standardised within each fold.",
        _models(fits, cite),
        _held_out(problem),
        *_searches(fits, problem, cite),
        f"{'The chosen model' if len(fits) == 1 else 'Each chosen model'} was refitted on the training part and scored "
        f"once on the held-out genes, next to a constant answer, by accuracy, balanced accuracy"
        f"{cite('balanced_accuracy')}, Matthews' correlation coefficient{cite('mcc')}, ROC AUC and average precision.",
    ]
    if parts.cv_folds is not parts.folds:
        sentences.append(
            f"The cross-validated scores are on {len(parts.cv_folds)} further folds of "
            + (
                "all genes, including the held-out ones."
                if settings.split.cv_rows == "all"
                else "the training part."
            )
        )
    sentences += _adjustments(fits, cite)
    sentences.append(
        f"Intervals are 95 %, for other genes of this table: Wilson's for accuracy{cite('wilson')} and, combined, "
        f"for balanced accuracy{cite('mover')}; Newcombe's for ROC AUC{cite('auc_interval')}; by influence on the "
        f"log-odds scale for average precision{cite('ap_interval')}; from the posterior for Matthews' coefficient."
    )
    if len(fits) > 1:
        sentences.append(
            f"Models were compared with the constant answer or a ranking by one statistic, and with each other on "
            f"the same held-out genes, by the influence of each gene on the difference of their scores; p-values were "
            f"adjusted by Holm's method{cite('holm')}."
        )
    if problem.withheld:
        sentences.append(_leaks(problem, fits, settings, cite))
    of_model = "" if len(fits) == 1 else f" for {fits[0].model.called}"
    sentences.append(
        f"The weight of each statistic was measured{of_model} by {listed(_weights(explanation, cite))}."
    )
    packages = ", ".join(f"{p} {version(p)}" for p in ("numpy", "pandas", "scipy", "optuna"))
    sentences.append(
        f"The seed was {settings.seed}; software: Python {platform.python_version()}, dge-experiments {__version__}, "
        f"{packages}."
    )
    return " ".join(sentences), works


def _leaks(problem: Problem, fits: Sequence[Fit], settings: Settings, cite: Callable[[str], str]) -> str:
    """Which features give the label away, and how the honest scores were made without them."""
    leaks = {"the label away": problem.leak, "nearly the label away": problem.trained.graded}
    clauses = [
        f"{listed(features)} {'gives' if len(features) == 1 else 'give'} {what}"
        for what, features in leaks.items()
        if features
    ]
    searched = settings.leak.search == LeakSearch.own and any(fit.study.planned > 1 for fit in fits)
    honest = (
        "for the honest scores the search was repeated without these features."
        if searched
        else "honest scores are those of the same parameters without these features."
    )
    return f"An audit before training found that {'; '.join(clauses)}{cite('leak')}; {honest}"


def _adjustments(fits: Sequence[Fit], cite: Callable[[str], str]) -> Iterator[str]:
    """How probabilities and threshold were adjusted, model by model where there are several."""
    for fit in fits:
        of = "" if len(fits) == 1 else f" of {fit.model.called}"
        chosen = fit.adjustment
        if chosen.method != "none":
            by = ", the one with the smallest log loss out of fold" if chosen.losses else ""
            map_ = {"sigmoid": "a logistic curve of their log odds", "beta": "a beta curve"}
            how = map_.get(chosen.method, "isotonic regression")
            yield f"Probabilities{of} were calibrated on out-of-fold answers by {how}{cite(chosen.method)}{by}."
        elif chosen.losses:
            yield f"Probabilities{of} were left as they are: no calibration improved the log loss out of fold."
        if chosen.chosen_by:
            yield (
                f"The threshold{of}, {chosen.threshold:.3g}, was chosen for {chosen.chosen_by.replace('_', ' ')} on "
                "out-of-fold answers; for cross-validated scores it was chosen on the other folds."
            )


def _fingerprints(table: Table) -> str:
    """The digest of the rows that were read, and the SHA-256 of the file."""
    sha256 = table.file_sha256
    return f"content digest {table.digest}" + (f", SHA-256 of the file {sha256[:16]}..." if sha256 else "")


def _models(fits: Sequence[Fit], cite: Callable[[str], str]) -> str:
    names = {fit.model.called: fit.model.cite or "" for fit in fits}
    boosted = any(str(fit.model.estimator.get("_target_")).startswith("xgboost.") for fit in fits)
    models = listed([f"{name}{cite(work)}" for name, work in names.items()])
    software = f"scikit-learn{cite('scikit-learn')} {version('scikit-learn')}"
    software += f" and xgboost {version('xgboost')}" if boosted else ""
    return f"{'The model was' if len(names) == 1 else 'Models were'} {models}, fitted with {software}."


def _held_out(problem: Problem) -> str:
    parts = problem.split
    by_value = f": those of {parts.held_out}" if parts.held_out else ""
    return f"{len(parts.test):,} genes ({len(parts.test) / len(problem.X):.0%}) were held out{by_value}."


def _searches(fits: Sequence[Fit], problem: Problem, cite: Callable[[str], str]) -> Iterator[str]:
    """How the parameters were chosen: a clause for each search and number of trials, then the models with defaults."""
    groups: dict[tuple[str, int], list[str]] = {}
    for fit in fits:
        tuned = (fit.search, len(fit.study.trials)) if fit.study.planned > 1 else ("none", 1)
        groups.setdefault(tuned, []).append(fit.model.called)
    defaults = groups.pop(("none", 1), [])
    if groups:
        clauses = [
            f"among {trials} candidates of {SEARCHES.get(search, search)}{cite(search)}"
            + (f" ({listed(models)})" if len(fits) > 1 else "")
            for (search, trials), models in groups.items()
        ]
        kept_together = (
            "" if problem.split.together is None else f", no {problem.split.by} on both sides of one"
        )
        yield (
            f"Parameters were chosen {listed(clauses)} by {title(fits[0].study.scoring)}, cross-validated "
            f"over {len(problem.split.folds)} stratified folds of the rest{kept_together}."
        )
    raced = sum(trial.raced_out for fit in fits for trial in fit.study.trials)
    if raced:
        yield f"{raced} candidates that fell behind the leader were stopped before the last fold{cite('racing')}."
    if groups and all(fit.corrected for fit in fits):
        yield (
            "The optimism of this choice, estimated by bootstrap over the out-of-fold predictions, was subtracted from "
            f"the cross-validated scores{cite('bias_corrected')}."
        )
    if defaults and len(fits) == 1:
        yield "It was fitted with its default parameters."
    elif defaults:
        yield f"{listed(defaults)} {'was' if len(defaults) == 1 else 'were'} fitted with default parameters."
    if full := problem.split.full:
        yield (
            f"Parameters were chosen on a stratified sample of {len(problem.split.train):,} of the {len(full.train):,} "
            "training genes."
        )


def _left_out(problem: Problem, filter: str | None) -> Iterator[str]:
    """Rows that were not used: dropped for missing values, or by a filter."""
    dropped = sum(finding.count for finding in problem.table.findings if finding.code == "rows_dropped")
    if dropped:
        yield f"{dropped:,} of {problem.table.rows:,} rows were dropped because of missing values."
    if filter:
        yield f"Only rows with {' '.join(filter.split())} were used."


def _weights(explanation: Explanation, cite: Callable[[str], str]) -> list[str]:
    """How the weight of the statistics was measured, a clause for each method."""
    clauses = []
    for method in explanation_methods():
        result = explanation.found.get(method.name)
        text = "" if result is None else method.text(result)
        if text:
            on = f", on {explanation.sample}," if method.sampled and explanation.sample else ""
            clauses.append(f"{text}{on}{cite(method.cite)}")
    return clauses
