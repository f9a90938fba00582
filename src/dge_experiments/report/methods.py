"""The methods paragraph, to paste into a paper, and the works it cites."""

import platform
from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files

import yaml

from dge_experiments import __version__
from dge_experiments.explanation.explain import ModelExplanation, TableExplanation
from dge_experiments.problem.problem import Problem
from dge_experiments.search.study import Study

MODELS = {
    "random_forest": "a random forest",
    "logistic_regression": "logistic regression",
    "lasso": "LASSO logistic regression",
    "svm": "a support vector machine with a radial kernel",
    "xgboost": "gradient-boosted trees (XGBoost)",
    "dummy": "a constant answer (the most frequent class)",
}
SEARCHES = {
    "grid": "a grid",
    "random": "random search",
    "tpe": "the multivariate tree-structured Parzen estimator",
}


def methods(
    problem: Problem,
    study: Study,
    model: str,
    search: str,
    seed: int,
    table: TableExplanation,
    explained: ModelExplanation,
) -> tuple[str, list[str]]:
    """A paragraph with numbered citations, and the works in the order in which they are cited."""
    known: dict[str, str] = yaml.safe_load((files(__package__) / "citations.yaml").read_text("utf-8"))
    works: list[str] = []

    def cite(key: str) -> str:
        if key not in known:
            return ""
        work = known[key]
        if work not in works:
            works.append(work)
        return f" [{works.index(work) + 1}]"

    name = MODELS.get(model, model.replace("_", " "))
    counts = ", ".join(f"{n:,} {label}" for label, n in problem.class_counts.items())
    parts = problem.split
    said = [
        f"Each of {len(problem.X):,} genes of the differential expression table {problem.table.name} "
        f"(SHA-256 {problem.table.digest}) was labelled by the rule {problem.labels.rule} ({counts}). "
        f"Features were {_listed(list(problem.X.columns))}, standardised within each fold.",
        f"We fitted {name}{cite(model)} with scikit-learn{cite('scikit-learn')} {version('scikit-learn')}"
        + (f" and xgboost {version('xgboost')}" if model == "xgboost" else "")
        + f". {len(parts.test):,} genes ({len(parts.test) / len(problem.X):.0%}) were held out.",
        _search(study, search, cite(search), len(parts.folds)),
        "The chosen model was refitted on the training part and scored once on the held-out genes, beside a "
        f"constant answer, by accuracy, balanced accuracy{cite('balanced_accuracy')}, Matthews' correlation "
        f"coefficient{cite('mcc')}, ROC AUC and average precision.",
    ]
    if parts.cv_folds is not parts.folds:
        said.append(
            "The cross-validated scores are on all genes, the held-out ones among them, as in the published analysis."
        )
    said.append(
        f"Intervals are 95 %: Wilson's for accuracy{cite('wilson')}, stratified bootstrap for the other "
        f"scores{cite('bootstrap')}."
    )
    if problem.leak:
        these = "feature gives" if len(problem.leak) == 1 else "features give"
        said.append(
            f"An audit before training found that the {these} the label away: {_listed(problem.leak)}{cite('leak')}; "
            "honest scores are of the same model without."
        )
    how = [f"permutation on the held-out genes{cite('permutation')}"]
    if explained.shap is not None and explained.shap.method:
        how.append(f"{explained.shap.method}{cite('shap')}")
    if table.dominance is not None:
        how.append(
            f"dominance analysis of logistic regression by cross-validated McFadden R²{cite('dominance')}"
        )
    if table.stability is not None:
        how.append(f"stability selection with the LASSO{cite('stability')}")
    said.append(f"The weight of each statistic was measured by {_listed(how)}.")
    packages = ", ".join(f"{p} {version(p)}" for p in ("numpy", "pandas", "scipy", "optuna"))
    said.append(
        f"The seed was {seed}; software: Python {platform.python_version()}, dge-experiments {__version__}, {packages}."
    )
    return " ".join(said), works


def _search(study: Study, search: str, citation: str, folds: int) -> str:
    if study.planned == 1:
        return "It ran with its default parameters."
    how = SEARCHES.get(search, search)
    return (
        f"The model's parameters were chosen among {len(study.trials)} candidates of {how}{citation} by {folds}-fold "
        f"stratified cross-validated {study.scoring.replace('_', ' ')} on the rest."
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
