"""The parameters of a run: its plan, and its estimator's."""

import platform
from typing import Any

from sklearn.base import BaseEstimator

from dge_experiments.experiment.plan import Plan
from dge_experiments.report.metrics import NOT_IN_KEYS
from dge_experiments.search.recall import written
from dge_experiments.settings import Settings
from dge_experiments.settings.flat import flat

LONGEST = 500


def parameters(estimator: BaseEstimator) -> dict[str, str]:
    """Every parameter of an estimator, defaults included, by scikit-learn's name for it.

    Parameters that are None or deprecated, and names that MLflow refuses, are left out.
    """
    values = estimator.get_params()
    return {
        name: _text(value)[:LONGEST]
        for name, value in values.items()
        if _is_set(value) and not NOT_IN_KEYS.search(name)
    }


def planned(settings: Settings, plan: Plan) -> dict[str, str]:
    """What is known of a run before its search: every setting by its dotted key, and what they mean for this table."""
    return flat(settings) | {
        "model": settings.model.name,
        "target": plan.problem.target,
        "columns": ",".join(plan.problem.X.columns),
        "search": settings.search.name if plan.strategy.total > 1 else "none",
        "genes": str(len(plan.problem.X)),
        "seed": str(settings.seed),
        "test_size": str(settings.split.test_size),
        "stratify": str(settings.split.stratify),
        "folds": str(settings.split.folds),
        "cv_rows": settings.split.cv_rows,
        "python": platform.python_version(),
    }


def _is_set(value: Any) -> bool:
    return value is not None and not (isinstance(value, str) and value == "deprecated")


def _text(value: Any) -> str:
    try:
        return written(value)
    except TypeError:  # an estimator, an array
        return repr(value)
