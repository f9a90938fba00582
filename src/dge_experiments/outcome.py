"""What an experiment leaves behind: its verdicts and its records."""

import json
import platform
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import yaml

from dge_experiments.evaluation.held_out import HeldOut
from dge_experiments.evaluation.metrics import METRICS
from dge_experiments.evaluation.new_table import training_ranges
from dge_experiments.experiment import Experiment, Plan
from dge_experiments.report import figures, verdict
from dge_experiments.report.page import Section, page
from dge_experiments.settings import Settings
from dge_experiments.tracking.records import (
    Data,
    Description,
    Frame,
    Metrics,
    Model,
    Params,
    Record,
    Text,
    written,
)

NEEDED = ("mlflow", "numpy", "pandas", "scikit-learn", "scipy", "skops")


def tags(settings: Settings, plan: Plan) -> dict[str, str]:
    """Words to filter by; the same on a parent and its children but for ``role``."""
    problem = plan.problem
    return {
        "role": "model",
        "model": settings.model.name,
        "search": settings.search.name if plan.strategy.total > 1 else "none",
        "target": problem.target,
        "features": problem.features,
        "scoring": settings.search.scoring,
        "data_digest": problem.table.digest,
        "split_hash": problem.split.hash,
        "sweep_id": settings.sweep_id,
        "leak": ", ".join(problem.leak) or "none",
        "git_commit": _git_commit(),
    }


def metrics(experiment: Experiment) -> dict[str, float]:
    """``cv/<metric>`` with ``_std``, ``test/<metric>``, ``baseline/test/<metric>``, per-class figures, seconds."""
    cv, test = experiment.cv, experiment.test
    values = {"search_seconds": experiment.study.seconds, "fit_seconds": cv.fit_seconds}
    for metric in cv.folds[0]:
        values[f"cv/{metric}"] = cv.mean(metric)
        values[f"cv/{metric}_std"] = cv.std(metric)
    values |= _scored("test", test)
    values |= {f"baseline/test/{metric}": value for metric, value in test.baseline.items()}
    values |= {f"baseline/cv/{metric}": experiment.baseline_cv.mean(metric) for metric in METRICS}
    for row in test.per_class.to_dict("records"):
        for figure in ("precision", "recall", "recall_low", "recall_high", "f1", "genes"):
            values[f"test/{row['class']}/{figure}"] = float(row[figure])
    if honest := experiment.honest:
        values |= {f"honest/cv/{metric}": honest.cv.mean(metric) for metric in honest.cv.folds[0]}
        values |= {f"honest/cv/{metric}_std": honest.cv.std(metric) for metric in honest.cv.folds[0]}
        values |= _scored("honest/test", honest.test)
        values |= {
            f"gap/test/{metric}": test.scores[metric] - honest.test.scores[metric] for metric in METRICS
        }
    for name, there in experiment.external.items():
        values |= _scored(f"external/{name}", there)
    if experiment.nested:
        values |= {"nested/score": experiment.nested.score, "nested/optimism": experiment.nested.optimism}
    if experiment.null:
        values |= {"null/p_value": experiment.null.p_value, "null/mean": float(experiment.null.scores.mean())}
    return values


def _scored(prefix: str, test: HeldOut) -> dict[str, float]:
    """``<prefix>/<metric>`` with the limits of its interval."""
    values = {f"{prefix}/{metric}": value for metric, value in test.scores.items()}
    for metric, limits in test.intervals.iterrows():
        values |= {f"{prefix}/{metric}_{end}": float(limits[end]) for end in ("low", "high")}
    return values


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
    return [line for line in said if line]


