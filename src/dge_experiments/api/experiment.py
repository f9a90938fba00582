"""A finished run, as a notebook uses it."""

import html
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from dge_experiments.experiment.result import Result
from dge_experiments.report.rows import predictions
from dge_experiments.report.scores import scores
from dge_experiments.report.sink import Sink
from dge_experiments.report.words.findings import verdicts


@dataclass(frozen=True)
class Experiment:
    """A finished run; in a notebook it shows its report.

    Attributes
    ----------
    result : everything that was computed
    report : the report as HTML
    folder : where its files are
    sink : the store that it was tracked in
    """

    result: Result = field(repr=False)
    report: str = field(repr=False)
    folder: Path
    sink: Sink = field(repr=False)

    @property
    def run_id(self) -> str:
        """The id of its run in MLflow, "" where it was not tracked."""
        return self.sink.run_id

    @property
    def scores(self) -> pd.DataFrame:
        """Held-out scores, a row for each ``metric`` and ``reading`` ("as given", "honest" or "model", "constant
        answer"): ``score``, ``low``, ``high`` (95 %)."""
        return scores(self.result)

    @property
    def verdict(self) -> str:
        """The findings in plain words: the leak, then the honest score."""
        return " ".join(sentence.text for sentence in verdicts(self.result))

    @property
    def predictions(self) -> pd.DataFrame:
        """Rows are held-out genes: gene, true class, predicted class, probability of each class."""
        return predictions(self.result)

    def save_report(self, path: str | Path) -> Path:
        """Write the report, one HTML file that needs no network."""
        file = Path(path)
        file.write_text(self.report, encoding="utf-8")
        return file

    def _repr_html_(self) -> str:
        frame = '<iframe srcdoc="{}" style="width: 100%; height: 700px; border: 0"></iframe>'
        return frame.format(html.escape(self.report))
