"""Check, before the first trial, that an estimator accepts its parameters and those of its space."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone

from dge_experiments.errors import BadInput, first_line, nearest
from dge_experiments.search.sharing import boosted
from dge_experiments.search.space import Choices, Range, Space


def check(space: Space, estimator: BaseEstimator) -> None:
    """Try the configured estimator, and the ends and choices of each dimension, one at a time.

    scikit-learn's estimators declare the values they accept; XGBoost is fitted to four genes. Errors that depend on
    the data, on two parameters together, or on other estimators' rules are found by a trial only.

    Raises
    ------
    BadInput
        a parameter that the estimator does not have, or a value that it refuses
    """
    parameters = estimator.get_params()
    for name in space:
        if name not in parameters:
            kind = type(estimator).__name__
            raise BadInput(f"model.space.{name}: {kind} has no such parameter{nearest(name, parameters)}")
    if reason := _refusal(estimator):
        raise BadInput(f"model.estimator: {reason}")
    for key, name, value in _tried(space):
        if reason := _refusal(clone(estimator).set_params(**{name: value})):
            raise BadInput(f"model.space.{key}={value}: {reason}")


def _tried(space: Space) -> Iterator[tuple[str, str, Any]]:
    """(key, parameter, value) of the ends and choices."""
    for name, dimension in space.items():
        match dimension:
            case Range(low, high):
                yield from ((f"{name}.low", name, low), (f"{name}.high", name, high))
            case Choices(choices):
                yield from ((f"{name}.choices", name, choice) for choice in choices)


def _refusal(estimator: Any) -> str:
    """Why the estimator does not take its parameters; "" where it does, or does not say before it is fitted."""
    try:
        if hasattr(estimator, "_parameter_constraints"):
            estimator._validate_params()
        elif boosted(estimator):
            _fit_four(estimator)
    except ValueError as error:
        return first_line(error)
    return ""


def _fit_four(estimator: Any) -> None:
    rounds = estimator.get_params()["n_estimators"]
    if rounds is not None and rounds < 1:
        raise ValueError(f"n_estimators={rounds}: must be 1 or more")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        clone(estimator).set_params(n_estimators=1, n_jobs=1).fit(np.arange(4.0)[:, None], [0, 1, 0, 1])
    for warning in caught:
        if "are not used" in str(warning.message):
            raise ValueError(str(warning.message).strip().splitlines()[-1])