def records(experiment: Experiment) -> Iterator[Record]:
    """Everything that is written down about a finished experiment, in order."""
    settings, plan, study = experiment.settings, experiment.plan, experiment.study
    problem, test = plan.problem, experiment.test
    lead = verdicts(experiment)
    yield Description("\n\n".join(f"**{line}**" for line in lead))
    yield Params(_params(experiment))
    yield Metrics(metrics(experiment))
    label = problem.table.frame.assign(label=[problem.labels.classes[code] for code in problem.labels.y])
    yield Data(label, problem.table.name, problem.table.path, problem.table.digest, "label")
    yield Text("config.yaml", yaml.safe_dump(asdict(settings), sort_keys=False))
    yield Frame("trials.csv", study.frame)
    yield Frame("cv/folds.csv", pd.DataFrame(experiment.cv.folds))
    yield Frame("leak_audit.csv", problem.audit.tiers)
    yield Text("leak_audit.json", problem.audit.tiers.to_json(orient="records", indent=1))
    yield Text("findings.json", json.dumps([asdict(f) for f in problem.table.findings], indent=1))
    yield Frame("test/per_class.csv", test.per_class)
    yield Frame("test/confusion.csv", test.confusion)
    if experiment.native is not None:
        yield Frame("importance/native.csv", experiment.native, side_by_side=True)
    yield Frame("importance/permutation.csv", experiment.permutation, side_by_side=True)
    yield Frame("pca/scores.csv", _pca_scores(experiment))
    yield Frame("pca/loadings.csv", experiment.pca.loadings)
    yield Frame("pca/variance.csv", experiment.pca.variance)
    title = f"{settings.model.name} on {problem.name}"
    yield Text("figures.html", page(title, lead, list(_sections(experiment))))
    held = problem.X.iloc[problem.split.test]
    packages = [*NEEDED, "xgboost"] if "xgboost" in type(experiment.pipeline[-1]).__module__ else NEEDED
    yield Model(
        settings.model.name,
        experiment.model,
        held,
        test.prediction.predicted,
        [f"{package}=={version(package)}" for package in packages],
        {
            "classes": list(problem.labels.classes),
            "leak": ", ".join(problem.leak) or "none",
            "target": problem.target,
            "rule": problem.labels.rule,
            "training_ranges": training_ranges(problem.X.iloc[problem.split.train]),
        },
    )


def _params(experiment: Experiment) -> dict[str, str]:
    settings, plan = experiment.settings, experiment.plan
    flat = {
        "model": settings.model.name,
        "target": plan.problem.target,
        "features": ",".join(plan.problem.X.columns),
        "search": settings.search.name if plan.strategy.total > 1 else "none",
        "trials": str(len(experiment.study.trials)),
        "genes": str(len(plan.problem.X)),
        "seed": str(settings.seed),
        "test_size": str(settings.split.test_size),
        "stratify": str(settings.split.stratify),
        "folds": str(settings.split.folds),
        "cv_rows": settings.split.cv_rows,
        "python": platform.python_version(),
    }
    return flat | {name: written(value) for name, value in experiment.study.best.candidate.items()}


def _pca_scores(experiment: Experiment) -> pd.DataFrame:
    problem = experiment.plan.problem
    labels = [problem.labels.classes[code] for code in problem.labels.y]
    scores = experiment.pca.scores
    return pd.DataFrame({"gene": problem.table.frame["gene"].to_numpy(), "label": labels, **scores})


def _sections(experiment: Experiment) -> Iterator[Section]:
    test, scoring = experiment.test, experiment.settings.search.scoring
    beside = pd.DataFrame(
        [(metric, test.scores[metric], test.baseline[metric]) for metric in METRICS],
        columns=["metric", "test", "baseline"],
    )
    yield Section(
        "Held-out scores",
        "Beside a model that always answers the most frequent class.",
        figures.scores_beside_baseline(beside),
    )
    yield Section("Per class", "genes: how many held-out genes truly are of the class.", test.per_class)
    yield Section(
        "Confusion",
        "Held-out genes: rows are the truth, columns the answers.",
        figures.confusion(test.confusion),
    )
    if experiment.native is not None:
        kind = str(experiment.native["kind"].iloc[0])
        axis = "|log-odds per standard deviation|" if kind == "coefficient" else kind
        yield Section(
            f"Native importance ({kind})",
            "What the fitted model itself leans on.",
            figures.importance(experiment.native, axis),
        )
    yield Section(
        "Permutation importance",
        f"Drop in held-out {scoring} when one feature is shuffled; whiskers: standard deviation of 10 shuffles.",
        figures.importance(experiment.permutation, f"drop in {scoring}", "std"),
    )
    variance = experiment.pca.variance
    if len(variance) > 1:
        yield Section(
            "PCA scores",
            "Each point is a gene, placed by its scaled statistics.",
            figures.pca_scores(_pca_scores(experiment), list(variance["explained"])),
        )
        yield Section(
            "PCA loadings",
            "How much of each statistic goes into a component.",
            figures.pca_loadings(experiment.pca.loadings),
        )
        yield Section(
            "Explained variance",
            "How many components the statistics are worth.",
            figures.explained_variance(variance),
        )
    trials = experiment.study.frame
    if len(trials) > 1:
        yield Section(
            "Search", f"Cross-validated {scoring} of each trial.", figures.search_history(trials, scoring)
        )


def _git_commit() -> str:
    """Commit of the checkout that runs, or "none" where it is no checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "none"
