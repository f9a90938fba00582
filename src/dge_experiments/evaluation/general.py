"""Whether a model may be called general: on unseen studies it is better than ordering genes by one statistic."""

from dataclasses import dataclass

import pandas as pd

from dge_experiments.evaluation.unseen import ONE


@dataclass(frozen=True)
class General:
    """The best model that reads one table, on the first study's hits, each study left out in turn.

    Attributes
    ----------
    method : its name
    score, low, high : mean ROC AUC over the studies left out, with the 95 % interval between studies
    gain, gain_low, gain_high : the same for its gain over the best order by one statistic, ``by_eye``
    studies : how many were left out
    """

    method: str
    score: float
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float
    by_eye: str
    studies: int

    @property
    def passed(self) -> bool:
        """Whether both intervals show it: better than chance, and better than that order."""
        return self.low > 0.5 and self.gain_low > 0

    @property
    def verdict(self) -> str:
        """``yes`` or ``no``, and why."""
        return f"{'yes' if self.passed else 'no'}: {self.reason}"

    @property
    def reason(self) -> str:
        """The figures in plain words."""
        word = "better than" if self.passed else "no gain over"
        return (
            f"on {self.studies} studies not seen its ROC AUC for hits is {self.score:.3f} "
            f"[{self.low:.3f}, {self.high:.3f}], {word} the order by {self.by_eye} "
            f"({self.gain:+.3f} [{self.gain_low:+.3f}, {self.gain_high:+.3f}])"
        )


def read(verdict: str) -> tuple[bool, str]:
    """Whether a model may be called general, and why, from its ``verdict``."""
    word, _, reason = verdict.partition(": ")
    return word == "yes", reason


def general(board: pd.DataFrame) -> General:
    """The best model that reads one table; ``board`` is that of ``unseen.Unseen``."""
    models = board[(board["genes"] == "hits") & (board["kind"] == "model") & (board["reads"] == ONE)]
    best = models.iloc[0]
    figures = ("low", "high", "gain", "gain_low", "gain_high")
    return General(
        str(best["method"]), float(best["mean"]), **{name: float(best[name]) for name in figures},
        by_eye=str(best["by_eye"]), studies=int(best["studies"]),
    )  # fmt: skip
