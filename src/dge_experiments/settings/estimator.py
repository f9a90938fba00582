"""The estimator that ``model.estimator`` names: only a class of a trusted package, so that no other code runs."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hydra.errors import HydraException
from hydra.utils import instantiate
from sklearn.base import BaseEstimator, is_classifier

from dge_experiments.errors import BadInput, first_line
from dge_experiments.settings.schema import Model
from dge_experiments.settings.trusted import PACKAGES, imported


def estimator(model: Model) -> BaseEstimator:
    """Create the unfitted classifier that ``model.estimator`` describes.

    Every ``_target_``, nested ones too, must be a class like scikit-learn's estimators (with ``get_params``) in
    ``trusted.PACKAGES`` or in a package of ``model.trusted``; no other module is imported and no function called.

    Raises
    ------
    BadInput
        a target that is not trusted, does not exist, is no such class, refuses its parameters or is not a classifier
    """
    for key, target in _targets(model.estimator, "model.estimator"):
        _check(key, target, model.trusted)
    try:
        classifier = instantiate(model.estimator)
    except HydraException as error:
        raise BadInput(f"model.estimator: {first_line(error.__cause__ or error)}") from None
    if not isinstance(classifier, BaseEstimator) or not is_classifier(classifier):
        raise BadInput(f"model.estimator: {type(classifier).__name__} is not a scikit-learn classifier")
    return classifier


def _targets(node: Any, key: str) -> Iterator[tuple[str, object]]:
    """Every ``_target_`` under ``node`` with its key; the outermost must have one."""
    if isinstance(node, Mapping):
        if "_target_" in node or key == "model.estimator":
            yield f"{key}._target_", node.get("_target_")
        odd = [name for name in node if str(name).startswith("_") and name != "_target_"]
        if odd:
            raise BadInput(f"{key}.{odd[0]}: not allowed; an estimator is a _target_ and its parameters")
        for name, value in node.items():
            yield from _targets(value, f"{key}.{name}")
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for place, value in enumerate(node):
            yield from _targets(value, f"{key}[{place}]")


def _check(key: str, target: object, trusted: Sequence[str]) -> None:
    """Raise BadInput unless ``target`` is the dotted name of a trusted estimator class."""
    kind = "the dotted name of a class, such as sklearn.svm.SVC"
    cls = imported(key, target, trusted, "model.trusted", kind)
    if not inspect.isclass(cls) or not hasattr(cls, "get_params"):
        raise BadInput(f"{key}={target}: no estimator class of that name")
    if cls.__module__.partition(".")[0] not in (*PACKAGES, *trusted):
        raise BadInput(f"{key}={target}: the class belongs to {cls.__module__}, which is not trusted")
