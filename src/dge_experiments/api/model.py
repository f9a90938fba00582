"""``dge.load``: a registered or logged model, to score new tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dge_experiments.api.table import as_file
from dge_experiments.prediction import score
from dge_experiments.tables import Table, read


@dataclass(frozen=True)
class Model:
    """A loaded model that scores new tables; see `load`."""

    scorer: score.Scorer

    def predict(
        self, table: Table | pd.DataFrame | str | Path, join: str | Path | None = None
    ) -> pd.DataFrame:
        """Score a table; each row of it gives one row.

        The columns are the gene, predicted class, probability of each class, the features, which of them lie outside
        the range of the training genes, and why a row has no answer.

        Parameters
        ----------
        table : rows are genes
        join : a second table by gene id, for features that ``table`` has no column for

        Raises
        ------
        BadInput
            a table that cannot be read, or that lacks a column the model needs
        """
        if isinstance(table, pd.DataFrame):
            with as_file(table) as file:
                to_score = read(file, missing="keep", own=self.scorer.extra, join=join)
        else:
            extra = self.scorer.extra
            to_score = (
                table if isinstance(table, Table) else read(table, missing="keep", own=extra, join=join)
            )
        rows = max(len(to_score.frame), 1)
        return pd.concat(list(score.score(self.scorer, to_score, rows, score.Summary())), ignore_index=True)


def load(model_uri: str, tracking_uri: str | None = None, trusted: Sequence[str] = ()) -> Model:
    """The model at ``models:/NAME@champion``, ``models:/NAME/3`` or ``runs:/RUN/MODEL``; nothing is ever unpickled.

    Raises
    ------
    BadInput
        no such model, or a file that holds a type that is not trusted
    """
    from dge_experiments.tracking import loading, store

    return Model(loading.scorer(store.connect(tracking_uri), model_uri, tuple(trusted)))
