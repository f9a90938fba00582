"""A table becomes a problem: genes that can be labelled, their features, the leak audit, the split."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.errors import BadInput, nearest
from dge_experiments.problem.labels import UNLABELLED, Labels
from dge_experiments.problem.leak import Audit, Shared, verdict
from dge_experiments.problem.split import Split
from dge_experiments.tables import Table

AS_GIVEN, HONEST = "as given", "honest"


@dataclass(frozen=True)
class Problem:
    """Attributes
    ----------
    table : the genes that could be labelled, with their statistics
    target, features : names of the configured target and feature set
    X : shape (genes, features), float64; rows are genes, in the table's order
    labels : class codes and what they mean
    audit : what each numeric column of the table tells about the label
    split : positions of the rows in the training and in the held-out part
    shared : held-out rows that the training part repeats
    """

    table: Table
    target: str
    features: str
    X: pd.DataFrame
    labels: Labels
    audit: Audit
    split: Split
    shared: Shared

    @property
    def name(self) -> str:
        """The question, ``<data>-<target>``: one MLflow experiment each."""
        return f"{self.table.name}-{self.target}"

    @property
    def trained(self) -> Audit:
        """The audit of the features that are trained on."""
        return self.audit.of(list(self.X.columns))

    @property
    def leak(self) -> tuple[str, ...]:
        """Features that are label sources."""
        return self.trained.sources

    @property
    def leaks(self) -> bool:
        """Whether a score as given only repeats the label: by label sources, or by rows that the parts share."""
        return bool(self.leak) or self.shared.leaks

    @property
    def withheld(self) -> tuple[str, ...]:
        """Features that the honest score is made without: label sources, and features that nearly give the label."""
        return self.trained.withheld

    @property
    def honest(self) -> list[str]:
        """The other features, which the honest score is made with."""
        return [column for column in self.X.columns if column not in self.withheld]

    @property
    def verdict(self) -> str:
        """What the audit found on the features that are trained on, and on rows that the two parts share."""
        sentence = " ".join(
            filter(None, (self.shared.sentence if self.shared.leaks else "", verdict(self.trained)))
        )
        if self.leaks:
            sentence = f"LEAK: {sentence[0].lower()}{sentence[1:]}"
        return sentence if self.shared.leaks else f"{sentence} {self.shared.sentence}".rstrip()

    @property
    def readings(self) -> dict[str, list[str]]:
        """Features of each reading of the question: "as given" all of them; "honest" those that are not withheld,
        where some are withheld and some are left."""
        honest = {HONEST: self.honest} if self.withheld and self.honest else {}
        return {AS_GIVEN: list(self.X.columns), **honest}

    @property
    def class_counts(self) -> dict[str, int]:
        """Genes of each class in the whole table."""
        counts = np.bincount(self.labels.y, minlength=len(self.labels.classes))
        return dict(zip(self.labels.classes, map(int, counts), strict=True))


def labelled(table: Table, labels: Labels) -> tuple[Table, Labels]:
    """Table and labels of the genes that could be labelled.

    Raises
    ------
    BadInput
        fewer than 2 classes among them
    """
    has_label = labels.y != UNLABELLED
    counts = np.bincount(labels.y[has_label], minlength=len(labels.classes))
    present = np.flatnonzero(counts)
    if len(present) < 2:
        only = labels.classes[int(present[0])] if len(present) else "none"
        raise BadInput(
            f"{table.path}: {labels.rule} puts all {int(has_label.sum())} genes into one class, {only!r}; "
            "a classifier needs two: use the full, unfiltered table or change the target"
        )
    codes = np.searchsorted(present, labels.y[has_label])
    classes = tuple(labels.classes[code] for code in present)
    note = labels.note
    if len(present) < len(labels.classes):
        absent = ", ".join(labels.classes[c] for c in range(len(counts)) if not counts[c])
        note = f"{note}; no gene is {absent}".removeprefix("; ")
    return rows(table, has_label), replace(labels, y=codes.astype(np.int64), classes=classes, note=note)


def rows(table: Table, mask: npt.NDArray[np.bool_]) -> Table:
    """The table's rows where ``mask`` is true, with a new index."""
    if mask.all():
        return table
    extra = table.extra[mask].reset_index(drop=True) if len(table.extra.columns) else table.extra
    return replace(table, frame=table.frame[mask].reset_index(drop=True), extra=extra)


def select(table: Table, columns: Sequence[str] | None) -> list[str]:
    """The features: the named columns, or all canonical statistics of the table; and the user's own columns.

    Raises
    ------
    BadInput
        a column that the table does not have, or no column
    """
    available = table.features
    selected = list(dict.fromkeys([*(table.statistics if columns is None else columns), *table.own]))
    if not selected:
        raise BadInput("features.columns=[]: name at least one of " + ", ".join(available))
    for name in table.own:
        if canonical := [as_ for as_, header in table.columns.items() if header == name and as_ != name]:
            raise BadInput(
                f"features.extra: {name!r} is read as {canonical[0]}; name that in features.columns"
            )
    for column in selected:
        if column in table.numeric and column not in available:
            raise BadInput(
                f"features.columns: {column!r} is a further column of {table.path}, not one of the statistics; add "
                f"features.extra=[{column}]"
            )
        if column not in available:
            raise BadInput(
                f"features.columns: {table.path} has no column {column!r}{nearest(column, available)} "
                f"(it has {', '.join(available)})"
            )
    return selected


def allowed(columns: list[str], audit: Audit, policy: str, drop: bool) -> list[str]:
    """The features that may be trained on, by ``leak.policy``, or without those that leak under ``features=honest``.

    Raises
    ------
    BadInput
        a label source under ``fail``, no feature left after dropping
    """
    of_columns = audit.of(columns)
    if of_columns.sources and policy == "fail" and not drop:
        raise BadInput(
            f"leak.policy=fail: {', '.join(of_columns.sources)} among the features: {verdict(of_columns)} "
            "Use features=honest"
        )
    if not drop and policy != "drop":
        return columns
    remaining = [column for column in columns if column not in of_columns.withheld]
    if not remaining:
        raise BadInput(
            f"features: all of {', '.join(columns)} give the label away and nothing is left to train on; "
            "use another target or leak.policy=warn"
        )
    return remaining
