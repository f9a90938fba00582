"""An estimator's parameters, as parameters of a run."""

from typing import Any

from sklearn.base import BaseEstimator

from dge_experiments.report.metrics import NOT_IN_KEYS
from dge_experiments.search.recall import written

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


def _is_set(value: Any) -> bool:
    return value is not None and not (isinstance(value, str) and value == "deprecated")


def _text(value: Any) -> str:
    try:
        return written(value)
    except TypeError:  # an estimator, an array
        return repr(value)
