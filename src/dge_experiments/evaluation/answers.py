"""What a run answers for the held-out genes, as a table: written and read here alone."""

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
    ranking : name and answers of the best ranking by one statistic, of a question about replication
    groups : shape (genes,), equal where rows share a gene; None where every row is its own
    """

    classes: tuple[str, ...]
    y: Labels
    readings: Mapping[str, Prediction]
    constant: int
    ranking: tuple[str, Prediction] | None = None
    groups: npt.NDArray[np.intp] | None = None

    def same_genes(self, other: "Answers") -> bool:
        """Whether both answer for the same genes, as far as their true classes tell."""
        return self.classes == other.classes and np.array_equal(self.y, other.y)

    def frame(self, genes: Sequence[str] | npt.NDArray[np.object_]) -> pd.DataFrame:
        """Rows are genes: gene, true class, predicted class and the probability of each class (or its score, of a
        model without); the same of the honest reading (``honest_``); the constant answer; group; the ranking."""
        names = np.array(self.classes, dtype=object)
        columns: dict[str, npt.ArrayLike] = {"gene": genes, TRUE: names[self.y]}
        for reading, said in self.readings.items():
            columns |= _columns(said, _prefix(reading), names)
        columns[CONSTANT] = np.full(len(self.y), names[self.constant])
        if self.groups is not None:
            columns[GROUP] = self.groups
        if self.ranking is not None:
            by, said = self.ranking
            columns |= {f"{RANKING}{by}": said.ranking, f"{RANKING}{PREDICTED}": names[said.predicted]}
        return pd.DataFrame(columns)

    @classmethod
    def parse(cls, frame: pd.DataFrame) -> "Answers | None":
        """The answers in a table that ``frame`` made; None where it is another (of an older version)."""
        if CONSTANT not in frame:
            return None
        kind = PROBABILITY if any(str(c).startswith(PROBABILITY) for c in frame) else SCORE
        classes = [str(c).removeprefix(kind) for c in frame if str(c).startswith(kind)]
        if len(classes) == 1:  # a decision value is that of the second class
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


def _columns(said: Prediction, prefix: str, names: npt.NDArray[np.object_]) -> dict[str, npt.ArrayLike]:
    columns: dict[str, npt.ArrayLike] = {f"{prefix}{PREDICTED}": names[said.predicted]}
    if said.probability is not None:
        return columns | {
            f"{prefix}{PROBABILITY}{name}": p for name, p in zip(names, said.probability.T, strict=True)
        }
    if said.ranking.ndim == 1:
        return columns | {f"{prefix}{SCORE}{names[1]}": said.ranking}
    return columns | {f"{prefix}{SCORE}{name}": s for name, s in zip(names, said.ranking.T, strict=True)}


def _prediction(frame: pd.DataFrame, prefix: str, predicted: Labels, classes: Sequence[str]) -> Prediction:
    kind = PROBABILITY if f"{prefix}{PROBABILITY}{classes[-1]}" in frame else SCORE
    known = [f"{prefix}{kind}{name}" for name in classes if f"{prefix}{kind}{name}" in frame]
    values = frame[known].to_numpy(np.float64)
    ranking = values[:, -1] if len(classes) == 2 else values
    return Prediction(predicted, ranking, values if kind == PROBABILITY else None)
