"""What an experiment leaves behind: its records."""

import json
import platform
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version

import numpy as np
import pandas as pd
import yaml

from dge_experiments.evaluation import rankings
from dge_experiments.evaluation.calibration import binning, reliability
from dge_experiments.evaluation.held_out import HeldOut
from dge_experiments.evaluation.metrics import METRICS
from dge_experiments.experiment.result import Result
from dge_experiments.prediction.score import training_ranges
from dge_experiments.problem.problem import AS_GIVEN, HONEST
from dge_experiments.report import document
from dge_experiments.report.records import Data, Description, Frame, Metrics, Model, Params, Record, Text
from dge_experiments.report.words.description import description
from dge_experiments.search.recall import written
from dge_experiments.studies.luck import Luck

NEEDED = ("mlflow", "numpy", "pandas", "scikit-learn", "scipy", "skops")


def metrics(experiment: Result) -> dict[str, float]:
    """``cv/<metric>`` with ``_std``, ``test/<metric>``, ``baseline/test/<metric>``, per-class figures, seconds."""
    given = experiment.given
    test = given.test
    values = {"search_seconds": experiment.study.seconds, "fit_seconds": given.cv.fit_seconds}
    for reading, assessed in experiment.readings.items():
        prefix = "" if reading == AS_GIVEN else f"{reading}/"
        values |= {f"{prefix}cv/{metric}": assessed.cv.mean(metric) for metric in assessed.cv.folds[0]}
        values |= {f"{prefix}cv/{metric}_std": assessed.cv.std(metric) for metric in assessed.cv.folds[0]}
        values |= _scored(f"{prefix}test", assessed.test)
    values |= {f"baseline/test/{metric}": value for metric, value in test.baseline.items()}
    values |= {f"baseline/cv/{metric}": experiment.baseline_cv.mean(metric) for metric in METRICS}
    for row in test.per_class.to_dict("records"):
        for figure in ("precision", "recall", "recall_low", "recall_high", "f1", "genes"):
            values[f"test/{row['class']}/{figure}"] = float(row[figure])
    if HONEST in experiment.readings:
        honest = experiment.tests[HONEST].scores
        values |= {f"gap/test/{metric}": test.scores[metric] - honest[metric] for metric in METRICS}
    for name, there in experiment.external.items():
        values |= _scored(f"external/{name}", there)
    if nested := experiment.nested:
        prefix = "" if nested.reading == AS_GIVEN else f"{nested.reading}/"
        values |= {f"{prefix}nested/score": nested.score, f"{prefix}nested/optimism": nested.optimism}
    if null := experiment.null:
        prefix = "" if null.reading == AS_GIVEN else f"{null.reading}/"
        values |= {f"{prefix}null/p_value": null.p_value, f"{prefix}null/mean": float(null.scores.mean())}
    for ranked in experiment.rankings:
        values |= {f"ranking/{ranked.by}/test/{metric}": value for metric, value in ranked.test.items()}
        values |= {
            f"ranking/{ranked.by}/cv/{metric}": ranked.cv.mean(metric) for metric in ranked.cv.folds[0]
        }
    if gain := experiment.gain:
        values |= {
            "gain/ranking": gain.difference,
            "gain/ranking_low": gain.low,
            "gain/ranking_high": gain.high,
        }
    if found := experiment.plan.problem.labels.replication:
        values |= _luck("luck", found.luck)
        values |= _luck("luck/hits", found.hits) if found.hits else {}
    return values


def _luck(prefix: str, found: Luck) -> dict[str, float]:
    """Shares that replicate, seen and by luck, with the chance of as many by luck."""
    return {
        f"{prefix}/{name}": float(getattr(found, name))
        for name in ("genes", "seen", "expected", "low", "high", "opposite", "opposite_expected")
    } | {f"{prefix}/p_value": found.p_correlated}


def _scored(prefix: str, test: HeldOut) -> dict[str, float]:
    """``<prefix>/<metric>`` with the limits of its interval."""
    values = {f"{prefix}/{metric}": value for metric, value in test.scores.items()}
    for metric, limits in test.intervals.iterrows():
        values |= {f"{prefix}/{metric}_{end}": float(limits[end]) for end in ("low", "high")}
    return values


