"""The calibration and the threshold of a model, chosen on its out-of-fold answers."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from dge_experiments.evaluation import calibrators
from dge_experiments.evaluation.adjusted import decided, probabilities
from dge_experiments.search.prediction import Prediction

log = logging.getLogger(__name__)

OF_CLASSES = ("accuracy", "balanced_accuracy", "mcc")
CERTAIN = 1e-15

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Fold = npt.NDArray[np.signedinteger]


@dataclass(frozen=True)
class OutOfFold:
    """A model's out-of-fold answers: for genes in the fold that it was not fitted on.

    Attributes
    ----------
    y : shape (genes,), class codes
    values : shape (genes, classes), probabilities; or decision function, shape (genes,) for two classes
    fold : shape (genes,), the fold that each was scored in
    are_probabilities : whether ``values`` are probabilities
    """

    y: Labels
    values: Floats
    fold: npt.NDArray[np.int64]
    are_probabilities: bool

    @property
    def classes(self) -> int:
        return 2 if self.values.ndim == 1 else self.values.shape[1]

    def of(self, rows: npt.NDArray[np.bool_]) -> "OutOfFold":
        """The same for some genes."""
        return OutOfFold(self.y[rows], self.values[rows], self.fold[rows], self.are_probabilities)


@dataclass(frozen=True)
class Adjustment:
    """Attributes
    ----------
    method : of the calibration, ``none`` where none improves the log loss
    maps : its numbers, see ``adjusted.AdjustedClassifier``
    threshold : above which the second of two classes is called
    chosen_by : the metric that the threshold was chosen for; None where the settings give it
    losses : method -> log loss out of fold, each map fitted on the other folds; empty where none was compared
    """

    method: str
    maps: tuple[Floats, ...]
    threshold: float
    chosen_by: str | None = None
    losses: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def predicted(self, values: Floats, are_probabilities: bool) -> Prediction:
        """The adjusted model's answers, from the model's ``values``."""
        mapped = probabilities(values, are_probabilities, self.method, self.maps)
        called = decided(mapped, self.threshold)
        if not are_probabilities and self.method == "none":
            return Prediction(called, mapped, None)
        return Prediction(called, mapped[:, 1] if mapped.shape[1] == 2 else mapped, mapped)


def adjustment(out_of_fold: OutOfFold, calibration: str, threshold: str, scoring: str) -> Adjustment:
    """Choose a calibration and a threshold.

    Parameters
    ----------
    calibration : ``none``, one of ``calibrators.METHODS``, or ``auto``: the one with the smallest log loss out of fold,
        ``none`` where no map improves it
    threshold : a number, or ``auto``: the cut with the best ``scoring`` out of fold (MCC where the scoring reads a
        ranking). Of three classes or more the most probable one is called
    """
    losses = _losses(out_of_fold) if calibration == "auto" else {}
    method = min(losses, key=losses.__getitem__) if losses else calibration
    maps = _maps(out_of_fold, method)
    if threshold != "auto" or out_of_fold.classes > 2:
        cut = float(threshold) if threshold != "auto" else 0.5
        if not out_of_fold.are_probabilities and method == "none":
            cut = float(calibrators.log_odds(np.array([cut]))[0])
        return Adjustment(method, maps, cut, None, losses)
    metric = scoring if scoring in OF_CLASSES else "mcc"
    mapped = probabilities(out_of_fold.values, out_of_fold.are_probabilities, method, maps)
    cut = best_cut(out_of_fold.y, mapped if mapped.ndim == 1 else mapped[:, 1], metric)
    return Adjustment(method, maps, cut, metric, losses)


def cross_fitted(
    out_of_fold: OutOfFold, rows: Fold, chosen: Adjustment, folds: Sequence[Fold], answers: Sequence[Floats]
) -> list[Prediction]:
    """The adjusted model's answers in each fold, with maps and threshold fitted on the genes of the other folds.

    Parameters
    ----------
    rows : positions of the genes of ``out_of_fold``
    folds, answers : positions that each fold scores, and the answers for them of the model fitted on the other folds;
        those of a fold that holds all ``rows`` are not adjusted, since no gene is left to fit a map on
    """
    predictions = []
    for scored, values in zip(folds, answers, strict=True):
        other_folds = out_of_fold.of(~np.isin(rows, scored))
        if not len(other_folds.y):
            log.warning(
                "a fold holds every training gene: its scores are neither calibrated nor cut by a chosen threshold"
            )
            predictions.append(
                _unfitted(out_of_fold, chosen).predicted(values, out_of_fold.are_probabilities)
            )
            continue
        auto = "auto" if chosen.chosen_by else str(chosen.threshold)
        refitted = adjustment(other_folds, chosen.method, auto, chosen.chosen_by or "mcc")
        if not chosen.chosen_by:
            refitted = Adjustment(refitted.method, refitted.maps, chosen.threshold)
        predictions.append(refitted.predicted(values, out_of_fold.are_probabilities))
    return predictions


def _unfitted(out_of_fold: OutOfFold, chosen: Adjustment) -> Adjustment:
    """Where no gene is left to fit one on: maps that change nothing, and the threshold that the settings give."""
    threshold = chosen.threshold
    if chosen.chosen_by:
        threshold = 0.5 if out_of_fold.are_probabilities or chosen.method != "none" else 0.0
    if chosen.method == "none":
        return Adjustment("none", (), threshold)
    identity = np.array([1.0, 0.0])
    return Adjustment("sigmoid", (identity,) * len(chosen.maps), threshold)


def best_cut(y: Labels, values: Floats, metric: str) -> float:
    """The threshold with the best score, halfway between two of the ``values``; the lowest of equal ones."""
    order = np.argsort(-values, kind="stable")
    ordered, up = values[order], (y[order] == 1).astype(np.float64)
    last = np.append(np.flatnonzero(np.diff(ordered) != 0), len(ordered) - 1)
    true, called = np.cumsum(up)[last], last + 1.0
    ups, downs = up.sum(), len(y) - up.sum()
    false = called - true
    if metric == "accuracy":
        score = true - false
    elif metric == "balanced_accuracy":
        score = true / max(ups, 1) - false / max(downs, 1)
    else:
        scale = np.sqrt(called * (len(y) - called))
        score = np.divide(true * downs - false * ups, scale, out=np.zeros(len(last)), where=scale > 0)
    best = len(score) - 1 - int(np.argmax(score[::-1]))
    lowest_called = ordered[last[best]]
    next_below = ordered[last[best] + 1] if best + 1 < len(last) else lowest_called - 1e-9
    return float((lowest_called + next_below) / 2)


def _maps(out_of_fold: OutOfFold, method: str) -> tuple[Floats, ...]:
    if method == "none":
        return ()
    scores = calibrators.log_odds(out_of_fold.values) if out_of_fold.are_probabilities else out_of_fold.values
    if out_of_fold.classes == 2:
        return (calibrators.fit(method, scores if scores.ndim == 1 else scores[:, 1], out_of_fold.y == 1),)
    return tuple(
        calibrators.fit(method, column, out_of_fold.y == code) for code, column in enumerate(scores.T)
    )


def _losses(out_of_fold: OutOfFold) -> dict[str, float]:
    """Method -> log loss, each gene mapped by the map of the other folds; ``none`` is first, so that it wins a tie."""
    losses = {"none": _log_loss(out_of_fold.y, out_of_fold.values)} if out_of_fold.are_probabilities else {}
    for method in calibrators.METHODS:
        mapped = np.empty((len(out_of_fold.y), out_of_fold.classes))
        for k in np.unique(out_of_fold.fold):
            held_out = out_of_fold.fold == k
            maps = _maps(out_of_fold.of(~held_out), method)
            mapped[held_out] = probabilities(
                out_of_fold.values[held_out], out_of_fold.are_probabilities, method, maps
            )
        losses[method] = _log_loss(out_of_fold.y, mapped)
    return losses


def _log_loss(y: Labels, probability: Floats) -> float:
    return float(-np.log(np.clip(probability[np.arange(len(y)), y], CERTAIN, 1)).mean())
