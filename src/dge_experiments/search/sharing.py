"""Fit once, score many: candidates that share one fit.

A forest of 50 trees is the beginning of the forest of 200 with the same ``random_state``, and a boosted model of 50
rounds is the beginning of the one of 200. So candidates that differ only in this number (``path`` in conf/model) share
the longest fit. Candidates that lead to the same model always share a fit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.pipeline import Pipeline

from dge_experiments.errors import BadInput
from dge_experiments.search.prediction import Prediction, from_probability, predict
from dge_experiments.search.space import Candidate

FORESTS = (RandomForestClassifier, ExtraTreesClassifier)


@dataclass(frozen=True)
class Share:
    """Candidates that share one fit.

    Attributes
    ----------
    members : their positions
    candidates : the members themselves, in the same order
    lengths : for each member, how many trees or rounds of the fit it uses; None: the whole fit
    """

    members: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    lengths: tuple[int | None, ...]

    @property
    def cost(self) -> int:
        """Trees or rounds to fit, 1 where that is not known."""
        return max(length or 1 for length in self.lengths)

    @property
    def longest(self) -> Candidate:
        """The candidate that is fitted for all of them."""
        return max(zip(self.lengths, self.candidates, strict=True), key=lambda pair: pair[0] or 0)[1]

    def portion(self, position: int) -> float:
        """A member's share of the time of the fit, by its length; the shares sum to 1."""
        length = self.lengths[self.members.index(position)] or 1
        return length / sum(other or 1 for other in self.lengths)

    def split(self) -> "list[Share]":
        """The same candidates, with a separate fit for each length."""
        parts = []
        for length in dict.fromkeys(self.lengths):
            places = [i for i, other in enumerate(self.lengths) if other == length]
            members = tuple(self.members[i] for i in places)
            parts.append(Share(members, tuple(self.candidates[i] for i in places), (length,) * len(places)))
        return parts


def check(path: str | None, estimator: BaseEstimator) -> None:
    """Raise BadInput unless a shorter fit of ``estimator`` is certain to be the beginning of a longer one."""
    if path is None:
        return
    kind, parameters = type(estimator).__name__, estimator.get_params()
    if path != "n_estimators" or not (isinstance(estimator, FORESTS) or boosted(estimator)):
        raise BadInput(
            f"model.path={path}: {kind} cannot be cut short there; model.path=n_estimators is for scikit-learn's "
            "RandomForestClassifier and ExtraTreesClassifier and for XGBClassifier (leave it out for any other)"
        )
    for key, plain in {"warm_start": (None, False), "early_stopping_rounds": (None,)}.items():
        if parameters.get(key) not in plain:
            raise BadInput(
                f"model.path={path}: does not go with {key}={parameters[key]}; leave out one of the two"
            )
    if parameters.get("booster") not in (None, "gbtree"):
        raise BadInput(
            f"model.path={path}: booster={parameters['booster']} changes earlier rounds; leave model.path out"
        )
    if isinstance(estimator, FORESTS) and not isinstance(parameters["random_state"], int):
        raise BadInput(f"model.path={path}: {kind} needs a whole number as random_state")


def shares(candidates: Sequence[Candidate], path: str | None, estimator: BaseEstimator) -> list[Share]:
    """Group candidates that lead to the same model, or differ only in ``path``; the longest fits come first.

    The work is done in this order, so that no long task is left for the end.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    lengths = [_length(candidate, path) for candidate in candidates]
    for i, candidate in enumerate(candidates):
        acting = _acting(candidate, estimator)
        fixed = {name: value for name, value in acting.items() if name != path or lengths[i] is None}
        groups.setdefault(tuple(f"{name}={fixed[name]!r}" for name in sorted(fixed)), []).append(i)
    grouped = [
        Share(tuple(members), tuple(candidates[i] for i in members), tuple(lengths[i] for i in members))
        for members in groups.values()
    ]
    return sorted(grouped, key=lambda share: -share.cost)


def _acting(candidate: Candidate, estimator: BaseEstimator) -> Candidate:
    """The candidate as it acts: a forest splits no node of fewer than 2 * min_samples_leaf genes anyway."""
    if not isinstance(estimator, FORESTS):
        return candidate
    parameters = estimator.get_params() | candidate
    split, leaf = parameters["min_samples_split"], parameters["min_samples_leaf"]
    if not isinstance(split, int) or not isinstance(leaf, int) or split < 2 or leaf < 1:
        return candidate
    return {**candidate, "min_samples_split": max(split, 2 * leaf)}


def predictions(
    model: Pipeline, X: npt.NDArray[np.float64], share: Share
) -> Iterator[tuple[int, Prediction]]:
    """What each member of ``share`` predicts for the genes in the rows of ``X``: identical to its own fit's prediction.

    Parameters
    ----------
    model : the pipeline, fitted with ``share.longest``
    """
    by_length: dict[int | None, list[int]] = {}
    for position, length in zip(share.members, share.lengths, strict=True):
        by_length.setdefault(length, []).append(position)
    if len(by_length) == 1:
        prediction = predict(model, X)
        yield from ((position, prediction) for position in share.members)
        return
    for step in [step for _, step in model.steps[:-1]]:
        X = step.transform(X)
    lengths = sorted(length for length in by_length if length is not None)
    cut = _rounds if boosted(model[-1]) else _trees
    for length, probability in cut(model[-1], X, lengths):
        prediction = from_probability(probability, model[-1].classes_)
        yield from ((position, prediction) for position in by_length[length])


def _trees(
    forest: Any, X: npt.NDArray[np.float64], lengths: Sequence[int]
) -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
    """Trees are added in their order and the sum is divided at each length, as scikit-learn does for each forest."""
    single = np.asarray(X, dtype=np.float32, order="C")
    total = np.zeros((len(X), len(forest.classes_)))
    for i, tree in enumerate(forest.estimators_[: lengths[-1]], start=1):
        total += tree.predict_proba(single, check_input=False)
        if i in lengths:
            yield i, total / i


def _rounds(
    boosted: Any, X: npt.NDArray[np.float64], lengths: Sequence[int]
) -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
    for length in lengths:
        yield length, boosted.predict_proba(X, iteration_range=(0, length))


def _length(candidate: Candidate, path: str | None) -> int | None:
    length = candidate.get(path) if path else None
    return length if isinstance(length, int) and not isinstance(length, bool) and length > 0 else None


def boosted(estimator: Any) -> bool:
    """Whether it is an XGBClassifier that adds a tree a round (XGBRFClassifier fits all in one)."""
    names = {kind.__name__ for kind in type(estimator).__mro__ if kind.__module__.startswith("xgboost")}
    return "XGBClassifier" in names and "XGBRFClassifier" not in names