def records(experiment: Result, report: str, link: str = "") -> Iterator[Record]:
    """Everything that is written down about a finished experiment, in order.

    ``report`` is the report as HTML, ``link`` where the run's description points to it.
    """
    settings, plan, study = experiment.settings, experiment.plan, experiment.study
    problem, given, test = plan.problem, experiment.given, experiment.given.test
    yield Description(description(document.verdicts(experiment), document.small_table(experiment), link))
    yield Params(_params(experiment))
    yield Metrics(metrics(experiment))
    label = problem.table.frame.assign(label=[problem.labels.classes[code] for code in problem.labels.y])
    yield Data(label, problem.table.name, problem.table.path, problem.table.digest, "label")
    yield Text("config.yaml", yaml.safe_dump(asdict(settings), sort_keys=False))
    yield Frame("trials.csv", study.frame)
    for reading, assessed in experiment.readings.items():
        folder = "cv" if reading == AS_GIVEN else reading
        yield Frame(f"{folder}/folds.csv", pd.DataFrame(assessed.cv.folds))
    yield Frame("leak_audit.csv", problem.audit.tiers)
    yield Text("leak_audit.json", problem.audit.tiers.to_json(orient="records", indent=1))
    yield Text("findings.json", json.dumps([asdict(f) for f in problem.table.findings], indent=1))
    if found := problem.labels.replication:
        yield Frame("replication.csv", found.genes)
        yield Frame("rankings.csv", rankings.frame(experiment.rankings), side_by_side=True)
    yield Frame("test/per_class.csv", test.per_class)
    yield Frame("test/confusion.csv", test.confusion)
    yield Frame("test/predictions.csv", predictions(experiment))
    if (probability := test.prediction.probability) is not None:
        of = probability[:, 1] if probability.shape[1] == 2 else probability
        yield Frame("test/reliability.csv", reliability(test.y, of, strategy=binning(test.y)))
    if experiment.native is not None:
        yield Frame("importance/native.csv", experiment.native, side_by_side=True)
    yield Frame("importance/permutation.csv", experiment.permutation, side_by_side=True)
    yield Frame("pca/scores.csv", _pca_scores(experiment))
    yield Frame("pca/loadings.csv", experiment.pca.loadings)
    yield Frame("pca/variance.csv", experiment.pca.variance)
    yield from _explanations(experiment)
    yield Text("report.html", report)
    held = problem.X.iloc[problem.split.test]
    packages = [*NEEDED, "xgboost"] if "xgboost" in type(given.pipeline[-1]).__module__ else NEEDED
    yield Model(
        settings.model.name,
        given.model,
        held,
        test.prediction.predicted,
        [f"{package}=={version(package)}" for package in packages],
        {
            "classes": list(problem.labels.classes),
            "leak": ", ".join(problem.leak) or "none",
            "target": problem.target,
            "rule": problem.labels.rule,
            "calibration": given.adjustment.method,
            "threshold": given.adjustment.threshold,
            "training_ranges": training_ranges(problem.X.iloc[problem.split.train]),
        },
    )


def predictions(experiment: Result) -> pd.DataFrame:
    """Rows are held-out genes: gene, its true class, the predicted one, the probability of each class."""
    problem, test = experiment.plan.problem, experiment.given.test
    classes = np.array(problem.labels.classes, dtype=object)
    frame = pd.DataFrame(
        {
            "gene": problem.table.frame["gene"].to_numpy()[problem.split.test],
            "true": classes[test.y],
            "predicted": classes[test.prediction.predicted],
        }
    )
    if (probability := test.prediction.probability) is not None:
        for code, name in enumerate(problem.labels.classes):
            frame[f"probability_{name}"] = probability[:, code]
    return frame


def _params(experiment: Result) -> dict[str, str]:
    settings, plan = experiment.settings, experiment.plan
    flat = {
        "model": settings.model.name,
        "target": plan.problem.target,
        "columns": ",".join(plan.problem.X.columns),
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
    chosen = experiment.given.adjustment
    flat |= {"calibration": chosen.method, "threshold": f"{chosen.threshold:.6g}"}
    return flat | {name: written(value) for name, value in experiment.study.best.candidate.items()}


def _explanations(experiment: Result) -> Iterator[Record]:
    """The frame of each explanation that was made."""
    table, model = experiment.table, experiment.explained
    frames = {
        "pca/separation.csv": table.separation.auc,
        "pca/silhouette.csv": table.separation.silhouette,
    }
    if table.honest_pca is not None and table.honest_separation is not None:
        frames |= {
            "pca/honest_loadings.csv": table.honest_pca.loadings,
            "pca/honest_variance.csv": table.honest_pca.variance,
            "pca/honest_separation.csv": table.honest_separation.auc,
            "pca/honest_silhouette.csv": table.honest_separation.silhouette,
        }
    if table.dominance is not None:
        frames |= {
            "dominance/general.csv": table.dominance.general,
            "dominance/conditional.csv": table.dominance.conditional,
            "dominance/pairs.csv": table.dominance.pairs,
            "dominance/subsets.csv": table.dominance.subsets,
        }
    if table.stability is not None:
        frames |= {
            "stability/features.csv": table.stability.features,
            "stability/path.csv": table.stability.path,
        }
    if table.path is not None:
        frames |= {"lasso/path.csv": table.path.coefficients, "lasso/entry.csv": table.path.entry}
    if model.shap is not None and model.shap.method:
        frames |= {
            "shap/importance.csv": model.shap.importance,
            "shap/contributions.csv": model.shap.contributions,
        }
    if model.agreement is not None:
        frames["importance/ranks.csv"] = model.agreement.ranks
    if model.search is not None:
        frames |= {
            "search/history.csv": model.search.history,
            "search/importance.csv": model.search.importance,
            "search/edges.csv": model.search.edges,
        }
    for path, frame in frames.items():
        yield Frame(path, frame)


def _pca_scores(experiment: Result) -> pd.DataFrame:
    problem = experiment.plan.problem
    labels = [problem.labels.classes[code] for code in problem.labels.y]
    scores = experiment.pca.scores
    return pd.DataFrame({"gene": problem.table.frame["gene"].to_numpy(), "label": labels, **scores})
