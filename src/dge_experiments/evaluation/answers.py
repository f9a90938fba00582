"""A run's answers for the held-out genes, as a table: this module alone writes and reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.problem.problem import AS_GIVEN, HONEST
from dge_experiments.search.prediction import Prediction

Labels = npt.NDArray[np.int64]
TRUE, CONSTANT, GROUP = "true", "constant_answer", "group"
PREDICTED, PROBABILITY, SCORE, RANKING = "predicted", "probability_", "score_", "ranking_"


@dataclass(frozen=True)
class Answers:
    """Attributes
    ----------
    classes : what the class codes mean
    y : shape (genes,), the true class codes
    readings : ``as given``, and ``honest`` where there is one: the model's answers
    constant : the class that the constant answer gives
    ranking : for a question about replication, name and answers of the best ranking by one statistic
    groups : shape (genes,), equal where rows share a gene; None where every row is its own
    """

    classes: tuple[str, ...]
    y: Labels
    readings: Mapping[str, Prediction]
    constant: int
    ranking: tuple[str, Prediction] | None = None
    groups: npt.NDArray[np.intp] | None = None

    def same_genes(self, other: "Answers") -> bool:
        """Whether both have the same true classes, and so most likely the same genes."""
        return self.classes == other.classes and np.array_equal(self.y, other.y)

    def frame(self, genes: Sequence[str] | npt.NDArray[np.object_]) -> pd.DataFrame:
        """Rows are genes: gene, true class, predicted class and the probability of each class (or its score, for a
        model without); the same for the honest reading (``honest_``); the constant answer; group; the ranking."""
        names = np.array(self.classes, dtype=object)
        columns: dict[str, npt.ArrayLike] = {"gene": genes, TRUE: names[self.y]}
        for reading, prediction in self.readings.items():
            columns |= _columns(prediction, _prefix(reading), names)
        columns[CONSTANT] = np.full(len(self.y), names[self.constant])
        if self.groups is not None:
            columns[GROUP] = self.groups
        if self.ranking is not None:
            by, prediction = self.ranking
            columns |= {
                f"{RANKING}{by}": prediction.ranking,
                f"{RANKING}{PREDICTED}": names[prediction.predicted],
            }
        return pd.DataFrame(columns)

    @classmethod
    def parse(cls, frame: pd.DataFrame) -> "Answers | None":
        """The answers in a table that ``frame`` made; None for another table (of an older version)."""
        if CONSTANT not in frame:
            return None
        kind = PROBABILITY if any(str(c).startswith(PROBABILITY) for c in frame) else SCORE
        classes = [str(c).removeprefix(kind) for c in frame if str(c).startswith(kind)]
        if len(classes) == 1:  # a decision value belongs to the second class
            classes = [*sorted(set(map(str, frame[TRUE])) - set(classes)), *classes]
        codes = {name: code for code, name in enumerate(classes)}

        def coded(column: str) -> Labels:
            return np.array([codes[str(name)] for name in frame[column]], dtype=np.int64)

        readings = {
            reading: _prediction(frame, _prefix(reading), coded(f"{_prefix(reading)}{PREDICTED}"), classes)
            for reading in (AS_GIVEN, HONEST)
            if f"{_prefix(reading)}{PREDICTED}" in frame
        }
        by = [str(c) for c in frame if str(c).startswith(RANKING) and c != f"{RANKING}{PREDICTED}"]
        ranking = None
        if by:
            values = frame[by[0]].to_numpy(np.float64)
            ranking = by[0].removeprefix(RANKING), Prediction(coded(f"{RANKING}{PREDICTED}"), values, None)
        groups = frame[GROUP].to_numpy(np.intp) if GROUP in frame else None
        return cls(tuple(classes), coded(TRUE), readings, int(coded(CONSTANT)[0]), ranking, groups)


def _prefix(reading: str) -> str:
    return "" if reading == AS_GIVEN else f"{reading}_"


def _columns(prediction: Prediction, prefix: str, names: npt.NDArray[np.object_]) -> dict[str, npt.ArrayLike]:
    columns: dict[str, npt.ArrayLike] = {f"{prefix}{PREDICTED}": names[prediction.predicted]}
    if prediction.probability is not None:
        return columns | {
            f"{prefix}{PROBABILITY}{name}": p for name, p in zip(names, prediction.probability.T, strict=True)
        }
    if prediction.ranking.ndim == 1:
        return columns | {f"{prefix}{SCORE}{names[1]}": prediction.ranking}
    return columns | {
        f"{prefix}{SCORE}{name}": s for name, s in zip(names, prediction.ranking.T, strict=True)
    }


def _prediction(frame: pd.DataFrame, prefix: str, predicted: Labels, classes: Sequence[str]) -> Prediction:
    kind = PROBABILITY if f"{prefix}{PROBABILITY}{classes[-1]}" in frame else SCORE
    columns = [f"{prefix}{kind}{name}" for name in classes if f"{prefix}{kind}{name}" in frame]
    values = frame[columns].to_numpy(np.float64)
    ranking = values[:, -1] if len(classes) == 2 else values
    return Prediction(predicted, ranking, values if kind == PROBABILITY else None)
