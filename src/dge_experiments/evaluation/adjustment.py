"""Which calibration and which threshold a model gets, chosen on its answers for genes that it was not fitted on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from dge_experiments.evaluation import calibrators
from dge_experiments.evaluation.adjusted import decided, probabilities
from dge_experiments.search.prediction import Prediction

OF_CLASSES = ("accuracy", "balanced_accuracy", "mcc")
CERTAIN = 1e-15

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Fold = npt.NDArray[np.signedinteger]


@dataclass(frozen=True)
class OutOfFold:
    """What a model said of genes in the fold that it was not fitted on.

    Attributes
    ----------
    y : shape (genes,), class codes
    values : shape (genes, classes), probabilities; or decision function, shape (genes,) for two classes
    fold : shape (genes,), the fold that each was scored in
    are_probabilities : which of the two ``values`` are
    """

    y: Labels
    values: Floats
    fold: npt.NDArray[np.int64]
    are_probabilities: bool

    @property
    def classes(self) -> int:
        return 2 if self.values.ndim == 1 else self.values.shape[1]

    def of(self, rows: npt.NDArray[np.bool_]) -> "OutOfFold":
        """The same of some genes."""
        return OutOfFold(self.y[rows], self.values[rows], self.fold[rows], self.are_probabilities)


@dataclass(frozen=True)
class Adjustment:
    """Attributes
    ----------
    method : of the calibration, ``none`` where it does not pay
    maps : its numbers, see ``adjusted.AdjustedClassifier``
    threshold : above which the second of two classes is called
    chosen_by : the metric that the threshold was chosen for; None where it is the given one
    losses : method -> log loss out of fold, each map fitted on the other folds; empty where none was compared
    """

    method: str
    maps: tuple[Floats, ...]
    threshold: float
    chosen_by: str | None = None
    losses: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def predicted(self, values: Floats, are_probabilities: bool) -> Prediction:
        """What the adjusted model says, from what the model said."""
        given = probabilities(values, are_probabilities, self.method, self.maps)
        called = decided(given, self.threshold)
        if not are_probabilities and self.method == "none":
            return Prediction(called, given, None)
        return Prediction(called, given[:, 1] if given.shape[1] == 2 else given, given)


def adjustment(seen: OutOfFold, calibration: str, threshold: str, scoring: str) -> Adjustment:
    """Choose a calibration and a threshold.

    Parameters
    ----------
    calibration : ``none``, one of ``calibrators.METHODS``, or ``auto``: the one with the smallest log loss out of fold,
        ``none`` where no map improves it
    threshold : a number, or ``auto``: the cut that gives the best ``scoring`` out of fold (MCC where the scoring is of
        a ranking). Of three classes or more the most probable one is called
    """
    losses = _losses(seen) if calibration == "auto" else {}
    method = min(losses, key=losses.__getitem__) if losses else calibration
    maps = _maps(seen, method)
    if threshold != "auto" or seen.classes > 2:
        cut = float(threshold) if threshold != "auto" else 0.5
        if not seen.are_probabilities and method == "none":
            cut = float(calibrators.log_odds(np.array([cut]))[0])
        return Adjustment(method, maps, cut, None, losses)
    metric = scoring if scoring in OF_CLASSES else "mcc"
    given = probabilities(seen.values, seen.are_probabilities, method, maps)
    cut = best_cut(seen.y, given if given.ndim == 1 else given[:, 1], metric)
    return Adjustment(method, maps, cut, metric, losses)


def cross_fitted(
    seen: OutOfFold, rows: Fold, chosen: Adjustment, folds: Sequence[Fold], answers: Sequence[Floats]
) -> list[Prediction]:
    """What the adjusted model says in each fold, its maps and threshold fitted on the genes of the others.

    Parameters
    ----------
    rows : positions of the genes of ``seen``
    folds, answers : positions that each fold scores, and what the model fitted on the rest said of them
    """
    made = []
    for scored, values in zip(folds, answers, strict=True):
        others = seen.of(~np.isin(rows, scored))
        auto = "auto" if chosen.chosen_by else str(chosen.threshold)
        refitted = adjustment(others, chosen.method, auto, chosen.chosen_by or "mcc")
        if not chosen.chosen_by:
            refitted = Adjustment(refitted.method, refitted.maps, chosen.threshold)
        made.append(refitted.predicted(values, seen.are_probabilities))
    return made


def best_cut(y: Labels, values: Floats, metric: str) -> float:
    """The threshold with the best score, between two values that were given; of equal ones the lowest."""
    order = np.argsort(-values, kind="stable")
    ordered, up = values[order], (y[order] == 1).astype(np.float64)
    last = np.append(np.flatnonzero(np.diff(ordered) != 0), len(ordered) - 1)
    true, called = np.cumsum(up)[last], last + 1.0
    ups, downs = up.sum(), len(y) - up.sum()
    false = called - true
    if metric == "accuracy":
        score = true - false
    elif metric == "balanced_accuracy":
        score = true / ups - false / downs
    else:
        spread = np.sqrt(called * (len(y) - called))
        score = np.divide(true * downs - false * ups, spread, out=np.zeros(len(last)), where=spread > 0)
    best = len(score) - 1 - int(np.argmax(score[::-1]))
    at = ordered[last[best]]
    below = ordered[last[best] + 1] if best + 1 < len(last) else at - 1e-9
    return float((at + below) / 2)


def _maps(seen: OutOfFold, method: str) -> tuple[Floats, ...]:
    if method == "none":
        return ()
    scores = calibrators.log_odds(seen.values) if seen.are_probabilities else seen.values
    if seen.classes == 2:
        return (calibrators.fit(method, scores if scores.ndim == 1 else scores[:, 1], seen.y == 1),)
    return tuple(calibrators.fit(method, column, seen.y == code) for code, column in enumerate(scores.T))


def _losses(seen: OutOfFold) -> dict[str, float]:
    """Method -> log loss of each gene by the map of the other folds; ``none`` first, so that equal losses keep it."""
    losses = {"none": _log_loss(seen.y, seen.values)} if seen.are_probabilities else {}
    for method in calibrators.METHODS:
        mapped = np.empty((len(seen.y), seen.classes))
        for k in np.unique(seen.fold):
            held = seen.fold == k
            maps = _maps(seen.of(~held), method)
            mapped[held] = probabilities(seen.values[held], seen.are_probabilities, method, maps)
        losses[method] = _log_loss(seen.y, mapped)
    return losses


def _log_loss(y: Labels, probability: Floats) -> float:
    return float(-np.log(np.clip(probability[np.arange(len(y)), y], CERTAIN, 1)).mean())
