"""The numbers of a finished experiment, under their logged names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from dge_experiments.evaluation.held_out import HeldOut
from dge_experiments.evaluation.key import CORRECTED, ENDS, Key
from dge_experiments.evaluation.metrics import compared
from dge_experiments.experiment.result import Result
from dge_experiments.problem.problem import AS_GIVEN, HONEST
from dge_experiments.search.engine import Trial
from dge_experiments.studies.luck import Luck

NOT_IN_KEYS = re.compile(r"[^\w .:-]+")  # of MLflow's keys; a slash would begin another part
LONGEST = 100
TABLE = "metrics.csv"
ABOUT = ("reading", "part", "metric")
VALUE = "value"
SCANNED = ("accuracy", "balanced_accuracy", "mcc", "roc_auc", "average_precision")
ALONE = (("", "fit_seconds"), ("nested", "score"), ("null", "p_value"))


def named(words: Sequence[str]) -> dict[str, str]:
    """Word -> its form as part of a metric's key; words with the same form are numbered."""
    keys: dict[str, str] = {}
    for word in words:
        safe = NOT_IN_KEYS.sub("_", str(word)).strip(" ._")[:LONGEST] or "_"
        number = 1
        while (key := f"{safe}-{number}" if number > 1 else safe) in keys.values():
            number += 1
        keys[word] = key
    return keys


def metrics(experiment: Result) -> dict[str, float]:
    """``bbc/<scoring>``, ``cv/<metric>`` with ``_std``, ``test/<metric>``, ``baseline/test/<metric>``, per-class
    figures, seconds."""
    test, constant = experiment.given.test, experiment.baseline_cv
    values = {"search_seconds": experiment.study.seconds, "fit_seconds": experiment.given.cv.fit_seconds}
    if honest_search := experiment.own_search:
        values[str(Key("search_seconds", "", HONEST))] = honest_search.seconds
    for reading, assessed in experiment.readings.items():
        read = _written(reading)
        values |= _on_folds(assessed.cv, read) | _scored(Key("", "test", read), assessed.test)
    values |= _corrected(experiment)
    values |= {str(Key(metric, "test", "baseline")): value for metric, value in test.baseline.items()}
    values |= {str(Key(m, "cv", "baseline")): constant.mean(m) for m in compared(constant.folds[0])}
    classes = named(list(test.per_class["class"]))
    for row in test.per_class.to_dict("records"):
        for figure in ("precision", "recall", "recall_low", "recall_high", "f1", "genes"):
            values[str(Key(figure, f"test/{classes[row['class']]}"))] = float(row[figure])
    if HONEST in experiment.readings:
        honest = experiment.tests[HONEST].scores
        values |= {str(Key(m, "test", "gap")): test.scores[m] - honest[m] for m in compared(honest)}
    externals = named(list(experiment.external))
    for name, held_out in experiment.external.items():
        values |= _scored(Key("", f"external/{externals[name]}"), held_out)
    if nested := experiment.nested:
        where = Key("", "nested", _written(nested.reading))
        values |= {str(replace(where, metric=name)): getattr(nested, name) for name in ("score", "optimism")}
    if null := experiment.null:
        where = Key("", "null", _written(null.reading))
        values[str(replace(where, metric="p_value"))] = null.p_value
        values[str(replace(where, metric="mean"))] = float(null.scores.mean())
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
    if replication := experiment.plan.problem.labels.replication:
        values |= _luck("luck", replication.luck)
        values |= _luck("luck/hits", replication.hits) if replication.hits else {}
    return values


def table(values: Mapping[str, float]) -> pd.DataFrame:
    """Numbers as a table, one row a score: ``reading`` (empty as given), ``part``, ``metric``, ``value``, the limits
    ``low`` and ``high`` of its interval, ``std`` over the folds; nan where there is none."""
    rows: dict[Key, dict[str, float]] = {}
    for name, value in values.items():
        key = Key.parse(name)
        rows.setdefault(key.at(""), {})[key.end or VALUE] = value
    about = pd.DataFrame([(key.reading, key.part, key.metric) for key in rows], columns=list(ABOUT))
    return about.join(pd.DataFrame(rows.values(), columns=[VALUE, *ENDS], dtype=np.float64))


