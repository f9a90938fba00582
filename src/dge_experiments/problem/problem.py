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
    table : where the genes come from; those that could be labelled
    target, features : names of the configured target and feature set
    X : shape (genes, features), float64; rows are genes, in the table's order
    labels : class codes and what they mean
    audit : what each numeric column of the table says of the label
    split : positions of the rows that are trained on and held out
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
        """Features that the honest score is made without: label sources, and what nearly answers the question."""
        return self.trained.withheld

    @property
    def honest(self) -> list[str]:
        """Features that are left."""
        return [column for column in self.X.columns if column not in self.withheld]

    @property
    def verdict(self) -> str:
        """What the audit found on the features that are trained on, and on rows that the two parts share."""
        said = " ".join(
            filter(None, (self.shared.sentence if self.shared.leaks else "", verdict(self.trained)))
        )
        if self.leaks:
            said = f"LEAK: {said[0].lower()}{said[1:]}"
        return said if self.shared.leaks else f"{said} {self.shared.sentence}".rstrip()

    @property
    def readings(self) -> dict[str, list[str]]:
        """Features of each reading of the question: all "as given"; "honest" without what is withheld, where there
        is some and something is left."""
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
    known = labels.y != UNLABELLED
    counts = np.bincount(labels.y[known], minlength=len(labels.classes))
    present = np.flatnonzero(counts)
    if len(present) < 2:
        only = labels.classes[int(present[0])] if len(present) else "none"
        raise BadInput(
            f"{table.path}: {labels.rule} puts all {int(known.sum())} genes into one class, {only!r}; "
            "a classifier needs two: use the full, unfiltered table or change the target"
        )
    codes = np.searchsorted(present, labels.y[known])
    classes = tuple(labels.classes[code] for code in present)
    note = labels.note
    if len(present) < len(labels.classes):
        absent = ", ".join(labels.classes[c] for c in range(len(counts)) if not counts[c])
        note = f"{note}; no gene is {absent}".removeprefix("; ")
    return rows(table, known), replace(labels, y=codes.astype(np.int64), classes=classes, note=note)


def rows(table: Table, mask: npt.NDArray[np.bool_]) -> Table:
    """The table's rows where ``mask`` is true, numbered anew."""
    if mask.all():
        return table
    extra = table.extra[mask].reset_index(drop=True) if len(table.extra.columns) else table.extra
    return replace(table, frame=table.frame[mask].reset_index(drop=True), extra=extra)


def select(table: Table, columns: Sequence[str] | None) -> list[str]:
    """The features: the named columns, or all canonical statistics of the table; and its own columns.

    Raises
    ------
    BadInput
        a column that the table has not, or none at all
    """
    known = table.features
    wanted = list(dict.fromkeys([*(table.statistics if columns is None else columns), *table.own]))
    if not wanted:
        raise BadInput("features.columns=[]: name at least one of " + ", ".join(known))
    for name in table.own:
        if canonical := [as_ for as_, header in table.columns.items() if header == name and as_ != name]:
            raise BadInput(
                f"features.extra: {name!r} is read as {canonical[0]}; name that in features.columns"
            )
    for column in wanted:
        if column in table.numeric and column not in known:
            raise BadInput(
                f"features.columns: {column!r} is a further column of {table.path}, not one of the statistics; add "
                f"features.extra=[{column}]"
            )
        if column not in known:
            raise BadInput(
                f"features.columns: {table.path} has no column {column!r}{nearest(column, known)} "
                f"(it has {', '.join(known)})"
            )
    return wanted


def allowed(columns: list[str], audit: Audit, policy: str, drop: bool) -> list[str]:
    """The features that may be trained on, by ``leak.policy`` or because ``features=honest`` drops what leaks.

    Raises
    ------
    BadInput
        a label source under ``fail``, nothing left after dropping
    """
    found = audit.of(columns)
    if found.sources and policy == "fail" and not drop:
        raise BadInput(
            f"leak.policy=fail: {', '.join(found.sources)} among the features: {verdict(found)} Use features=honest"
        )
    if not drop and policy != "drop":
        return columns
    left = [column for column in columns if column not in found.withheld]
    if not left:
        raise BadInput(
            f"features: all of {', '.join(columns)} give the label away and nothing is left to train on; "
            "use another target or leak.policy=warn"
        )
    return left