def numbers(frame: pd.DataFrame) -> dict[str, float]:
    """The numbers of a ``table``, under their names."""
    values: dict[str, float] = {}
    for row in frame.to_dict("records"):
        key = Key(str(row["metric"]), str(row["part"]), str(row["reading"]))
        ends = {str(key.at(end)): row[end or VALUE] for end in ("", *ENDS)}
        values |= {
            name: float(value) for name, value in ends.items() if value not in ("", None) and value == value
        }
    return values


def logged(values: Mapping[str, float], scoring: str) -> dict[str, float]:
    """The numbers that people scan in MLflow's table, and that its charts and models show; ``metrics.csv`` has all
    numbers."""
    return {name: value for name, value in values.items() if _is_scanned(Key.parse(name), scoring)}


def _is_scanned(key: Key, scoring: str) -> bool:
    """Whether a number is one of these few; limits are only those of the metric ``scoring``."""
    leading = key.metric == scoring
    match key.part.split("/"):
        case ["cv"] if key.reading == "baseline":
            return False
        case [part] if part in (CORRECTED, "cv"):
            return leading
        case ["test"] if key.reading == "baseline":
            return leading or key.metric == "balanced_accuracy"
        case ["test"] if key.reading != "gap":
            brier = key.metric == "brier" and not key.reading
            return leading or (not key.end and (key.metric in SCANNED or brier))
        case ["external", _]:
            return leading or (not key.end and key.metric == "balanced_accuracy")
        case ["unseen", _]:
            return not key.end
        case ["luck", *_]:
            return key.metric in ("seen", "expected")
        case _:
            return key.part == "gain" or (key.part, key.metric) in ALONE


def _written(reading: str) -> str:
    """A reading as in a key."""
    return "" if reading == AS_GIVEN else reading


def _on_folds(cv: Trial, reading: str) -> dict[str, float]:
    """Mean and standard deviation over the folds."""
    keys = [Key(metric, "cv", reading) for metric in cv.folds[0]]
    means = {str(key): cv.mean(key.metric) for key in keys}
    return means | {str(key.at("std")): cv.std(key.metric) for key in keys}


def _scored(where: Key, test: HeldOut) -> dict[str, float]:
    """Every score with the limits of its interval."""
    values = {str(replace(where, metric=metric)): value for metric, value in test.scores.items()}
    for metric, limits in test.intervals.iterrows():
        key = replace(where, metric=str(metric))
        values |= {str(key.at(end)): float(limits[end]) for end in ("low", "high")}
    return values


def _corrected(experiment: Result) -> dict[str, float]:
    """The bias-corrected score of each reading, with its limits, the optimism and the constant answer's score."""
    constant = experiment.baseline_cv
    values: dict[str, float] = {}
    for reading, corrected in experiment.corrected.items():
        key = Key(experiment.study.scoring, CORRECTED, _written(reading))
        values |= {str(key): corrected.score, str(replace(key, metric="optimism")): corrected.optimism}
        values |= {str(key.at("low")): corrected.low, str(key.at("high")): corrected.high}
        if key.metric in constant.folds[0]:
            values[str(key.read("baseline"))] = constant.mean(key.metric)
    return values


def _luck(prefix: str, luck: Luck) -> dict[str, float]:
    """Shares that replicate, seen and by luck, with the chance of as many by luck."""
    return {
        f"{prefix}/{name}": float(getattr(luck, name))
        for name in ("genes", "seen", "expected", "low", "high", "opposite", "opposite_expected")
    } | {f"{prefix}/p_value": luck.p_correlated}
